"""Databases for tests: a SQLite file, and a database in a throw-away PostgreSQL cluster."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bot.store.database import Database
from bot.store.schema import upgrade


@dataclass(frozen=True)
class PostgresCluster:
    """A server on 127.0.0.1 of this test run alone."""

    port: int
    user: str

    def create_database(self, *, template: str = "template1") -> str:
        """Create a database, empty or as a copy of another, and return its address."""
        name = f"t{uuid.uuid4().hex[:12]}"
        engine = create_engine(f"postgresql+psycopg://{self._server}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        return f"postgres://{self._server}/{name}"

    @property
    def _server(self) -> str:
        return f"{self.user}@127.0.0.1:{self.port}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """Start a cluster in a temporary folder; skip without PostgreSQL's programs, but fail in CI."""
    programs = _programs()
    if programs is None:
        reason = "needs PostgreSQL's programs (Debian package postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    owner = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = Path(tempfile.mkdtemp(prefix="picks-pg-"))
    if owner:
        shutil.chown(folder, owner)
    cluster = PostgresCluster(_free_port(), "tester")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, user=owner, cwd=folder, timeout=60)

    run(str(programs / "initdb"), "-D", str(data), "-U", cluster.user, "--auth=trust", "--no-sync", "--encoding=UTF8")
    options = f"-p {cluster.port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
    control = str(programs / "pg_ctl")
    run(control, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield cluster
    finally:
        run(control, "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Return a migrated database, once for each kind."""
    if request.param == "sqlite":
        address = _copied(request.getfixturevalue("migrated_file"), tmp_path)
    else:
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        address = cluster.create_database(template=request.getfixturevalue("migrated_template"))
    database = Database(address)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """Return a migrated SQLite file, for tests in which the kind makes no difference."""
    database = Database(_copied(migrated_file, tmp_path))
    yield database
    database.close()


def _migrate(address: str) -> None:
    database = Database(address)
    upgrade(database)
    database.close()


def _copied(file: Path, folder: Path) -> str:
    copy = folder / "picks.db"
    shutil.copyfile(file, copy)
    return f"sqlite:///{copy}"


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
