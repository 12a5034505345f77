"""Numbers beside the words of repairs and trainings; entries are no longer known again by fingerprints."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What the version before wrote into its rows, and read again.
_FOUND = re.compile(r"(\d+) found in the API")
_ASKED = re.compile(r"the API knows no papers of that day yet, asked (\d+) of \d+ times")
_NO_LIBRARY = "learning needs scikit-learn, which is not installed: pip install scikit-learn"


def upgrade() -> None:
    # In a batch: only newer SQLite can drop a column, and nothing points at this table.
    with op.batch_alter_table("announcements", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_announcements_fingerprint"))
        batch_op.drop_column("fingerprint")
    # Only added, as in the migrations before this one.
    op.add_column("feed_days", sa.Column("found", sa.Integer(), nullable=True))
    op.add_column("feed_days", sa.Column("asked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("lessons", sa.Column("library_missing", sa.Boolean(), nullable=False, server_default=sa.false()))
    _read_repairs()
    _read_trainings()


def _read_repairs() -> None:
    """Take over how many papers the API knew of a day, and how often it knew none."""
    days = sa.table("feed_days", *(sa.column(name) for name in ("feed", "day", "repaired", "error", "found", "asked")))
    connection = op.get_bind()
    told = sa.or_(days.c.repaired.is_not(None), days.c.error.is_not(None))
    for row in connection.execute(sa.select(days).where(told)).all():
        found, asked = _FOUND.match(row.repaired or ""), _ASKED.match(row.error or "")
        known = days.update().where(days.c.feed == row.feed, days.c.day == row.day)
        connection.execute(known.values(found=int(found[1]) if found else None, asked=int(asked[1]) if asked else 0))


def _read_trainings() -> None:
    """Take over which trainings failed because their library was missing."""
    lessons = sa.table("lessons", sa.column("error"), sa.column("library_missing", sa.Boolean()))
    op.execute(lessons.update().where(lessons.c.error == _NO_LIBRARY).values(library_missing=sa.true()))
