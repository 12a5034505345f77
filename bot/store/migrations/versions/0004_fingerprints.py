"""Entries are known again by their words."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing but a column and its index: to alter the table otherwise would make SQLite copy it.
    op.add_column("announcements", sa.Column("fingerprint", sa.String(length=32), nullable=True))
    op.create_index(op.f("ix_announcements_fingerprint"), "announcements", ["fingerprint"], unique=False)
