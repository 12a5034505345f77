"""The table of corrections: what was approved in place of a note that is out.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import JSON, Column, LargeBinary, Text
from sqlmodel import Field

from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.json import Json
from bot.store.base import Table, enum_of, owner, partial_index


class Correction(Table, table=True):
    """A correction of a pick that is out, from its approval on; a pick has one open one at most.

    ``threads`` are the exact posts that were approved, by platform: what of them is not in the outbox yet. ``before``
    is the note that it replaces. ``published_at`` is when the pick was first out; ``started_at`` when the correction
    began. ``picture`` is the card that was approved with threads that are posted anew. ``next_try_at``, ``tries`` and
    ``error`` are of taking the threads down.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        partial_index("uq_corrections_open", "pick_id", where="state IN ('planned', 'underway')", unique=True),
    )

    id: int = Field(default=None, primary_key=True)
    pick_id: int = Field(sa_column=owner("picks.id"))
    form: CorrectionForm = Field(sa_column=Column(enum_of(CorrectionForm), nullable=False))
    state: CorrectionState = Field(sa_column=Column(enum_of(CorrectionState), nullable=False))
    before: str = Field(sa_type=Text)
    note: str = Field(sa_type=Text)
    picture: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    threads: Json = Field(sa_column=Column(JSON, nullable=False))
    by: str = Field(max_length=100)
    at: datetime
    due_at: datetime = Field(index=True)
    published_at: datetime
    started_at: datetime | None = None
    next_try_at: datetime | None = None
    tries: int = 0
    error: str | None = Field(default=None, sa_type=Text)
