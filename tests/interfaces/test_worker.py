"""The worker as a process of its own: it lives, says so, posts what is due, and ends when asked."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlmodel import select

import sample_feeds
import warm_process
from bot.store.database import Database
from bot.store.worker_tables import JobResult, JobRow
from feed_server import FeedServer
from patience import until
from samples import CONSOLE_CHANNEL
from warm_process import PICKS

pytestmark = pytest.mark.network


class Place:
    """A folder with a configuration, a database and a feed server."""

    def __init__(self, folder: Path, feeds: FeedServer) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
        self.folder = folder
        self.environ = {
            "PATH": os.environ["PATH"],
            "PICKS_DATA": str(folder),
            "PICKS_CURATOR": "ada",
            "ARXIV_RSS_URL": feeds.url,
            "ARXIV_API_URL": feeds.url,
            "ARXIV_API_PAUSE": "0",
        }

    def picks(self, *words: str) -> subprocess.CompletedProcess[str]:
        return warm_process.run(words, cwd=self.folder, env=self.environ)

    def start_worker(self) -> subprocess.Popen[str]:
        """Start the real script: a worker lives long, and what it has loaded lives with it."""
        pipe = subprocess.PIPE
        command = [str(PICKS), "worker"]
        return subprocess.Popen(command, cwd=self.folder, env=self.environ, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a place that is set up."""
    with FeedServer().running() as feeds:
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"))
        made = Place(tmp_path, feeds)
        assert made.picks("db", "upgrade").returncode == 0
        yield made


def test_a_worker_polls_posts_and_ends_within_seconds_of_sigterm(place: Place) -> None:
    process = place.start_worker()
    try:
        until(lambda: place.picks("healthcheck").returncode == 0, what="a sign of life", seconds=30)
        until(lambda: place.picks("queue", "--json").stdout.count("2602.00001") == 1, what="a candidate", seconds=30)
    finally:
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert time.monotonic() - asked < 5
    assert out == ""
    events = [json.loads(line)["event"] for line in err.splitlines()]
    assert (events[0], events[-1]) == ("worker started", "worker stopped")
    assert place.picks("healthcheck").returncode == 1


def test_once_runs_every_job_once(place: Place) -> None:
    assert place.picks("worker", "--once").returncode == 0
    assert place.picks("approve", "2602.00001", "--note", "Worth reading.", "--now").returncode == 0
    done = place.picks("worker", "--once")
    assert done.returncode == 0, done.stderr
    assert "Worth reading." in done.stdout
    [entry] = json.loads(place.picks("history", "--json").stdout)
    assert entry["state"] == "published"


def test_every_job_leaves_when_it_began_and_how_it_ended(place: Place) -> None:
    assert place.picks("worker", "--once").returncode == 0
    with closing(Database(f"sqlite:///{place.folder / 'picks.db'}")) as database, database.reading() as session:
        rows = session.exec(select(JobRow)).all()
    assert {row.job: row.result for row in rows} == dict.fromkeys(
        ("beat", "publish", "poll", "collect", "tidy", "notify", "learn"), JobResult.DONE
    )
    assert all(row.ended_at and row.started_at <= row.ended_at < row.due_by for row in rows)


def test_a_worker_without_a_database_ends_and_says_why(place: Place) -> None:
    (place.folder / "picks.db").unlink()
    done = place.picks("worker")
    assert done.returncode == 1
    assert "run: picks db upgrade" in done.stderr
