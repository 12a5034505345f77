"""Up to which decision the training before the last one had learned."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lessons", sa.Column("previous_decision_id", sa.Integer(), nullable=False, server_default="0"))
