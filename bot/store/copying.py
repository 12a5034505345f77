"""A whole database copied into an empty one: what a backup, a restore and a move have in common.

Every table is read at one moment, row by row in bounded memory, and counted on both sides. A backup is a SQLite file,
whatever the database is, so one file can be restored into either kind.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import Connection, Table, func, insert, inspect, select, text, update
from sqlmodel import col

from bot.store.database import Database, DatabaseError
from bot.store.new_files import give_name, taking_turns
from bot.store.schema import upgrade
from bot.store.search_index import read_all_odd
from bot.store.tables import METADATA
from bot.store.worker_tables import Heartbeat

_ROWS: Final = 1000

Say = Callable[[str], None]


def back_up(database: Database, file: Path, *, say: Say) -> int:
    """Write a consistent copy of a database that others may be writing to; return how many rows it has.

    The file gets its name when it is whole, and only its owner may read it. Raises DatabaseError when it exists already
    or cannot be written.
    """
    _refuse(file)
    with _part(file) as part:
        copy = Database(f"sqlite:///{part.absolute()}")
        try:
            upgrade(copy)
            rows = copy_rows(database, copy, say=say)
        finally:
            copy.close()
        with _file_errors(file):
            give_name(part, file)
    return rows


def restore(file: Path, database: Database, *, say: Say) -> int:
    """Fill an empty database from a backup, made by this version or an older one; return how many rows it has.

    Raises DatabaseError when the file is no backup, or the database holds anything already.
    """
    with _opened(file) as given, _working_copy(given, file) as copied:
        backup = Database(f"sqlite:///{copied}")
        try:
            _require_backup(backup, file)
            upgrade(backup)
            rows = copy_into(database, backup, say=say)
        finally:
            backup.close()
    _end_workers(database)
    return rows


def _end_workers(restored: Database) -> None:
    """Take the workers of the time of the backup for ended: they beat for another database, and are not silent."""
    with restored.connection() as connection:
        lived = update(Heartbeat).where(col(Heartbeat.stopped_at).is_(None))
        connection.execute(lived.values(stopped_at=Heartbeat.beat_at))


def copy_into(target: Database, source: Database, *, say: Say) -> int:
    """Make an empty database and copy every row of another one into it; return how many there are.

    Raises DatabaseError when the target holds anything; it is not even migrated then.
    """
    source.require_schema()
    if target.schema_revision() is not None:
        with target.snapshot() as connection:
            _require_empty(target, connection)
    upgrade(target, say=say)
    return copy_rows(source, target, say=say)


def _require_backup(backup: Database, file: Path) -> None:
    """Raise DatabaseError, naming the file that was given, when the copy of it is no whole backup."""
    try:
        with backup.connection() as connection:
            whole = connection.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
        known = whole and backup.schema_revision() is not None
    except DatabaseError:
        known = False
    if not known:
        raise DatabaseError(f"{file} is no backup of daily-picks, or not the whole of one; name a file of picks backup")


def copy_rows(source: Database, target: Database, *, say: Say) -> int:
    """Copy every row into a database of the same version that has none; return how many there are.

    Raises DatabaseError when the target holds anything, or when a table's count differs afterwards.
    """
    source.require_schema()
    target.require_schema()
    total = 0
    with source.snapshot() as reading, target.connection() as writing:
        _require_empty(target, writing)
        for table in METADATA.sorted_tables:
            say(f"copying {table.name}")
            total += _copy_table(table, reading, writing)
        _set_sequences(target, writing)
    read_all_odd(target, say=say)
    return total


def _copy_table(table: Table, reading: Connection, writing: Connection) -> int:
    rows = reading.execution_options(yield_per=_ROWS).execute(select(table).order_by(*table.primary_key))
    for part in rows.mappings().partitions(_ROWS):
        writing.execute(insert(table), [dict(row) for row in part])
    there, here = (_count(table, connection) for connection in (reading, writing))
    if there != here:
        raise DatabaseError(f"{table.name} has {there} rows, the copy {here}: the copy is not whole, do not use it")
    return here


def _require_empty(target: Database, connection: Connection) -> None:
    there = set(inspect(connection).get_table_names())  # one of an older version lacks some
    full = [table.name for table in METADATA.sorted_tables if table.name in there and _count(table, connection)]
    if full:
        raise DatabaseError(
            f"{target.display} is not empty: it has rows in {', '.join(full[:3])}; nothing is overwritten, "
            "name a new database"
        )


def _set_sequences(target: Database, connection: Connection) -> None:
    """Let PostgreSQL number new rows after those that were copied; SQLite does so by itself."""
    if target.url.get_backend_name() == "sqlite":
        return
    for table in METADATA.sorted_tables:
        for column in table.columns:
            sequence = connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar()
            if sequence:
                highest = connection.execute(select(func.max(column))).scalar()
                connection.execute(
                    text("SELECT setval(:sequence, :value, :used)"),
                    {"sequence": sequence, "value": highest or 1, "used": highest is not None},
                )


def _count(table: Table, connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _refuse(file: Path) -> None:
    if os.path.lexists(file):
        raise DatabaseError(f"{file} exists already; nothing is overwritten, name another file")


def _opened(file: Path) -> BinaryIO:
    """Open a backup for reading; raise DatabaseError when there is none, or it may not be read."""
    try:
        return file.open("rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise DatabaseError(f"there is no file {file}; name a backup that picks backup has made") from None
    except OSError as error:
        raise DatabaseError(f"cannot read {file}: {error.strerror}; let this user read it") from error


@contextmanager
def _working_copy(given: BinaryIO, file: Path) -> Iterator[Path]:
    """Give a copy of a backup, to be migrated in the backup's place; it is gone afterwards.

    It may be a database that was laid aside after its worker was killed: its last changes stand in a file beside it.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="picks-restore-"))
            copied = Path(folder) / "backup.db"
            with copied.open("wb") as target:
                shutil.copyfileobj(given, target)
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{file}-wal", f"{copied}-wal")
        except OSError as error:
            raise DatabaseError(
                f"cannot copy the backup to {tempfile.gettempdir()}: {error.strerror}; name a folder with room for it "
                "in TMPDIR"
            ) from error
        yield copied


@contextmanager
def _part(file: Path) -> Iterator[Path]:
    """Give an empty file beside the one that is meant, readable by its owner alone; it is gone afterwards.

    Whoever makes the same file at the same time waits: two would write into each other's part.
    """
    part = file.with_name(f"{file.name}.part")
    pieces = [part, *(Path(f"{part}{ending}") for ending in ("-wal", "-shm"))]
    with ExitStack() as stack:
        with _file_errors(file):
            stack.enter_context(taking_turns(file.parent))
            _refuse(file)
            for left in pieces:  # by a run that was killed
                left.unlink(missing_ok=True)
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        for piece in pieces:
            stack.callback(piece.unlink, missing_ok=True)
        yield part


@contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatabaseError(f"cannot write {file}: {error.strerror}; {_way_out(error)}") from error


def _way_out(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "make room, or name a file on another disk"
    return "name a file in a folder of yours"
