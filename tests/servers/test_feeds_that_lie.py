"""The command line and the worker against a server that plays arXiv's part and lies."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
import warm_process
from bot.arxiv.calendar import Calendar
from bot.intake.schedule import expected_day
from feed_server import FeedServer
from sample_api import ApiPaper
from samples import CONSOLE_CHANNEL

pytestmark = pytest.mark.network


class Place:
    """A folder with a configuration, a database and a server."""

    def __init__(self, folder: Path, server: FeedServer) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
        self.folder, self.server = folder, server
        arxiv = {"ARXIV_RSS_URL": server.url, "ARXIV_API_URL": server.url, "ARXIV_API_PAUSE": "0"}
        self.environ = {"PICKS_DATA": str(folder), **arxiv}

    def picks(self, *words: str) -> subprocess.CompletedProcess[str]:
        return warm_process.run(words, cwd=self.folder, env=self.environ)

    def json(self, *words: str) -> Any:
        done = self.picks(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a place that is set up."""
    with FeedServer().running() as server:
        found = Place(tmp_path, server)
        assert found.picks("db", "upgrade").returncode == 0
        yield found


def feed_of(day: datetime, *ids: str) -> bytes:
    body = sample_feeds.rss(*(sample_feeds.Item(arxiv_id=name, title="Probing") for name in ids))
    return body.replace(b"Tue, 17 Feb 2026", f"{day:%a, %d %b %Y}".encode())


def test_fetch_says_what_is_wrong_with_a_feed_and_status_remembers(place: Place) -> None:
    tuesday = datetime(2026, 2, 17, tzinfo=UTC)
    for number, name in enumerate(("first.xml", "second.xml")):
        (place.folder / name).write_bytes(feed_of(tuesday + timedelta(days=number), "2602.00001"))
    done = place.picks("fetch", "first.xml", "second.xml")
    assert "cs.CL 2026-02-18 stale: repeats 2026-02-17: 1 of 1 entries are the same\n" in done.stdout
    [feed] = place.json("status")["feeds"]
    assert (feed["last_batch"], feed["health"]) == ("2026-02-18", "stale")
    assert [(item["day"], item["health"]) for item in feed["trouble"]] == [("2026-02-18", "stale")]
    assert "2026-02-18 stale: repeats 2026-02-17" in place.picks("status").stdout


def test_by_hand_a_lost_day_comes_from_the_api(place: Place) -> None:
    window = Calendar().window(datetime(2026, 2, 18, tzinfo=UTC).date())
    place.server.papers = [ApiPaper("2602.00005", window.start + timedelta(hours=1))]
    data = place.json("fetch", "--day", "2026-02-18")
    assert [(item["day"], item["found"], item["new"]) for item in data["backfilled"]] == [("2026-02-18", 1, 1)]
    assert place.json("show", "2602.00005")["backfilled"] is True
    assert place.picks("fetch", "--day", "2026-02-18").stdout.splitlines() == [
        "cs.CL 2026-02-18: 1 found in the API, 0 of them new"
    ]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--day", "2026-02-15"), 1, "nothing was announced on 2026-02-15: arXiv announces nothing at weekends"),
        (("--since", "soon"), 2, "cannot read the date 'soon'"),
        (("--since", "2000-01-01"), 1, "2000-01-01 is more than 366 days before"),
        (("--day", "0001-01-01"), 1, "there was no arXiv on 0001-01-01"),
        (("--since", "2026-02-15", "--day", "2026-02-18"), 2, "not several of them"),
    ],
)
def test_days_that_cannot_be_are_refused(place: Place, words: tuple[str, ...], code: int, message: str) -> None:
    done = place.picks("fetch", *words)
    assert done.returncode == code
    assert message in done.stderr


def test_a_worker_makes_good_the_days_it_slept_through(place: Place) -> None:
    today = expected_day(datetime.now(UTC))
    calendar = Calendar()
    days = calendar.announcements(today - timedelta(days=14), today)
    newest, lost, first = days[-1], days[-3:-1], days[-4]
    (place.folder / "first.xml").write_bytes(feed_of(datetime.combine(first, datetime.min.time()), "2601.00001"))
    assert place.picks("fetch", "first.xml").returncode == 0
    place.server.papers = [
        ApiPaper(f"2601.{100 + number:05}", calendar.window(day).start + timedelta(hours=1))
        for number, day in enumerate(lost)
    ]
    place.server.bodies["cs.CL"] = feed_of(datetime.combine(newest, datetime.min.time()), "2601.00900")
    done = place.picks("worker", "--once")
    assert done.returncode == 0, done.stderr
    assert sorted((item["arxiv_id"], item["announced"]) for item in place.json("queue")) == [
        ("2601.00001", str(first)),
        *((f"2601.{100 + number:05}", str(day)) for number, day in enumerate(lost)),
        ("2601.00900", str(newest)),
    ]


def test_an_odd_entry_is_named_in_the_status_and_the_api_is_asked_for_it(place: Place) -> None:
    day = datetime(2026, 2, 17, tzinfo=UTC)
    odd = sample_feeds.Item(arxiv_id="2602.00002", type="absonly", title="Probing")
    body = sample_feeds.rss(sample_feeds.Item(title="Probing"), odd)
    (place.folder / "odd.xml").write_bytes(body)
    why = (
        "entry 2 of 2 (2602.00002) has an unknown announce type, 'absonly' (known: new, cross, replace, replace-cross)"
    )
    done = place.picks("fetch", "odd.xml")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"cs.CL 2026-02-17 partial: {why}; the others are kept" in " ".join(done.stdout.split())
    [trouble] = place.json("status")["feeds"][0]["trouble"]
    assert (trouble["health"], trouble["reason"]) == ("partial", f"{why}; the others are kept")
    assert why in " ".join(place.picks("status").stdout.split())
    assert [item["arxiv_id"] for item in place.json("queue")] == ["2602.00001"]
    place.server.papers = [ApiPaper("2602.00002", Calendar().window(day.date()).start + timedelta(hours=1))]
    assert place.picks("fetch", "--day", "2026-02-17").returncode == 0
    assert sorted(item["arxiv_id"] for item in place.json("queue")) == ["2602.00001", "2602.00002"]
