"""The database: address, transactions and schema version.

One writer at a time, on SQLite (``BEGIN IMMEDIATE``) and on PostgreSQL (an advisory lock) alike, so that what is
read inside a writing transaction stays true until it commits. Never hold a transaction across a network call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from bot.store.database_address import display, parse
from bot.store.database_errors import DatabaseBusyError, DatabaseError, said_plainly
from bot.store.kept_in_place import keep_in_place

__all__ = ["SCHEMA_REVISION", "Database", "DatabaseBusyError", "DatabaseError"]

SCHEMA_REVISION: Final = "0030"
"""The migration that this code needs; a test keeps it equal to the newest one."""

_BUSY_SECONDS: Final = 30
_PATIENCE: Final = {
    "connect_timeout": 10,  # seconds
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds
}
"""A server that vanishes without a word is noticed within a minute, by libpq's parameters; TCP alone takes hours."""

_WRITER_LOCK: Final = 0x7069636B73  # "picks"
_PAGES: Final = ("auto_vacuum", "freelist_count", "page_count")
_INCREMENTAL: Final = 2
_GIVEN_BACK: Final = 2_000  # pages at once: others want to write, too
_VERSION: Final = text("SELECT version_num FROM alembic_version")


class Database:
    """One SQLite file or one PostgreSQL database."""

    def __init__(self, address: str, *, revision: str = SCHEMA_REVISION) -> None:
        """Name the database at an address, for code that needs the migration ``revision``."""
        self.url = parse(address)
        self._revision = revision
        self.display = display(self.url)
        """The address as it may be shown, without anything that may be secret."""
        is_file = self.url.get_backend_name() == "sqlite"
        self._file = Path(str(self.url.database)) if is_file else None
        self._engine = _engine(self.url)
        self._reading = self._engine.execution_options(reading=True)

    @property
    def file(self) -> Path | None:
        """Return the file that holds the database, None on PostgreSQL."""
        return self._file

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write; commit at the end, roll back when an exception leaves the block.

        Raises DatabaseBusyError when the lock could not be had within half a minute, or the server not reached, and
        DatabaseError for every other error of the database, also when another version has migrated it since: a
        migration takes the same lock, so what is true at the beginning of the block stays true to its end.
        """
        with (
            said_plainly(self.display),
            Session(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            self._require(session.connection().execute(_VERSION).scalar())
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reading; whatever is written in it is rolled back."""
        with said_plainly(self.display), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """Give a bare connection for reading, to which everything stays as it was at its first question."""
        # SQLite's readers see one moment by themselves.
        engine = self._reading if self._file else self._reading.execution_options(isolation_level="REPEATABLE READ")
        with said_plainly(self.display), engine.connect() as connection:
            yield connection

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a bare connection inside a writing transaction."""
        with said_plainly(self.display), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a bare connection inside a writing transaction in which tables may be rebuilt.

        SQLite alters a table by dropping the old one, and would take along the rows that point at it
        (https://www.sqlite.org/lang_altertable.html#otheralter). Raises DatabaseError when a row points at nothing.
        """
        with said_plainly(self.display), self._engine.connect() as connection:
            if self._file is None:
                with connection.begin():
                    yield connection
                return
            cursor = connection.connection.cursor()  # the switch works outside a transaction only
            cursor.execute("PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    self._require_whole(connection)
            finally:
                cursor.execute("PRAGMA foreign_keys=ON")
                cursor.close()

    def _require_whole(self, connection: Connection) -> None:
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if orphan is not None:
            raise DatabaseError(
                f"{self.display} was not migrated: a row of {orphan[0]} points at no row of {orphan[2]}; "
                "put a backup in its place"
            )

    def schema_revision(self) -> str | None:
        """Return the migration that the database stands at, None when it has none of our tables."""
        if self._file is not None and not self._is_there(self._file):
            return None  # looking must not make the file
        with said_plainly(self.display), self._reading.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.execute(_VERSION).scalar()
            return revision

    def _is_there(self, file: Path) -> bool:
        try:
            return file.exists()
        except OSError as error:
            raise DatabaseError(
                f"cannot look for {self.display}: {error.strerror}; check DATABASE_URL and the folder's permissions"
            ) from error

    def require_unicode(self) -> None:
        """Raise DatabaseError, naming the way out, when the database cannot hold the papers' texts.

        SQLite's always can.
        """
        if self._file is not None:
            return
        with said_plainly(self.display), self._reading.connect() as connection:
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
        if encoding != "UTF8":
            raise DatabaseError(
                f"{self.display} has the encoding {encoding}, and papers need UTF8; make another database with "
                "createdb --encoding=UTF8 --template=template0 NAME, name it in DATABASE_URL and run picks db upgrade "
                "(pg_dump --encoding=UTF8 moves what is stored already)"
            )

    @property
    def missing_folder(self) -> Path | None:
        """Return the folder that ``make_folder`` would make, None where nothing is missing."""
        if self._file is None or self._is_there(self._file.parent):
            return None
        return self._file.parent.absolute()

    def make_folder(self) -> None:
        """Make the folder of a SQLite file; raise DatabaseError when that is not possible."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(
                f"cannot make the folder {self._file.parent}: {error.strerror}; check DATABASE_URL or PICKS_DATA"
            ) from error

    def require_schema(self) -> None:
        """Raise DatabaseError, naming the command that mends it, unless the schema is the one this version needs."""
        self._require(self.schema_revision())

    def _require(self, revision: str | None) -> None:
        if revision == self._revision:
            return
        if revision is None:
            raise DatabaseError(f"the database {self.display} is not set up yet; run: picks db upgrade")
        if is_newer(revision, than=self._revision):
            raise DatabaseError(
                f"the database {self.display} is at version {revision}, newer than this program knows "
                f"({self._revision}); update daily-picks"
            )
        raise DatabaseError(
            f"the database {self.display} is at version {revision}, this program needs {self._revision}; "
            "run: picks db upgrade"
        )

    def give_back(self) -> None:
        """Let a SQLite file become smaller where much of it is free, a part of it at a time.

        Only a file that was made so can: an older one has to be rebuilt once, with VACUUM.
        """
        if self._file is None:
            return
        with self.connection() as connection:
            mode, free, used = (int(connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()) for name in _PAGES)
            if mode != _INCREMENTAL or free <= used // 20:
                return
            for _ in range(min(free, _GIVEN_BACK)):  # the driver makes one step of a statement without rows: one page
                connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def is_newer(revision: str, *, than: str = SCHEMA_REVISION) -> bool:
    """Say whether a version is one that a later version of this program has made; other programs have other names."""
    return len(revision) == len(than) and revision.isdecimal() and revision > than


def _engine(url: URL) -> Engine:
    """Return an engine; raise DatabaseError when the address has something that the library cannot use."""
    try:
        return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)
    except (ArgumentError, ValueError, TypeError):
        # Not quoted: the words hold parts of the address.
        raise DatabaseError(
            "DATABASE_URL has a host, a port or a parameter that cannot be used; check what stands behind // and ?"
        ) from None


def _sqlite_engine(url: URL) -> Engine:
    """Return an engine whose writing transactions begin as writers: two that begin as readers would both fail."""
    patience = {} if "timeout" in url.query else {"timeout": _BUSY_SECONDS}  # arguments would win over the address
    engine = create_engine(url, connect_args=patience, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred: two writers would both fail
        cursor = connection.cursor()
        # Only a new file can be made so that it gives room back; on another the pragma would wait for a writer.
        is_new = not cursor.execute("PRAGMA page_count").fetchone()[0]
        room = ("auto_vacuum=INCREMENTAL",) if is_new else ()
        for pragma in (*room, "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    keep_in_place(engine, Path(str(url.database)), display=display(url))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        kind: Literal["BEGIN", "BEGIN IMMEDIATE"] = "BEGIN" if reading else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(kind)

    return engine


def _postgres_engine(url: URL) -> Engine:
    patience = {name: value for name, value in _PATIENCE.items() if name not in url.query}  # as for SQLite
    # An environment that asks for another encoding would have texts come back as bytes.
    arguments = {**patience, "client_encoding": "utf8"}
    engine = create_engine(url, pool_pre_ping=True, connect_args=arguments, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            return
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine
