"""Which earlier day a delayed feed brings, and on which later day a lost one's papers came."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("brings", sa.Date(), nullable=True))
    op.add_column("feed_days", sa.Column("came_on", sa.Date(), nullable=True))
