"""A single post in place of a thread, and accounts that rest."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "account", name=op.f("pk_accounts")),
    )
    # Not in a batch: SQLite would rebuild the table, and forget that its numbers are never given again.
    op.add_column("deliveries", sa.Column("single", sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table("posts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("single", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint("uq_posts_delivery_id_position", type_="unique")
        batch_op.create_unique_constraint("uq_posts_delivery_id_single_position", ["delivery_id", "single", "position"])
