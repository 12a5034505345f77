"""Every error of either database is one line that names the database, the reason and the next step."""

import os
import resource
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.interfaces.heartbeat import beat
from bot.store.database import Database, DatabaseBusyError, DatabaseError
from bot.store.schema import upgrade
from harness_store import PostgresCluster
from samples import NOON

NOBODY = 65534
SQLSTATES = sorted(
    {
        kind.sqlstate
        for kind in vars(psycopg.errors).values()
        if isinstance(kind, type) and issubclass(kind, psycopg.Error) and kind.sqlstate
    }
)


def _line(error: Exception) -> str:
    said = str(error)
    assert "\n" not in said
    assert "; " in said, said
    assert "sqlalche.me" not in said
    return said


@contextmanager
def _refused(*words: str, passes: bool) -> Iterator[None]:
    with pytest.raises((DatabaseError, DatabaseBusyError)) as caught:
        yield
    said = _line(caught.value)
    assert [word for word in words if word not in said] == [], said
    assert isinstance(caught.value, DatabaseBusyError) is passes, said


def test_every_error_that_postgres_knows_is_one_line(kept_postgres_database: Database) -> None:
    assert len(SQLSTATES) > 200
    for state in SQLSTATES:
        with (
            pytest.raises((DatabaseError, DatabaseBusyError)) as caught,
            kept_postgres_database.connection() as connection,
        ):
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'no way' USING ERRCODE = '{state}'; END $$")
        assert f"{kept_postgres_database.display} " in _line(caught.value)
        assert ": no way; " in str(caught.value)


@pytest.mark.parametrize(
    ("state", "words", "passes"),
    [
        ("08006", "did not answer: no way; check DATABASE_URL", True),
        ("25006", "takes no changes: no way; name the server that does", True),
        ("25P03", "ended the connection: no way; try again", True),
        ("26000", "forgets prepared statements: no way; a pooler", False),
        ("28P01", "does not let us in: no way; check user and password", False),
        ("3D000", "is not there: no way; make it with createdb", False),
        ("40001", "others wrote at the same time: no way; try it again", True),
        ("40P01", "others wrote at the same time: no way; try it again", True),
        ("42501", "does not allow this: no way; let its owner run GRANT USAGE, CREATE ON SCHEMA public", False),
        ("42P01", "does not have the tables that this program made: no way; run picks db upgrade", False),
        ("42601", "did not accept this: no way; that is a fault of this program: please report it", False),
        ("53100", "has a full disk: no way; nothing was changed; make room", True),
        ("53200", "has too little room: no way; give it memory", True),
        ("53300", "takes no more connections: no way; close others", True),
        ("55P03", "is busy: no way; another process holds it", True),
        ("57014", "took longer than it may: no way; try again later", True),
        ("57P01", "ended the connection: no way; try again when it is up", True),
        ("58030", "is damaged or its disk fails: no way; put a backup in its place", False),
        ("XX001", "is damaged or its disk fails: no way; put a backup in its place", False),
    ],
)
def test_what_postgres_says_has_its_own_next_step(
    state: str, words: str, passes: bool, kept_postgres_database: Database
) -> None:
    with _refused(words, passes=passes), kept_postgres_database.connection() as connection:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'no way' USING ERRCODE = '{state}'; END $$")


@pytest.fixture
def kept_postgres_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return the PostgreSQL database of all tests."""
    with request.getfixturevalue("kept_postgres").lent() as database:
        yield database


@pytest.fixture
def own_postgres(postgres: PostgresCluster, migrated_template: str) -> Iterator[Database]:
    """Return a migrated PostgreSQL database of the test's own."""
    with closing(Database(postgres.create_database(template=migrated_template))) as database:
        yield database


def test_a_session_that_is_ended_from_outside(own_postgres: Database, postgres: PostgresCluster) -> None:
    with _refused("ended the connection", passes=True), own_postgres.transaction() as session:
        number = session.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar()
        postgres.run(f"SELECT pg_terminate_backend({number}, 5000)")
        session.connection().exec_driver_sql("SELECT 1")
    with own_postgres.reading() as session:
        assert session.connection().exec_driver_sql("SELECT 1").scalar() == 1


