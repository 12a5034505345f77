"""Health of feeds, texts of papers, repair."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ORIGIN = sa.Enum("feed", "api", name="origin", native_enum=False, length=32)


def upgrade() -> None:
    op.create_table(
        "paper_texts",
        sa.Column("arxiv_id", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_day", sa.Date(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("license", sa.Text(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["arxiv_id"], ["papers.arxiv_id"], name=op.f("fk_paper_texts_arxiv_id_papers")),
        sa.PrimaryKeyConstraint("arxiv_id", "digest", name=op.f("pk_paper_texts")),
    )
    op.create_table(
        "feed_bodies",
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name=op.f("fk_feed_bodies_batch_id_batches"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_feed_bodies")),
    )
    with op.batch_alter_table("feed_bodies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_bodies_batch_id"), ["batch_id"], unique=False)
    op.create_table(
        "feed_days",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("health", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("repaired", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("feed", "day", name=op.f("pk_feed_days")),
    )
    with op.batch_alter_table("feed_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feed_days_next_try_at"), ["next_try_at"], unique=False)
    op.create_table(
        "turns",
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("free_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("service", name=op.f("pk_turns")),
    )
    # Columns are only added, with a default for the rows that are there: anything more would make SQLite copy the table
    # and drop the old one, and with it, by their foreign keys, all rows that belong to it.
    op.add_column("batches", sa.Column("reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("batches", sa.Column("origin", _ORIGIN, nullable=False, server_default="feed"))
    op.add_column("batches", sa.Column("cut_off", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("batches", sa.Column("highest", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=True))
    op.add_column("papers", sa.Column("backfilled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("papers", sa.Column("withdrawn", sa.Boolean(), nullable=False, server_default=sa.false()))
    _remember_days()


def _remember_days() -> None:
    """Take over what is known of each feed and day, and the highest numbers; new batches are compared with them."""
    op.execute(
        "UPDATE batches SET highest = (SELECT max(a.arxiv_id) FROM announcements a WHERE a.batch_id = batches.id"
        " AND a.type = 'new' AND a.version = 1 AND a.arxiv_id NOT LIKE '%/%')"
    )
    op.execute(
        "INSERT INTO feed_days (feed, day, health, reason, tries)"
        " SELECT feed, day,"
        " CASE min(CASE health WHEN 'fresh' THEN 0 WHEN 'truncated' THEN 1 WHEN 'quiet' THEN 2 ELSE 3 END)"
        " WHEN 0 THEN 'fresh' WHEN 1 THEN 'truncated' WHEN 2 THEN 'quiet' ELSE 'empty' END,"
        " '', 0 FROM batches GROUP BY feed, day"
    )
