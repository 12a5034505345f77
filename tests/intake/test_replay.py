"""Named captures in: what an address gives is asked for once, packed or not; files are read when their turn comes."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import stamina
from sqlmodel import col, select

import sample_feeds
from bot.arxiv.client import FeedClient
from bot.intake.replay import IntakeReport, replay
from bot.store.database import Database
from bot.store.tables import BatchRow, PaperRow
from feed_server import FeedServer
from samples import NOON, TUESDAY, WEDNESDAY, channel

pytestmark = pytest.mark.network

FEED = sample_feeds.rss(sample_feeds.PLAIN)
LATER = FEED.replace(b"17 Feb 2026", b"18 Feb 2026")


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    with FeedServer().running() as server:
        yield server


def taken(database: Database, *sources: str) -> tuple[IntakeReport, list[str]]:
    """Replay the sources; return the report and the names in the order in which they were dealt with."""
    done: list[str] = []
    retrying = stamina.RetryingCaller(attempts=1)
    with FeedClient("mailto:o@example.org", retrying=retrying, transport=httpx2.HTTPTransport()) as client:
        report = replay(database, sources, channels=[channel()], client=client, now=NOON, advance=done.append)
    return report, done


@pytest.mark.parametrize("scheme", ["http", "HTTP", "Http"])
def test_an_address_is_asked_once(sqlite_database: Database, feeds: FeedServer, scheme: str) -> None:
    feeds.bodies = {"cs.CL": FEED}
    report, _ = taken(sqlite_database, f"{scheme}{feeds.url.removeprefix('http')}/rss/cs.CL")
    assert ([batch.new for batch in report.batches], report.errors) == ([1], [])
    assert feeds.requests == [("cs.CL", 200)]


def test_files_and_addresses_are_taken_in_the_order_of_the_date_inside_them(
    sqlite_database: Database, feeds: FeedServer, tmp_path: Path
) -> None:
    later, file = f"{feeds.url}/rss/cs.CL", tmp_path / "feed.xml"
    feeds.bodies = {"cs.CL": LATER}
    file.write_bytes(FEED)
    report, done = taken(sqlite_database, later, str(file))
    assert [batch.day for batch in report.batches] == [TUESDAY, WEDNESDAY]
    assert done == [str(file), later]


def test_a_packed_capture_comes_from_an_address_as_from_disk(
    sqlite_database: Database, feeds: FeedServer, tmp_path: Path
) -> None:
    feeds.bodies = {"feed.xml.gz": gzip.compress(LATER, mtime=0)}
    (tmp_path / "feed.xml.gz").write_bytes(gzip.compress(FEED, mtime=0))
    report, _ = taken(sqlite_database, f"{feeds.url}/feed.xml.gz", str(tmp_path / "feed.xml.gz"))
    assert ([batch.day for batch in report.batches], report.errors) == ([TUESDAY, WEDNESDAY], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty: that is a failed download, not a quiet day; fetch it again"),
        (gzip.compress(FEED, mtime=0)[:-10], "is damaged or cut off gzip"),
        (
            gzip.compress(b"<" * 20_000_001, mtime=0),
            "holds more than 20,000,000 bytes: no feed is that large; check the file",
        ),
    ],
    ids=["empty", "cut off", "bomb"],
)
def test_a_download_that_is_no_feed_is_an_error_and_keeps_no_other_out(
    sqlite_database: Database, feeds: FeedServer, tmp_path: Path, body: bytes, reason: str
) -> None:
    feeds.bodies = {"broken": body}
    (tmp_path / "feed.xml").write_bytes(FEED)
    report, _ = taken(sqlite_database, f"{feeds.url}/broken", str(tmp_path / "feed.xml"))
    assert [error.startswith(f"{feeds.url}/broken {reason}") for error in report.errors] == [True]
    assert [batch.new for batch in report.batches] == [1]


def test_a_capture_of_a_day_that_lies_ahead_is_refused_and_costs_the_others_nothing(
    sqlite_database: Database, feeds: FeedServer, tmp_path: Path
) -> None:
    ahead, good = tmp_path / "ahead.xml", tmp_path / "good.xml"
    ahead.write_bytes(FEED.replace(b"17 Feb 2026", b"17 Feb 2027").replace(b"2602.0", b"2702.0"))
    good.write_bytes(FEED)
    feeds.bodies = {"cs.LG": ahead.read_bytes()}
    address = f"{feeds.url}/rss/cs.LG"
    report, done = taken(sqlite_database, str(ahead), address, str(good))
    assert [batch.day for batch in report.batches] == [TUESDAY]
    assert report.errors == [
        f"{name} says it is the feed of 2027-02-17, which lies ahead; nothing of it was used: its date is wrong, or "
        "the clock of this machine"
        for name in (str(ahead), address)
    ]
    assert len(done) == 3
    with sqlite_database.reading() as session:
        assert {row.day for row in session.exec(select(BatchRow))} == {TUESDAY}
        assert not session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).like("27%"))).all()


def test_mondays_feed_may_be_taken_in_at_the_weekend(sqlite_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(FEED.replace(b"17 Feb 2026", b"20 Feb 2026"))
    report, _ = taken(sqlite_database, str(file))
    assert ([batch.new for batch in report.batches], report.errors) == ([1], [])
