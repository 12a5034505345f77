"""Pictures of picks, and collections elsewhere."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.create_table(
        "pictures",
        sa.Column("pick_id", sa.Integer(), nullable=False),
        sa.Column("cid", sa.String(length=100), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", moment, nullable=False),
        sa.Column("brought_to", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pick_id"], ["picks.id"], name=op.f("fk_pictures_pick_id_picks"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pick_id", name=op.f("pk_pictures")),
    )
    op.add_column("deliveries", sa.Column("unpictured", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("known_picks", sa.Column("published_at", moment, nullable=True))
    op.add_column("known_picks", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "collection_items",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("arxiv_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("item_id", sa.String(length=24), nullable=True),
        sa.Column("tried_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "key", "arxiv_id", name=op.f("pk_collection_items")),
    )
    op.create_table(
        "collections",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pushed_at", moment, nullable=True),
        sa.Column("next_try_at", moment, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_collections")),
    )
