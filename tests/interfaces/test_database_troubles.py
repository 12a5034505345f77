"""Whatever is wrong with a database, every command and the worker say it in one line, with the next step."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

import sample_feeds
import warm_process
from bot.store.database import Database
from harness_store import ENCRYPTED, WITH_PASSWORD, PostgresCluster
from samples import CONSOLE_CHANNEL

COMMANDS = (
    ("queue",),
    ("status", "--json"),
    ("reject", "1"),
    ("fetch", "feed.xml"),
    ("healthcheck",),
    ("db", "upgrade"),
    ("worker", "--once"),
)

Prepare = Callable[[PostgresCluster, str], str]
"""Makes trouble in a database of one's own, and returns the address with which it is met."""


class Place:
    """A folder with a channel and a capture, in which commands run on some database."""

    def __init__(self, folder: Path) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
        (folder / "feed.xml").write_bytes(sample_feeds.rss(sample_feeds.Item(title="Probing")))
        self.folder = folder

    def picks(self, *words: str, database: str, **env: str) -> subprocess.CompletedProcess[str]:
        environ = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PICKS_DATA": str(self.folder),
            "PICKS_CURATOR": "ada",
            "DATABASE_URL": database,
            "ARXIV_RSS_URL": "http://127.0.0.1:9",
            "ARXIV_API_URL": "http://127.0.0.1:9",
            **env,
        }
        return warm_process.run(words, cwd=self.folder, env=environ, timeout=60)

    def complaint(self, *words: str, database: str, **env: str) -> str:
        """Return the one line that a command says."""
        done = self.picks(*words, database=database, **env)
        assert (done.returncode, done.stdout) == (1, ""), done
        assert "Traceback" not in done.stderr, done.stderr
        said = done.stderr.splitlines()
        if words[0] != "worker":
            assert len(said) == 1, done.stderr
        assert said[-1].startswith("picks: "), done.stderr
        assert "; " in said[-1], said[-1]
        return said[-1]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a place."""
    return Place(tmp_path)


def _as(user: str, address: str, *, password: str = "") -> str:
    return address.replace("tester@", f"{user}:{password}@" if password else f"{user}@")


def _name(address: str) -> str:
    return address.rpartition("/")[2].partition("?")[0]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _without_rights(cluster: PostgresCluster, address: str) -> str:
    return _as(cluster.create_user(), address)


def _without_usage(cluster: PostgresCluster, address: str) -> str:
    cluster.run("REVOKE ALL ON SCHEMA public FROM PUBLIC", database=_name(address))
    return _as(cluster.create_user(), address)


def _without_connecting(cluster: PostgresCluster, address: str) -> str:
    cluster.run(f"REVOKE CONNECT ON DATABASE {_name(address)} FROM PUBLIC")
    return _as(cluster.create_user(), address)


def _reading_only(cluster: PostgresCluster, address: str) -> str:
    cluster.run(f"ALTER DATABASE {_name(address)} SET default_transaction_read_only = on")
    return address


def _read_only_tables(cluster: PostgresCluster, address: str) -> str:
    user = cluster.create_user()
    cluster.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}", database=_name(address))
    return _as(user, address)


def _no_table(cluster: PostgresCluster, address: str) -> str:
    cluster.run("DROP TABLE candidates CASCADE", "DROP TABLE heartbeats, jobs, feed_bodies", database=_name(address))
    return address


def _no_connections(cluster: PostgresCluster, address: str) -> str:
    cluster.run(f"ALTER DATABASE {_name(address)} CONNECTION LIMIT 0")
    return _as(cluster.create_user(), address)


def _no_schema(cluster: PostgresCluster, address: str) -> str:
    return f"{address}?options=-csearch_path%3Dnowhere"


def _wrong_password(cluster: PostgresCluster, address: str) -> str:
    return _as(cluster.create_user(group=WITH_PASSWORD), address, password="wrong")


def _no_password(cluster: PostgresCluster, address: str) -> str:
    return _as(cluster.create_user(group=WITH_PASSWORD), address)


def _not_encrypted(cluster: PostgresCluster, address: str) -> str:
    return _as(cluster.create_user(group=ENCRYPTED), address)


def _no_encryption_there(cluster: PostgresCluster, address: str) -> str:
    return f"{address}?sslmode=require"


def _unknown_user(cluster: PostgresCluster, address: str) -> str:
    return _as("nobody_knows", address)


def _unknown_database(cluster: PostgresCluster, address: str) -> str:
    return address.replace(_name(address), "nowhere")


def _server_down(cluster: PostgresCluster, address: str) -> str:
    return address.replace(str(cluster.port), str(_closed_port()))


def _all_servers_down(cluster: PostgresCluster, address: str) -> str:
    ports = _closed_port(), _closed_port()
    return address.replace(f"127.0.0.1:{cluster.port}", f"127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}")


def _too_slow(cluster: PostgresCluster, address: str) -> str:
    cluster.run(
        "ALTER TABLE alembic_version RENAME TO hidden",
        "CREATE VIEW alembic_version AS SELECT version_num FROM hidden WHERE pg_sleep(9) IS NOT NULL",
        f"ALTER DATABASE {_name(address)} SET statement_timeout = '500ms'",
        database=_name(address),
    )
    return address


def _full(cluster: PostgresCluster, address: str) -> str:
    return _with_trigger(cluster, address, "53100", "could not extend file: No space left on device")


def _damaged(cluster: PostgresCluster, address: str) -> str:
    return _with_trigger(cluster, address, "XX001", "invalid page in block 0")


def _with_trigger(cluster: PostgresCluster, address: str, state: str, words: str) -> str:
    """Let the server say of every new row what it would say if its disk were full, or damaged."""
    cluster.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{state}'; END $$",
        *(
            f"CREATE TRIGGER refused BEFORE INSERT OR UPDATE ON {table} EXECUTE FUNCTION refuse()"
            for table in ("batches", "heartbeats", "decisions", "papers", "paper_texts")
        ),
        database=_name(address),
    )
    return address


ALWAYS = tuple(COMMANDS)
WRITING = (("fetch", "feed.xml"), ("worker", "--once"))
POSTGRES: dict[str, tuple[Prepare, tuple[tuple[str, ...], ...], str]] = {
    "no rights": (_without_rights, ALWAYS[:-2], "does not allow this: permission denied for table alembic_version"),
    "no use of the schema": (_without_usage, ALWAYS[:-2], ""),
    "no right to connect": (_without_connecting, ALWAYS, "permission denied for database"),
    "tables to be read only": (_read_only_tables, WRITING, "GRANT ALL ON the tables and sequences"),
    "read-only": (_reading_only, WRITING, "takes no changes: cannot execute"),
    "no table": (_no_table, WRITING, "does not have the tables that this program made"),
    "no connections": (_no_connections, ALWAYS, "too many connections"),
    "no schema": (_no_schema, (("db", "upgrade"),), "has no such schema: no schema has been selected"),
    "wrong password": (_wrong_password, ALWAYS, "check user and password in DATABASE_URL"),
    "no password": (_no_password, ALWAYS, "check user and password in DATABASE_URL"),
    "not encrypted": (_not_encrypted, ALWAYS, "sslmode"),
    "no encryption there": (_no_encryption_there, ALWAYS, "sslmode"),
    "unknown user": (_unknown_user, ALWAYS, "make it with createuser, or correct the user"),
    "unknown database": (_unknown_database, ALWAYS, "make it with createdb NAME"),
    "server down": (_server_down, ALWAYS, "did not answer: connection failed"),
    "all servers down": (_all_servers_down, ALWAYS, "did not answer: "),
    "too slow": (_too_slow, ALWAYS[:1], "took longer than it may: canceling statement due to statement timeout"),
    "full": (_full, WRITING, "has a full disk: could not extend file"),
    "damaged": (_damaged, WRITING, "is damaged or its disk fails: invalid page"),
}


@pytest.mark.parametrize("kind", POSTGRES)
def test_a_trouble_of_postgres_is_one_line(
    kind: str, place: Place, postgres: PostgresCluster, migrated_template: str
) -> None:
    prepare, commands, words = POSTGRES[kind]
    address = prepare(postgres, postgres.create_database(template=migrated_template))
    for command in commands:
        said = place.complaint(*command, database=address)
        if command[0] != "worker":  # its last line is that its log says why
            assert words in said


def test_since_version_15_a_new_user_may_not_make_tables(place: Place, postgres: PostgresCluster) -> None:
    address = postgres.create_database()
    postgres.run("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=_name(address))  # older ones have it still
    user = postgres.create_user()
    said = place.complaint("db", "upgrade", database=_as(user, address))
    assert "does not allow this: permission denied for schema public; let its owner run GRANT USAGE, CREATE ON" in said
    postgres.run(f"GRANT USAGE, CREATE ON SCHEMA public TO {user}", database=_name(address))
    assert place.picks("db", "upgrade", database=_as(user, address)).returncode == 0
    assert place.picks("fetch", "feed.xml", database=_as(user, address)).returncode == 0


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_in_another_encoding_is_refused_before_it_is_set_up(
    encoding: str, place: Place, postgres: PostgresCluster
) -> None:
    more = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    address = postgres.create_database(template="template0", more=more)
    said = place.complaint("db", "upgrade", database=address)
    assert f"has the encoding {encoding}, and papers need UTF8; make another database with createdb" in said
    for command in COMMANDS[:-2]:
        assert "is not set up yet; run: picks db upgrade" in place.complaint(*command, database=address)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "{}?schema=mine",
            "the parameter schema, which PostgreSQL does not know; leave it out (a schema is chosen",
        ),
        ("{}?pgbouncer=true", "has the parameter pgbouncer, which PostgreSQL does not know; leave it out (a pooler"),
        ("{}?connection_limit=1", "has the parameter connection_limit, which PostgreSQL does not know; leave it out"),
        ("{}?autocommit=true", "has the parameter autocommit, which PostgreSQL does not know; leave it out"),
        ("{}?prepare_threshold=0", "has the parameter prepare_threshold, which PostgreSQL does not know"),
        ("{}?sslmode=maybe", 'did not answer: connection is bad: invalid sslmode value: "maybe"; check'),
        ("{}?port=abc", "has a host, a port or a parameter that cannot be used"),
        ("{}?host=one&host=two:x", "has a host, a port or a parameter that cannot be used"),
        ("postgresql://127.0.0.1:abc/db", "the port in DATABASE_URL is no number; write it as"),
        ("postgresql://127.0.0.1:99999/db", 'invalid port number: "99999"; check DATABASE_URL'),
        ("postgresql://one:1,two:x/db", "has a host, a port or a parameter that cannot be used"),
        ("postgresql://::1/db", "an IPv6 address as [::1]"),
        ("postgresql://[::1/db", "an IPv6 address as [::1]"),
        ("postgresql://nowhere.invalid/db", "did not answer: failed to resolve host 'nowhere.invalid'"),
        (
            "postgresql:///db?host=/nowhere",
            "did not answer: connection is bad: connection to server on socket",
        ),
        ("postgresql://me:half@secret@127.0.0.1/db", "write @ as %40"),
        ("postgresql://127.0.0.1:5432/db?password=half@secret", "write @ as %40"),
        ("postgresql:/127.0.0.1/db", "is not a database address; write it as"),
        ("127.0.0.1/db", "is not a database address; write it as"),
        ("mysql://127.0.0.1/db", "names mysql; only sqlite and postgresql are supported"),
        ("sqlite://picks.db", "names a host, which SQLite has none of; name a file, such as sqlite:///picks.db"),
        ("sqlite://", "names a database in memory, which ends with the command; name a file"),
        ("sqlite:///picks.db?timeout=soon", "has a host, a port or a parameter that cannot be used"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line(
    address: str, words: str, place: Place, postgres: PostgresCluster
) -> None:
    here = f"postgres://tester@127.0.0.1:{postgres.port}/postgres"
    for command in (("queue",), ("db", "upgrade")):
        assert words in place.complaint(*command, database=address.format(here))


def test_what_is_advised_instead_of_a_schema_works(place: Place, postgres: PostgresCluster) -> None:
    address = postgres.create_database()
    postgres.run("CREATE SCHEMA mine", database=_name(address))
    there = f"{address}?options=-csearch_path%3Dmine"
    assert place.picks("db", "upgrade", database=there).returncode == 0
    assert place.picks("queue", database=there).returncode == 0
    assert "is not set up yet" in place.complaint("queue", database=address)


@pytest.mark.parametrize("form", ["postgres://tester@{hosts}/{name}", "postgresql://tester@/{name}?{query}"])
def test_of_several_hosts_the_one_that_answers_is_used(
    form: str, place: Place, postgres: PostgresCluster, migrated_template: str
) -> None:
    hosts = f"127.0.0.1:{_closed_port()}", f"127.0.0.1:{postgres.port}"
    name = _name(postgres.create_database(template=migrated_template))
    query = "&".join(f"host={host}" for host in hosts)
    done = place.picks("status", "--json", database=form.format(hosts=",".join(hosts), name=name, query=query))
    assert done.returncode == 0, done.stderr
    assert f'"postgresql://{",".join(hosts)}/{name}"' in done.stdout


def test_a_password_that_is_percent_encoded_works(
    place: Place, postgres: PostgresCluster, migrated_template: str
) -> None:
    user = postgres.create_user(group=WITH_PASSWORD)
    postgres.run(f"ALTER USER {user} PASSWORD 'p@ss/w#rd:%40?'", f"GRANT ALL ON DATABASE postgres TO {user}")
    address = postgres.create_database(template=migrated_template)
    postgres.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {user}", database=_name(address))
    there = _as(user, address, password="p%40ss%2Fw%23rd:%2540%3F")
    assert place.picks("queue", database=there).returncode == 0


# SQLite, whose kinds are walked through in tests/store; here it is that commands and worker say them.


@contextmanager
def _held(file: Path) -> Iterator[None]:
    with closing(Database(f"sqlite:///{file}")) as database, database.connection() as connection:
        connection.execute(text("SELECT 1"))
        yield


def _make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _make_notes(file: Path) -> None:
    file.write_text("These are notes, and long enough to be read as a page of a database. " * 20)


def _damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 2000] = b"\xff" * 2000
    file.write_bytes(content)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _drop(file: Path) -> None:
    with closing(Database(f"sqlite:///{file}")) as database, database.connection() as connection:
        for table in ("candidates", "heartbeats", "batches"):
            connection.exec_driver_sql(f"DROP TABLE {table}")


SQLITE: dict[str, tuple[Callable[[Path], None], tuple[tuple[str, ...], ...], str]] = {
    "a folder": (_make_folder, ALWAYS, "cannot be opened: unable to open database file; it has to be a file"),
    "no database": (_make_notes, ALWAYS, "is not usable as a database: file is not a database; check DATABASE_URL"),
    "damaged": (_damage, ALWAYS, "is damaged or its disk fails: database disk image is malformed; put a backup"),
    "empty": (_empty, COMMANDS[:-2], "is not set up yet; run: picks db upgrade"),
    "no table": (_drop, WRITING, "does not have the tables that this program made: no such table"),
}


@pytest.mark.parametrize("kind", SQLITE)
def test_a_trouble_of_sqlite_is_one_line(kind: str, place: Place, migrated_file: Path) -> None:
    spoil, commands, words = SQLITE[kind]
    for command in commands:
        file = place.folder / "picks.db"
        shutil.copyfile(migrated_file, file)
        spoil(file)
        said = place.complaint(*command, database=f"sqlite:///{file}")
        if command[0] != "worker":
            assert words in said
        shutil.rmtree(file) if file.is_dir() else file.unlink()


def test_of_many_captures_the_database_speaks_once(place: Place, migrated_file: Path) -> None:
    file = place.folder / "picks.db"
    shutil.copyfile(migrated_file, file)
    with closing(Database(f"sqlite:///{file}")) as database, database.connection() as connection:
        connection.exec_driver_sql("DROP TABLE feed_bodies")
    for name in ("b.xml", "c.xml"):
        shutil.copyfile(place.folder / "feed.xml", place.folder / name)
    said = place.complaint("fetch", "feed.xml", "b.xml", "c.xml", database=f"sqlite:///{file}")
    assert "no such table: feed_bodies" in said


def test_a_worker_whose_database_ends_in_between_says_so_without_a_traceback(
    place: Place, postgres: PostgresCluster, migrated_template: str
) -> None:
    address = _full(postgres, postgres.create_database(template=migrated_template))
    done = place.picks("worker", "--once", database=address, PICKS_LOG_FORMAT="json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert '"job failed"' in done.stderr
    assert "has a full disk" in done.stderr
