"""The table of what we added to collections elsewhere: everything else in them is somebody else's.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Text
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


class CollectionState(Table, table=True):
    """How a collection elsewhere stands for a channel.

    ``digest`` is that of the picks that were pushed whole at ``pushed_at``. After a failure the worker pushes nothing
    before ``next_try_at``: it failed ``failures`` times in a row, with ``error``; ``needs_person`` says that time does
    not mend it. Until ``claimed_until`` the process ``claimed_by`` brings it in step, and nobody else.
    """

    __tablename__ = "collections"

    channel: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=24)
    digest: str = Field(default="", max_length=64)
    pushed_at: datetime | None = None
    next_try_at: datetime | None = None
    failures: int = 0
    error: str | None = Field(default=None, sa_type=Text)
    needs_person: bool = False
    claimed_by: str | None = Field(default=None, max_length=32)
    claimed_until: datetime | None = None


class CollectionItem(Table, table=True):
    """A paper that we added to a collection, or are about to add.

    ``key`` is what a collection keeps whatever it is called: the 24 digits at the end of its slug. ``item_id``
    is what the other side calls the item. ``tries`` counts how often the other side was told of the paper.
    """

    __tablename__ = "collection_items"

    channel: str = Field(primary_key=True, max_length=40)
    key: str = Field(primary_key=True, max_length=24)
    arxiv_id: str = Field(primary_key=True, max_length=32)
    state: ItemState = Field(sa_column=Column(enum_of(ItemState), nullable=False))
    item_id: str | None = Field(default=None, max_length=24)
    tried_at: datetime
    tries: int = 0
