"""No connection outlives the SQLite file that it was opened for.

SQLite goes on writing to a file that was moved or removed, and nobody would notice before it is too late. So a
connection is left as soon as another file, or none, stands in the place; and a file that was there once is not made
anew, empty.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store.database_errors import DatabaseError

_NUMBER: Final = "file"


def keep_in_place(engine: Engine, file: Path, *, display: str) -> None:
    """Watch over the connections of an engine; connecting raises DatabaseError where the file was there and is gone."""
    was_there = False

    @event.listens_for(engine, "do_connect")
    def require(*_: object) -> None:
        if was_there and _number(file) is None:
            raise DatabaseError(
                f"the database {display} is not there any more: it was moved or removed meanwhile; put it back, or "
                "start again with another DATABASE_URL"
            )

    @event.listens_for(engine, "connect")
    def remember(_: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
        nonlocal was_there
        entry.info[_NUMBER], was_there = _number(file), True

    @event.listens_for(engine, "checkout")
    def compare(_: DBAPIConnection, entry: ConnectionPoolEntry, __: object) -> None:
        if entry.info.get(_NUMBER) != _number(file):
            raise DisconnectionError  # the pool opens another one


def _number(file: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other one, None where it is not there."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