def test_a_session_that_is_ended_while_nothing_runs_is_made_anew(
    own_postgres: Database, postgres: PostgresCluster
) -> None:
    own_postgres.require_schema()
    name = own_postgres.url.database
    postgres.run(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'")
    own_postgres.require_schema()


def test_a_statement_that_takes_too_long(own_postgres: Database) -> None:
    with _refused("took longer than it may", "statement_timeout", passes=True), own_postgres.reading() as session:
        session.connection().exec_driver_sql("SET statement_timeout = '20ms'")
        session.connection().exec_driver_sql("SELECT pg_sleep(5)")


def test_a_writer_that_another_one_keeps_waiting(own_postgres: Database) -> None:
    with (
        own_postgres.connection(),
        _refused("is busy", "try again later", passes=True),
        own_postgres.reading() as session,
    ):
        session.connection().exec_driver_sql("SET lock_timeout = '20ms'")
        session.connection().exec_driver_sql(f"SELECT pg_advisory_xact_lock({0x7069636B73})")


def _write(session: Session, name: str) -> None:
    session.connection().exec_driver_sql(f"UPDATE feeds SET failures = failures + 1 WHERE feed = '{name}'")


def _prepare_feeds(database: Database) -> None:
    with database.connection() as connection:
        connection.execute(text("INSERT INTO feeds (feed, failures) VALUES ('one', 0), ('two', 0)"))


def test_two_who_wait_for_each_other(own_postgres: Database) -> None:
    _prepare_feeds(own_postgres)
    met = threading.Barrier(2, timeout=20)
    errors: list[Exception] = []

    def write(first: str, second: str) -> None:
        with suppress(threading.BrokenBarrierError):
            try:
                with own_postgres.reading() as session:
                    session.connection().exec_driver_sql("SET deadlock_timeout = '50ms'")
                    _write(session, first)
                    met.wait()
                    _write(session, second)
            except (DatabaseError, DatabaseBusyError) as error:
                errors.append(error)

    threads = [threading.Thread(target=write, args=names) for names in (("one", "two"), ("two", "one"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [error] = errors
    assert "others wrote at the same time: deadlock detected; try it again" in _line(error)


def test_a_change_that_another_one_has_overtaken(own_postgres: Database) -> None:
    _prepare_feeds(own_postgres)
    with _refused("others wrote at the same time", passes=True), own_postgres.reading() as session:
        session.connection().exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        session.connection().exec_driver_sql("SELECT * FROM feeds").all()
        with own_postgres.transaction() as other:
            _write(other, "one")
        _write(session, "one")


def test_a_word_that_the_database_cannot_store(own_postgres: Database) -> None:
    with (
        _refused("did not accept this", "NUL", "please report it", passes=False),
        own_postgres.transaction() as session,
    ):
        session.execute(text("INSERT INTO feeds (feed, failures) VALUES (:feed, 0)"), {"feed": "\0"})


def test_a_fault_of_ours_names_the_place(sqlite_database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"please report it, with the place bot\.interfaces\.heartbeat:\d+$"):
        beat(sqlite_database, "w", started_at=NOON, now=NOON.replace(tzinfo=None))


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_in_another_encoding_is_refused_with_the_way_out(encoding: str, postgres: PostgresCluster) -> None:
    more = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    with closing(Database(postgres.create_database(template="template0", more=more))) as database:
        with _refused(f"has the encoding {encoding}", "createdb --encoding=UTF8 --template=template0", passes=False):
            upgrade(database)
        with _refused("is not set up yet; run: picks db upgrade", passes=False):
            database.require_schema()


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_an_environment_in_another_encoding_changes_nothing(
    encoding: str, postgres: PostgresCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(Database(postgres.create_database())) as database:
        monkeypatch.setenv("PGCLIENTENCODING", encoding)
        upgrade(database)
        database.require_schema()


# SQLite


@pytest.fixture
def file(migrated_file: Path) -> Iterator[Path]:
    """Return a migrated file that everybody may read, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="picks-file-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        target = place / "picks.db"
        target.write_bytes(migrated_file.read_bytes())
        yield target
        place.chmod(0o755)


@contextmanager
def _ordinary_user() -> Iterator[None]:
    """Be somebody whom permissions hold back."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _use(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database:
        database.require_schema()
        with database.transaction() as session:
            session.connection().exec_driver_sql("INSERT INTO feeds (feed, failures) VALUES ('cs.CL', 0)")


@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o555, 0o444), (0o555, 0o644), (0o755, 0o444)])
def test_a_file_that_may_not_be_written(folder_mode: int, file_mode: int, file: Path) -> None:
    file.chmod(file_mode)
    file.parent.chmod(folder_mode)
    with _ordinary_user(), _refused(str(file), "write to", passes=False):
        _use(file)


def test_a_file_that_may_not_be_read(file: Path) -> None:
    file.chmod(0)
    with _ordinary_user(), _refused(str(file), "cannot be opened", "check DATABASE_URL", passes=False):
        _use(file)


def test_a_folder_that_may_not_be_looked_into(file: Path) -> None:
    file.parent.chmod(0)
    with _ordinary_user(), _refused(str(file), "Permission denied", "check DATABASE_URL", passes=False):
        _use(file)


def test_a_folder_that_cannot_be_made(file: Path) -> None:
    file.parent.chmod(0o555)
    for wanted in (file.parent / "deep" / "picks.db", file / "picks.db"):
        with (
            _ordinary_user(),
            _refused(str(wanted.parent), "check DATABASE_URL or PICKS_DATA", passes=False),
            closing(Database(f"sqlite:///{wanted}")) as database,
        ):
            upgrade(database)


def test_a_folder_in_place_of_a_file(file: Path) -> None:
    with _refused("cannot be opened", "it has to be a file", passes=False):
        _use(file.parent)


def test_a_name_that_is_too_long(file: Path) -> None:
    with _refused("cannot look for", "check DATABASE_URL", passes=False):
        _use(file.parent / ("x" * 300))


@pytest.mark.parametrize("content", [b"These are notes, and long enough for a page of a database. " * 20, b"x" * 5000])
def test_a_file_that_is_no_database(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    with _refused("is not usable as a database: file is not a database; check DATABASE_URL", passes=False):
        _use(file)


def test_an_empty_file_is_a_database_that_is_not_set_up(file: Path) -> None:
    file.write_bytes(b"")
    with _refused("is not set up yet; run: picks db upgrade", passes=False):
        _use(file)


def test_a_file_that_is_damaged(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 2000] = b"\xff" * 2000
    file.write_bytes(content)
    with _refused("is damaged or its disk fails", "put a backup in its place", passes=False):
        _use(file)


def test_a_file_that_is_cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:8192])
    with _refused("is damaged or its disk fails", "put a backup in its place", passes=False):
        _use(file)


def test_a_disk_that_is_full_is_not_taken_for_a_damaged_database(file: Path) -> None:
    """Even reading needs room: SQLite makes a small file beside the database."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with _refused("cannot be written to its disk: disk I/O error; nothing was changed; make room", passes=True):
            _use(file)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_file_that_another_one_holds(file: Path) -> None:
    with ExitStack() as stack:
        database = stack.enter_context(closing(Database(f"sqlite:///{file}")))
        other = stack.enter_context(closing(sqlite3.connect(file, isolation_level=None)))
        with database.reading() as session:  # the pool gives the same connection again
            session.connection().exec_driver_sql("PRAGMA busy_timeout = 20")
        other.execute("BEGIN IMMEDIATE")
        with _refused("is busy: database is locked; another process holds it", passes=True), database.connection():
            pass


def test_a_disk_that_is_full(file: Path) -> None:
    with (
        closing(Database(f"sqlite:///{file}")) as database,
        _refused("has no room left on its disk: database or disk is full; nothing was changed", passes=True),
        database.transaction() as session,
    ):
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        session.connection().exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000)")


@pytest.mark.parametrize("statement", ["DROP TABLE feeds", "ALTER TABLE feeds DROP COLUMN failures"])
def test_tables_that_are_not_ours(statement: str, database_address: str) -> None:
    with closing(Database(database_address)) as database:
        upgrade(database)
        with database.connection() as connection:
            connection.exec_driver_sql(statement)
        words = ("does not have the tables that this program made", "run picks db upgrade")
        with _refused(*words, passes=False), database.transaction() as session:
            session.connection().exec_driver_sql("INSERT INTO feeds (feed, failures) VALUES ('cs.CL', 0)")


def test_tables_of_another_program(database_address: str) -> None:
    with closing(Database(database_address)) as database:
        with database.connection() as connection:
            connection.exec_driver_sql("CREATE TABLE papers (id INTEGER PRIMARY KEY)")
        with _refused("does not have the tables that this program made", "name an empty database", passes=False):
            upgrade(database)


@pytest.mark.parametrize("version", ["0000", "00ff", "1a2b3c4d5e6f", ""])
def test_a_version_of_another_program(version: str, database_address: str) -> None:
    with closing(Database(database_address)) as database:
        with database.connection() as connection:
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")
        with _refused("which is none of this program's; name a database of its own", passes=False):
            upgrade(database)
        with _refused("run: picks db upgrade", passes=False):
            database.require_schema()


def test_a_version_that_is_newer_than_the_program(database_address: str) -> None:
    with closing(Database(database_address)) as database:
        upgrade(database)
        with database.connection() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        for look in (database.require_schema, lambda: upgrade(database)):
            with _refused("newer than this program knows", "; update daily-picks", passes=False):
                look()


def test_what_only_the_library_refuses_is_one_line_too(sqlite_database: Database) -> None:
    def ask(act: Callable[[Session], object]) -> None:
        with (
            _refused("did not accept this", "please report it", passes=False),
            sqlite_database.transaction() as session,
        ):
            act(session)

    ask(lambda session: session.execute(text("SELECT :missing")))
    ask(
        lambda session: (
            session.execute(text("SELECT 1")).scalar_one() and session.execute(text("SELECT 1 LIMIT 0")).one()
        )
    )
    ask(lambda session: session.connection().exec_driver_sql("SELECT ?", (object(),)))


def test_an_error_keeps_its_cause(sqlite_database: Database) -> None:
    with pytest.raises(DatabaseError) as caught, sqlite_database.transaction() as session:
        session.execute(text("SELECT * FROM nowhere"))
    assert isinstance(caught.value.__cause__, DBAPIError)
