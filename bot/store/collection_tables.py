"""The table of what we added to collections elsewhere: everything else in them is somebody else's.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column
from sqlmodel import Field

from bot.store.base import Table, enum_of


class ItemState(StrEnum):
    """How far a paper has come into a collection.

    ``ADDING`` was stored before the request, so an item that is there after a lost answer is known for ours.
    ``UNKNOWN`` is a paper that the other side did not know, ``INDEXED`` one that it was asked to get to know.
    """

    ADDING = "adding"
    ADDED = "added"
    UNKNOWN = "unknown"
    INDEXED = "indexed"


class CollectionItem(Table, table=True):
    """A paper that we added to a collection, or are about to add.

    ``collection`` is what a collection keeps whatever it is called: the 24 digits at the end of its slug. ``item_id``
    is what the other side calls the item.
    """

    __tablename__ = "collection_items"

    channel: str = Field(primary_key=True, max_length=40)
    collection: str = Field(primary_key=True, max_length=24)
    arxiv_id: str = Field(primary_key=True, max_length=32)
    state: ItemState = Field(sa_column=Column(enum_of(ItemState), nullable=False))
    item_id: str | None = Field(default=None, max_length=24)
    tried_at: datetime
