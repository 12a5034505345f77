"""The rows of collections elsewhere: the only code that writes what we added there, and who brings them in step."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, or_, select, update

from bot.domain.errors import TransientError
from bot.domain.waiting import LONGEST_LEASE
from bot.store.collection_tables import CollectionItem, CollectionState, ItemState
from bot.store.database import Database
from bot.store.waiting import is_over

LEASE: Final = timedelta(minutes=15)
"""Longer than one paper takes, with all tries and pauses; it is renewed before each request."""


class CollectionBusyError(TransientError):
    """Another process brings the collection in step."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a channel has added to one collection, ``key``; each change is a short transaction of its own."""

    database: Database
    channel: str
    key: str
    clock: Callable[[], datetime]

    def items(self) -> Mapping[str, CollectionItem]:
        """Return what was added, or begun to be, by arXiv id."""
        query = select(CollectionItem).where(CollectionItem.channel == self.channel, CollectionItem.key == self.key)
        with self.database.reading() as session:
            return {row.arxiv_id: row for row in session.exec(query)}

    def put(self, arxiv_id: str, state: ItemState, *, item_id: str | None = None) -> None:
        """Store how far a paper has come; each time that the other side was told of it is counted."""
        with self.database.transaction() as session:
            row = session.get(CollectionItem, (self.channel, self.key, arxiv_id)) or CollectionItem(
                channel=self.channel, key=self.key, arxiv_id=arxiv_id, state=state, tried_at=self.clock()
            )
            row.state, row.item_id, row.tried_at = state, item_id or row.item_id, self.clock()
            row.tries += state is ItemState.INDEXED
            session.add(row)

    def drop(self, arxiv_id: str, *, seen: ItemState) -> None:
        """Store that a paper in the collection is not ours, unless another process has changed its state since."""
        with self.database.transaction() as session:
            row = session.get(CollectionItem, (self.channel, self.key, arxiv_id))
            if row is not None and row.state is seen:
                session.delete(row)


@dataclass(frozen=True, slots=True)
class CollectionClaim:
    """The right of one process to bring a channel's collection in step: two at once would undo each other's work."""

    database: Database
    channel: str
    key: str
    clock: Callable[[], datetime]
    owner: str = field(default_factory=lambda: uuid.uuid4().hex)

    def take(self) -> None:
        """Take it; raise CollectionBusyError while another process has it."""
        now = self.clock()
        with self.database.transaction() as session:
            if session.get(CollectionState, (self.channel, self.key)) is None:
                session.add(CollectionState(channel=self.channel, key=self.key))
                session.flush()
            until = col(CollectionState.claimed_until)
            claimed = session.execute(
                update(CollectionState)
                .where(
                    col(CollectionState.channel) == self.channel,
                    col(CollectionState.key) == self.key,
                    or_(until.is_(None), is_over(until, now=now, longest=LONGEST_LEASE)),
                )
                .values(claimed_by=self.owner, claimed_until=now + LEASE)
                .returning(col(CollectionState.channel))
            )
            if claimed.first() is None:
                raise CollectionBusyError(
                    "another process brings this collection in step; try again in a few minutes"
                    f" (after {LEASE.total_seconds() / 60:.0f} if it was killed)"
                )

    def keep(self) -> None:
        """Have it for longer; raise CollectionBusyError where another process took it meanwhile."""
        self.change(lambda row: row)

    def give_back(self) -> None:
        """Let the next process have it; nothing happens where it was lost already."""

        def free(row: CollectionState) -> None:
            row.claimed_by = row.claimed_until = None

        try:
            self.change(free)
        except CollectionBusyError:
            return

    def change(self, edit: Callable[[CollectionState], object]) -> None:
        """Change the row while we have it, and have it for longer; raise CollectionBusyError once it was lost."""
        with self.database.transaction() as session:
            row = session.get_one(CollectionState, (self.channel, self.key))
            if row.claimed_by != self.owner:
                raise CollectionBusyError("another process took the collection over; it goes on there")
            row.claimed_until = self.clock() + LEASE
            edit(row)
            session.add(row)
