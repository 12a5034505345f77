"""The rows of collections elsewhere: the only code that writes what we added there, and how the pushing stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from bot.store.collection_tables import CollectionItem, ItemState
from bot.store.database import Database


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
        """Store how far a paper has come."""
        with self.database.transaction() as session:
            row = session.get(CollectionItem, (self.channel, self.key, arxiv_id)) or CollectionItem(
                channel=self.channel, key=self.key, arxiv_id=arxiv_id, state=state, tried_at=self.clock()
            )
            row.state, row.item_id, row.tried_at = state, item_id or row.item_id, self.clock()
            session.add(row)

    def drop(self, arxiv_id: str) -> None:
        """Store that a paper in the collection is not ours."""
        with self.database.transaction() as session:
            row = session.get(CollectionItem, (self.channel, self.key, arxiv_id))
            if row is not None:
                session.delete(row)
