"""A job of the worker that never ends: the worker still beats, and is not taken for alive all the same.

The real worker hangs where it really can: it writes a thread to a pipe that nobody reads. That hours went by since is
played in the row of the job, which nobody else writes meanwhile.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import select

import sample_feeds
import warm_process
from bot.app import App
from bot.interfaces.heartbeat import ALIVE_FOR, read_pulse
from bot.interfaces.worker import Job, Worker
from bot.settings import Settings
from bot.store.database import Database
from bot.store.schema import upgrade
from bot.store.tables import Delivery
from bot.store.worker_tables import JobRow
from feed_server import FeedServer
from harness_store import PostgresCluster
from patience import until
from samples import CONSOLE_CHANNEL
from warm_process import PICKS


class Place:
    """A folder with an approved pick that is due, and the commands there."""

    def __init__(self, folder: Path, feeds: FeedServer, database: str) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
        (folder / "feed.xml").write_bytes(feeds.bodies["cs.CL"])
        self.folder, self.database = folder, database
        self.environ = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database,
            "PICKS_DATA": str(folder),
            "PICKS_CURATOR": "ada",
            "ARXIV_RSS_URL": feeds.url,
            "ARXIV_API_URL": feeds.url,
            "ARXIV_API_PAUSE": "0",
        }
        for words in (("db", "upgrade"), ("fetch", "feed.xml"), ("approve", "1", "--note", "Worth it.", "--now")):
            assert self.picks(*words).returncode == 0

    def picks(self, *words: str) -> subprocess.CompletedProcess[str]:
        return warm_process.run(words, cwd=self.folder, env=self.environ)

    def start_worker(self, stdout: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(PICKS), "worker"], cwd=self.folder, env=self.environ, stdout=stdout, stderr=subprocess.DEVNULL
        )

    def play_hours(self, hours: int, *, job: str) -> None:
        """Let a job have begun so many hours earlier."""
        with closing(Database(self.database)) as database, database.transaction() as session:
            row = session.exec(select(JobRow).where(JobRow.job == job)).one()
            row.started_at -= timedelta(hours=hours)
            row.due_by -= timedelta(hours=hours)
            session.add(row)

    def end_leases(self) -> None:
        """Play the minutes until whatever a worker had claimed is free again."""
        with closing(Database(self.database)) as database, database.transaction() as session:
            for row in session.exec(select(Delivery)):
                row.lease_until = datetime.now(UTC) - timedelta(seconds=1)
                session.add(row)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.faults])])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """Return a place with a pick that is due, once for each kind of database."""
    address = f"sqlite:///{tmp_path / 'picks.db'}"
    if request.param == "postgres":
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        address = cluster.create_database()
    with FeedServer().running() as feeds:
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"))
        yield Place(tmp_path, feeds, address)


@pytest.fixture
def full_pipe() -> Iterator[int]:
    """Return the end for writing of a pipe that is full, and that nobody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"." * 65_536)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b".")
    os.set_blocking(writer, True)
    yield writer
    os.close(writer)
    os.close(reader)


@pytest.mark.network
def test_a_worker_whose_publishing_hangs_is_found_out_and_the_next_one_sends(place: Place, full_pipe: int) -> None:
    process = place.start_worker(full_pipe)
    try:
        until(lambda: '"sending"' in place.picks("show", "1", "--json").stdout, what="a claim")
        until(lambda: place.picks("healthcheck").returncode == 0, what="a sign of life")
        place.play_hours(24, job="publish")
        done = place.picks("healthcheck")
        assert (done.returncode, done.stdout) == (1, "")
        assert " hangs: publish since " in done.stderr
        assert done.stderr.endswith("; end it and start it again: picks worker\n")
        assert "hangs: publish, last seen" in " ".join(place.picks("status").stdout.split())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)  # with a job in hand that never ends
    place.end_leases()
    successor = place.start_worker(subprocess.DEVNULL)
    try:
        until(lambda: '"published"' in place.picks("show", "1", "--json").stdout, what="the thread")
        assert place.picks("healthcheck").returncode == 0
    finally:
        successor.send_signal(signal.SIGTERM)
        successor.wait(timeout=30)


@pytest.mark.parametrize("name", ["publish", "poll", "tidy", "learn"])
def test_whichever_job_hangs_the_pulse_stops_in_time_and_comes_back(tmp_path: Path, name: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    address = SecretStr(f"sqlite:///{tmp_path / 'picks.db'}")
    settings = Settings(database_url=address, PICKS_CONFIG=tmp_path / "config", PICKS_DATA=tmp_path)
    begun = now = datetime(2026, 2, 17, 12, tzinfo=UTC)
    app = App(settings, clock=lambda: now, environ={})
    upgrade(app.database)
    worker, hung, gone_on = Worker(app), threading.Event(), threading.Event()
    jobs, nothing = worker.jobs, lambda: None
    worker.jobs = {item: Job(nothing, every=job.every, longest=job.longest) for item, job in jobs.items()}
    worker.jobs["beat"] = jobs["beat"]

    def hang() -> None:
        hung.set()
        gone_on.wait()

    worker.jobs[name] = Job(hang, every=jobs[name].every, longest=jobs[name].longest)
    thread = threading.Thread(target=worker._tick, args=(name,))
    worker._tick("beat")
    thread.start()
    assert hung.wait(10)
    alive = {}
    for minutes in (1, 14, 24 * 60):
        now = begun + timedelta(minutes=minutes)
        for other in worker.jobs:
            if other != name:
                worker._tick(other)
        pulse = read_pulse(app.database, now=now)
        alive[minutes] = (pulse.alive, [job.job for job in pulse.hung])
    gone_on.set()
    thread.join(10)
    assert (alive[1], alive[24 * 60]) == ((True, []), (False, [name]))
    assert read_pulse(app.database, now=now + ALIVE_FOR).alive
    app.close()
