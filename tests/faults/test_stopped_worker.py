"""A worker that is frozen by SIGSTOP is noticed: ``healthcheck`` says so, another worker tells the operator.

That minutes went by is played in the rows: nobody else writes them while the process is frozen.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

import warm_process
from alert_server import AlertServer
from bot.app import App
from bot.interfaces.alerts.telling import CALM
from bot.interfaces.heartbeat import ALIVE_FOR
from bot.interfaces.worker import Worker
from bot.settings import Settings
from bot.store.alert_tables import Alert
from bot.store.database import Database
from bot.store.worker_tables import Heartbeat, JobResult, JobRow
from feed_server import FeedServer
from patience import until
from samples import CONSOLE_CHANNEL
from warm_process import PICKS

pytestmark = [pytest.mark.network, pytest.mark.slow]

JOBS = 7


class Machine:
    """A folder with two workers on one database: a process, and one here, which has the operator's address."""

    def __init__(self, folder: Path, feeds: FeedServer, service: AlertServer) -> None:
        self.folder, self.service, self.address = folder, service, f"sqlite:///{folder / 'picks.db'}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "PICKS_DATA": str(folder),
            "ARXIV_RSS_URL": feeds.url,
            "ARXIV_API_URL": feeds.url,
            "ARXIV_API_PAUSE": "0",
        }
        self.settings = Settings(
            database_url=SecretStr(self.address),
            PICKS_CONFIG=folder / "config",
            PICKS_DATA=folder,
            PICKS_ALERT_URL=SecretStr(service.url()),
        )

    @contextmanager
    def process(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run a worker of its own while the block lasts."""
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(
            [str(PICKS), "worker"], cwd=self.folder, env=self.environ, stdout=quiet, stderr=quiet
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    @contextmanager
    def other_worker(self) -> Iterator[Worker]:
        """Give a worker that began an hour ago, and so did not take the place of one that fell silent since."""
        ago = [timedelta(hours=1)]
        with closing(App(self.settings, clock=lambda: datetime.now(UTC) - ago[0], environ={})) as app:
            worker = Worker(app)
            ago[0] = timedelta()
            yield worker

    def healthcheck(self, *words: str) -> tuple[int, str]:
        done = warm_process.run(("healthcheck", *words), cwd=self.folder, env=self.environ)
        return done.returncode, " ".join((done.stdout + done.stderr).split())

    def name_of(self, process: subprocess.Popen[bytes]) -> str | None:
        """Return the name by which a worker has beaten, None before that."""
        with closing(Database(self.address)) as database, database.reading() as session:
            mine = select(Heartbeat.worker).where(col(Heartbeat.worker).like(f"%:{process.pid}:%"))
            return session.exec(mine).first()

    def is_idle(self, process: subprocess.Popen[bytes]) -> bool:
        """Say whether every job of a worker has run, and none does now."""
        with closing(Database(self.address)) as database, database.reading() as session:
            rows = session.exec(select(JobRow).where(col(JobRow.worker).like(f"%:{process.pid}:%"))).all()
        return len(rows) == JOBS and all(row.result is JobResult.DONE for row in rows)

    def play(self, passed: timedelta, *, worker: str = "") -> None:
        """Let a worker's last beat, or else what was seen of each alert, be so much longer ago."""
        with closing(Database(self.address)) as database, database.transaction() as session:
            if worker:
                row = session.get_one(Heartbeat, worker)
                row.beat_at -= passed
                session.add(row)
                return
            for alert in session.exec(select(Alert)):
                alert.seen_at -= passed
                session.add(alert)

    def told(self, worker: Worker) -> list[str]:
        """Return what arrives when the other worker beats and looks."""
        before = len(self.service.taken)
        for job in ("beat", "alert"):
            assert worker._run_job(job)
        titles = [notice.title for notice in self.service.taken[before:]]
        return [title.removeprefix("Daily Picks: ") for title in titles if "worker silent" in title]


@pytest.fixture
def machine(tmp_path: Path, migrated_file: Path) -> Iterator[Machine]:
    """Return a machine with a database and a channel file."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    shutil.copyfile(migrated_file, tmp_path / "picks.db")
    with FeedServer().running() as feeds, AlertServer().running() as service:
        yield Machine(tmp_path, feeds, service)


def test_a_frozen_worker_is_noticed_by_machines_and_told_until_it_goes_on(machine: Machine) -> None:
    with machine.process() as process:
        until(lambda: machine.is_idle(process), what="a first round")  # it must not hold the database's lock
        name = machine.name_of(process) or ""
        host = name.partition(":")[0]
        assert machine.healthcheck("--this-host")[0] == machine.healthcheck("--worker", name)[0] == 0
        process.send_signal(signal.SIGSTOP)
        machine.play(ALIVE_FOR + timedelta(minutes=1), worker=name)
        for words in (("--this-host",), ("--worker", name), ("--worker", f"{host}:{process.pid}")):
            code, said = machine.healthcheck(*words)
            assert (code, "no worker is alive; the last one was seen at" in said) == (1, True), said
        with machine.other_worker() as other:
            assert [machine.told(other), machine.told(other)] == [[f"worker silent: {name}"], []]
            code, said = machine.healthcheck("--this-host")
            assert (code, f": {name}; if it was not ended on purpose" in said) == (0, True), said
            process.send_signal(signal.SIGCONT)
            until(lambda: machine.healthcheck("--worker", name)[0] == 0, what="a beat after SIGCONT")
            machine.play(CALM)
            assert [machine.told(other), machine.told(other)] == [[f"over: worker silent: {name}"], []]
