"""The database: address, transactions and schema version.

One writer at a time, on SQLite (``BEGIN IMMEDIATE``) and on PostgreSQL (an advisory lock) alike, so that what is
read inside a writing transaction stays true until it commits. Never hold a transaction across a network call.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import DatabaseError as DriverError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlmodel import Session

from bot.domain.errors import PicksError, TransientError

SCHEMA_REVISION: Final = "0015"
"""The migration that this code needs; a test keeps it equal to the newest one."""

_BUSY_SECONDS: Final = 30
_WRITER_LOCK: Final = 0x7069636B73  # "picks"


class DatabaseError(PicksError):
    """The database address is wrong, or its schema is not the one this version needs."""


class DatabaseBusyError(TransientError):
    """The database cannot be reached or another writer holds it for too long."""

    def __init__(self, message: str) -> None:
        super().__init__(message, of_account=False)


class Database:
    """One SQLite file or one PostgreSQL database."""

    def __init__(self, address: str) -> None:
        self.url = _parse(address)
        is_file = self.url.get_backend_name() == "sqlite"
        self._file = Path(str(self.url.database)) if is_file else None
        if self.url.get_backend_name() == "sqlite":
            self._engine = _sqlite_engine(self.url)
        else:
            self._engine = _postgres_engine(self.url)
        self._reading = self._engine.execution_options(reading=True)

    @property
    def display(self) -> str:
        """Return the address without anything that may be secret: a query may hold a password too."""
        kind, url = self.url.get_backend_name(), self.url
        if kind == "sqlite":
            return f"sqlite:///{url.database}"
        place = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}"
        return f"{kind}://{place}/{url.database or ''}"

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write; commit at the end, roll back when an exception leaves the block.

        Raises DatabaseBusyError when the lock could not be had within half a minute, or the server not reached.
        """
        with (
            _said_plainly(self.display),
            Session(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reading; whatever is written in it is rolled back."""
        with _said_plainly(self.display), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Give a bare connection inside a writing transaction."""
        with _said_plainly(self.display), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Give a bare connection inside a writing transaction in which tables may be rebuilt.

        SQLite alters a table by dropping the old one, and would take along the rows that point at it
        (https://www.sqlite.org/lang_altertable.html#otheralter). Raises DatabaseError when a row points at nothing.
        """
        with _said_plainly(self.display), self._engine.connect() as connection:
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
        if self._file is not None and not self._file.exists():
            return None  # looking must not make the file
        with _said_plainly(self.display), self._reading.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            return revision

    def make_folder(self) -> None:
        """Make the folder of a SQLite file; raise DatabaseError when that is not possible."""
        if self._file is None:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(f"cannot make the folder {self._file.parent}: {error.strerror}") from error

    def require_schema(self) -> None:
        """Raise DatabaseError, naming the command that mends it, unless the schema is the one this version needs."""
        revision = self.schema_revision()
        if revision == SCHEMA_REVISION:
            return
        if revision is None:
            raise DatabaseError(f"the database {self.display} is not set up yet; run: picks db upgrade")
        if revision > SCHEMA_REVISION:
            raise DatabaseError(
                f"the database {self.display} is at version {revision}, newer than this program knows "
                f"({SCHEMA_REVISION}); update daily-picks"
            )
        raise DatabaseError(
            f"the database {self.display} is at version {revision}, this program needs {SCHEMA_REVISION}; "
            "run: picks db upgrade"
        )

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()


def _parse(address: str) -> URL:
    """Return the address with the driver that we use; raise DatabaseError when it is none of ours."""
    try:
        url = make_url(address)
    except ArgumentError:
        # Not chained and not quoted: the address may hold a password.
        raise DatabaseError(
            "DATABASE_URL is not a database address, such as sqlite:///picks.db or postgresql://user@host/name"
        ) from None
    match url.get_backend_name():
        case "postgres" | "postgresql":
            return url.set(drivername="postgresql+psycopg")
        case "sqlite":
            if not url.database or url.database == ":memory:":
                raise DatabaseError("DATABASE_URL names a database in memory, which ends with the command; name a file")
            return url.set(drivername="sqlite+pysqlite")
        case other:
            raise DatabaseError(f"DATABASE_URL names {other}; only sqlite and postgresql are supported")


@contextmanager
def _said_plainly(display: str) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseBusyError(
            f"the database {display} did not answer: {_reason(error)}; check it, its folder and its permissions"
        ) from error
    except DriverError as error:
        if type(error) is not DriverError:
            raise
        raise DatabaseError(f"{display} is not usable as a database: {_reason(error)}; check DATABASE_URL") from error


def _reason(error: DriverError) -> str:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__


def _sqlite_engine(url: URL) -> Engine:
    """Return an engine whose writing transactions begin as writers: two that begin as readers would both fail."""
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver's own BEGIN is deferred: two writers would both fail
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        kind: Literal["BEGIN", "BEGIN IMMEDIATE"] = "BEGIN" if reading else "BEGIN IMMEDIATE"
        connection.exec_driver_sql(kind)

    return engine


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10}, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get("reading", False):
            return
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER_LOCK})")

    return engine
