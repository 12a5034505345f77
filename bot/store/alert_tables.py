"""The table of what is wrong and was told: one row as long as it lasts.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from bot.store.base import Table


class Alert(Table, table=True):
    """Something that is wrong, from when it was first seen until it is over.

    ``place`` says whose it is to see it: a channel, a machine, or, where it is empty, everybody's. ``seen_at`` is when
    it was seen last, ``told_at`` when its beginning was told.
    """

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: int = Field(default=None, primary_key=True)
    kind: str = Field(max_length=40)
    subject: str = Field(sa_type=Text)
    place: str = Field(sa_type=Text)
    began_at: datetime
    seen_at: datetime
    told_at: datetime | None = None
