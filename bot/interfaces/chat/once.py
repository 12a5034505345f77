"""A database whose first commit also stores that a step of an event is done: a decision and its mark are one.

Verbs open their transactions themselves. The mark is set before anything else in the first of them, so that whoever
comes second, or again after a crash, decides nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlmodel import Session

from bot.store.database import Database


class MarkingDatabase(Database):
    """The same database; ``mark`` runs in its first transaction, and ``marked`` says that this one was committed.

    What ``mark`` raises ends that transaction before the verb has done anything in it.
    """

    def __init__(self, database: Database, mark: Callable[[Session], None]) -> None:
        self.__dict__.update(database.__dict__)
        self._whole = database
        self._mark = mark
        self.marked = False

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write, as the database itself does."""
        with self._whole.transaction() as session:
            if not self.marked:
                self._mark(session)
                session.flush()
            yield session
        self.marked = True
