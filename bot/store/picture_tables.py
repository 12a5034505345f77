"""The table of pictures: the drawn card of each approved pick, byte for byte.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, Text
from sqlmodel import Field

from bot.store.base import Table


class PictureRow(Table, table=True):
    """The picture that was approved with a pick; ``cid`` is its content id, by which the frozen posts name it.

    ``brought_to`` is the lasting id of the account that has it on its server, as far as known: servers forget pictures
    that no post shows.
    """

    __tablename__ = "pictures"

    pick_id: int = Field(sa_column=Column(Integer, ForeignKey("picks.id", ondelete="CASCADE"), primary_key=True))
    cid: str = Field(max_length=100)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    drawn_at: datetime
    brought_to: str | None = Field(default=None, sa_type=Text)
