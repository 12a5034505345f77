"""Which resting accounts need a person, and which deliveries go out without their quote."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("needs_person", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("deliveries", sa.Column("unquoted", sa.Boolean(), nullable=False, server_default=sa.false()))
