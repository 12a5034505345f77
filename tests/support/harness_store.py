"""Databases for tests: a SQLite file, and a database in a throw-away PostgreSQL cluster."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import create_engine, text

from bot.store.database import Database
from bot.store.schema import upgrade
from bot.store.tables import METADATA

WITH_PASSWORD: Final = "with_password"
ENCRYPTED: Final = "encrypted"
RULES: Final = f"""
host all +{WITH_PASSWORD} 127.0.0.1/32 scram-sha-256
hostssl all +{ENCRYPTED} 127.0.0.1/32 trust
host all +{ENCRYPTED} 127.0.0.1/32 reject
"""
"""Who is in one of these groups has to show a password, or to come encrypted; others need neither."""


@dataclass(frozen=True)
class PostgresCluster:
    """A server on 127.0.0.1 of this test run alone."""

    port: int
    user: str

    def create_database(self, *, template: str = "template1", more: str = "") -> str:
        """Create a database, empty or as a copy of another, and return its address."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} {more}")
        return f"postgres://{self._server}/{name}"

    def create_user(self, *, group: str | None = None) -> str:
        """Create a user who owns nothing, and return the name; see ``RULES`` for the groups."""
        name = f"u{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE USER {name}" + (f" IN ROLE {group}" if group else ""))
        return name

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as whoever may do everything."""
        engine = create_engine(f"postgresql+psycopg://{self._server}/{database}", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    @property
    def _server(self) -> str:
        return f"{self.user}@127.0.0.1:{self.port}"


def missing_for_postgres() -> str | None:
    """Return what a cluster needs and this machine has not, None when one can run."""
    return None if _programs() else "needs PostgreSQL's programs (Debian package postgresql)"


@contextmanager
def running_postgres() -> Iterator[PostgresCluster]:
    """Run a cluster in a temporary folder until the end of the block."""
    programs = _programs()
    if programs is None:
        raise RuntimeError(missing_for_postgres())
    owner = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="picks-pg-"))
    if owner:
        shutil.chown(folder, owner)
    cluster = PostgresCluster(_free_port(), "tester")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=owner, cwd=folder, timeout=60)

    run(str(programs / "initdb"), "-D", str(data), "-U", cluster.user, "--auth=trust", "--no-sync", "--encoding=UTF8")
    rules = data / "pg_hba.conf"
    rules.write_text(RULES + rules.read_text("utf-8"), "utf-8")
    options = f"-p {cluster.port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    control = str(programs / "pg_ctl")
    run(control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    cluster.run(f"CREATE ROLE {WITH_PASSWORD}", f"CREATE ROLE {ENCRYPTED}")
    try:
        yield cluster
    finally:
        run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """Start a cluster in a temporary folder; skip without PostgreSQL's programs, but fail in CI."""
    if reason := missing_for_postgres():
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database, once for each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'picks.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.create_database()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file, to be copied."""
    file = tmp_path_factory.mktemp("migrated") / "picks.db"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres: PostgresCluster) -> str:
    """Return the name of a migrated PostgreSQL database, to be copied."""
    address = postgres.create_database()
    _migrate(address)
    return address.rpartition("/")[2]


class KeptFile:
    """One SQLite file for all tests of a process, as good as new for each.

    SQLAlchemy keeps the statements that it has compiled with the ``Database``: a new one for each test would spend more
    time on them than on the tests.
    """

    def __init__(self, migrated: Path, folder: Path) -> None:
        self._migrated, self._file = migrated, folder / "picks.db"
        self.database = Database(f"sqlite:///{self._file}")

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Give the database with nothing but its tables; who still has the last one open keeps that."""
        for file in self._file.parent.iterdir():
            file.unlink()
        shutil.copyfile(self._migrated, self._file)
        with closing(self.database):
            yield self.database


class KeptPostgres:
    """One PostgreSQL database for all tests of a process, as good as new for each."""

    def __init__(self, cluster: PostgresCluster, template: str) -> None:
        self._cluster, self._template = cluster, template
        self.database = Database(cluster.create_database(template=template))
        self._tables = self._described()

    @contextmanager
    def lent(self) -> Iterator[Database]:
        """Give the database with nothing but its tables."""
        yield self.database
        self.database.close()
        self._empty()
        if self._described() != self._tables:
            raise RuntimeError("a test that changes tables needs a database of its own: database_address")

    def _empty(self) -> None:
        """Send away whoever is still there, delete all rows, and let the numbers begin with 1 again."""
        with self.database.connection() as connection:
            connection.execute(text(_END_OTHERS))
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
            connection.execute(text(_NUMBER_ANEW))

    def _described(self) -> tuple[Any, ...]:
        with closing(self.database), self.database.connection() as connection:
            return tuple(connection.execute(text(_DESCRIBE)).one())


_END_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_NUMBER_ANEW: Final = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"
_DESCRIBE: Final = (
    "SELECT (SELECT version_num FROM alembic_version), count(*), max(attrelid::bigint)"
    " FROM pg_attribute WHERE attrelid >= 16384 AND NOT attisdropped"
)


@pytest.fixture(scope="session")
def kept_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> KeptFile:
    """Return the file of the tests that ask for ``database``."""
    return KeptFile(migrated_file, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def other_kept_file(migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> KeptFile:
    """Return the file of the tests that ask for ``sqlite_database``: some ask for both."""
    return KeptFile(migrated_file, tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="session")
def kept_postgres(postgres: PostgresCluster, migrated_template: str) -> KeptPostgres:
    """Return the PostgreSQL database of the tests that ask for ``database``."""
    return KeptPostgres(postgres, migrated_template)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Return a migrated database, once for each kind."""
    kept: KeptFile | KeptPostgres = request.getfixturevalue(
        "kept_file" if request.param == "sqlite" else "kept_postgres"
    )
    with kept.lent() as database:
        yield database


@pytest.fixture
def sqlite_database(other_kept_file: KeptFile) -> Iterator[Database]:
    """Return a migrated SQLite file, for tests in which the kind makes no difference."""
    with other_kept_file.lent() as database:
        yield database


def _migrate(address: str) -> None:
    database = Database(address)
    upgrade(database)
    database.close()


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
