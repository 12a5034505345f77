"""Who brings a collection in step, and how often the other side was told of a paper."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("collection_items", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    rows = op.get_bind().execute(sa.text("SELECT * FROM collections")).mappings().all()
    op.drop_table("collections")  # its key grows by a column, which SQLite cannot alter
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    collections = op.create_table(
        "collections",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("pushed_at", moment, nullable=True),
        sa.Column("next_try_at", moment, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("needs_person", sa.Boolean(), nullable=False),
        sa.Column("claimed_by", sa.String(length=32), nullable=True),
        sa.Column("claimed_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("channel", "key", name=op.f("pk_collections")),
    )
    if rows:
        kept = ("channel", "key", "digest", "failures", "error", "needs_person")
        # The times are left out: the next look at the collection finds them anew.
        op.bulk_insert(collections, [{name: row[name] for name in kept} for row in rows])
