"""The document that went out with a thread, by its address."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("document", sa.Text(), nullable=True))
