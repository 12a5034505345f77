"""The sentence by which a paper is, or may be, withdrawn; the entries of a feed that could not be read."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("papers", sa.Column("notice", sa.Text(), nullable=True))
    op.add_column("paper_texts", sa.Column("notice", sa.Text(), nullable=True))
    op.add_column("batches", sa.Column("odd", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
