"""Who wrote the note and who each link of a pick: not the same person always."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_KINDS = {"note": "note", "thread": "thread_url", "code": "code_url"}


def upgrade() -> None:
    op.add_column("picks", sa.Column("writers", sa.JSON(), nullable=False, server_default="{}"))
    _take_over()
    op.drop_column("picks", "written_by")
    op.drop_column("picks", "written_at")


def _take_over() -> None:
    """Take everything that stands in a pick for the words of the person who was known to have changed it last."""
    names = ("id", "written_by", *_KINDS.values())
    writers = sa.column("writers", sa.JSON())
    at = sa.column("written_at", sqlmodel.sql.sqltypes.UTCDateTime())
    picks = sa.table("picks", writers, at, *(sa.column(name) for name in names))
    known = sa.select(picks).where(picks.c.written_by.is_not(None), picks.c.written_at.is_not(None))
    for row in op.get_bind().execute(known).all():
        writer = {"by": row.written_by, "at": row.written_at.isoformat()}
        found = {kind: writer for kind, column in _KINDS.items() if getattr(row, column)}
        op.execute(picks.update().where(picks.c.id == row.id).values(writers=found))
