"""When a training last learned new decisions."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lessons", sa.Column("taught_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
