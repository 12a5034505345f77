"""Polling: when a feed is due, what is remembered, and that of several workers one asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
import structlog
from sqlmodel import select
from structlog.testing import capture_logs

import sample_feeds
from bot.arxiv.client import FeedClient
from bot.arxiv.health import Health
from bot.intake.polling import Poller, is_due
from bot.intake.schedule import expected_day
from bot.store.database import Database
from bot.store.tables import Candidate, FeedDay, FeedState
from feed_server import FeedServer
from samples import channel

pytestmark = pytest.mark.network

ONE_FEED = channel(feeds={"categories": ["cs.CL"]})
OTHER = sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00009", title="Probing")).replace(
    b"17 Feb 2026", b"18 Feb 2026"
)
BODY = sample_feeds.rss(sample_feeds.Item(title="Probing"))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TUESDAY_MORNING = utc("2026-02-17 05:11")


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-02-17 05:09", "2026-02-16"),
        ("2026-02-17 05:10", "2026-02-17"),
        ("2026-02-21 12:00", "2026-02-20"),
        ("2026-02-22 12:00", "2026-02-20"),
        ("2026-02-23 04:59", "2026-02-20"),
        ("2026-02-23 05:10", "2026-02-23"),
        ("2026-07-14 04:10", "2026-07-14"),
    ],
)
def test_a_batch_is_expected_from_ten_past_midnight_eastern_on_weekdays(now: str, day: str) -> None:
    assert expected_day(utc(now)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("health", "due"),
    [(None, True), *((item, item.needs_repair) for item in Health)],
)
def test_a_feed_is_due_until_its_batch_is_in_and_says_the_truth(health: Health | None, due: bool) -> None:
    today = FeedDay(feed="cs.CL", day=date(2026, 2, 17), health=health) if health else None
    now = TUESDAY_MORNING
    assert is_due(today, next_poll_at=None, now=now) is due
    assert is_due(today, next_poll_at=now, now=now) is due
    assert not is_due(today, next_poll_at=now + timedelta(seconds=1), now=now)


@dataclass
class Stage:
    """A server, a store and a clock."""

    server: FeedServer
    database: Database
    client: FeedClient
    now: datetime = TUESDAY_MORNING

    def poll(self, *, force: bool = False) -> list[tuple[str, int | None, bool]]:
        poller = Poller(self.database, self.client, self.server.url, [ONE_FEED], lambda: self.now)
        reports = poller.poll(force=force)
        return [(item.feed, item.batch.new if item.batch else None, item.error is not None) for item in reports]

    def day(self, day: str) -> tuple[str, str, int]:
        with self.database.reading() as session:
            row = session.get_one(FeedDay, ("cs.CL", date.fromisoformat(day)))
        return row.health, row.reason, row.tries

    def remembered(self) -> FeedState:
        with self.database.reading() as session:
            return session.get_one(FeedState, "cs.CL")


@pytest.fixture
def stage(sqlite_database: Database) -> Iterator[Stage]:
    """Return a stage whose server has Tuesday's feed."""
    no_retry = stamina.RetryingCaller(attempts=1)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=no_retry) as client:
        server.bodies["cs.CL"] = BODY
        yield Stage(server, sqlite_database, client)


def test_a_due_feed_is_fetched_once_and_its_papers_are_queued(stage: Stage) -> None:
    assert stage.poll() == [("cs.CL", 1, False)]
    stage.now += timedelta(hours=1)
    assert stage.poll() == []
    with stage.database.reading() as session:
        assert [row.arxiv_id for row in session.exec(select(Candidate))] == ["2602.00001"]


def test_yesterdays_feed_is_asked_for_again_with_pauses_until_todays_is_there(stage: Stage) -> None:
    stage.poll()
    stage.now += timedelta(days=1)
    assert stage.poll() == [("cs.CL", None, False)]
    assert stage.poll() == []
    stage.now += timedelta(minutes=20)
    stage.server.bodies["cs.CL"] = OTHER
    assert stage.poll() == [("cs.CL", 1, False)]
    assert [status for _, status in stage.server.requests] == [200, 304, 200]
    assert stage.remembered().last_day == date(2026, 2, 18)


def test_a_feed_that_lies_is_fetched_again_with_growing_pauses_until_it_tells_the_truth(stage: Stage) -> None:
    stage.poll()
    stage.now += timedelta(days=1)
    stage.server.bodies["cs.CL"] = BODY.replace(b"17 Feb 2026", b"18 Feb 2026")
    pauses = []
    for _ in range(6):
        stage.poll()
        state = stage.remembered()
        assert state.next_poll_at is not None
        pauses.append((state.next_poll_at - stage.now).total_seconds() / 60)
        stage.now = state.next_poll_at
    assert pauses == [20, 40, 80, 160, 320, 320]
    assert stage.day("2026-02-18") == ("stale", "repeats 2026-02-17: 1 of 1 entries are the same", 6)
    stage.server.bodies["cs.CL"] = OTHER
    assert stage.poll() == [("cs.CL", 1, False)]
    assert stage.day("2026-02-18") == ("fresh", "", 6)
    stage.now += timedelta(hours=1)
    assert stage.poll() == []


def test_a_feed_that_was_cut_off_brings_what_arrived_and_the_rest_later(stage: Stage) -> None:
    two = sample_feeds.rss(sample_feeds.Item(title="Probing"), sample_feeds.Item(arxiv_id="2602.00002"))
    stage.server.bodies["cs.CL"] = two[: two.rindex(b"<item>")]
    assert stage.poll() == [("cs.CL", 1, False)]
    assert stage.day("2026-02-17")[0] == "truncated"
    assert stage.remembered().etag is None
    stage.server.bodies["cs.CL"] = two
    stage.now += timedelta(minutes=20)
    assert stage.poll() == [("cs.CL", 1, False)]
    assert stage.day("2026-02-17")[0] == "fresh"


def test_a_failure_is_remembered_in_words_and_pauses_grow(stage: Stage) -> None:
    stage.server.status = 503
    pauses = []
    for _ in range(6):
        assert stage.poll() == [("cs.CL", None, True)]
        state = stage.remembered()
        assert state.next_poll_at is not None
        pauses.append((state.next_poll_at - stage.now).total_seconds() / 60)
        stage.now = state.next_poll_at
    assert pauses == [5, 10, 20, 40, 60, 60]
    assert "503" in (stage.remembered().error or "")
    stage.server.status = 200
    assert stage.poll() == [("cs.CL", 1, False)]
    assert (stage.remembered().error, stage.remembered().failures) == (None, 0)


def test_a_broken_body_changes_nothing_and_is_tried_again(stage: Stage) -> None:
    stage.server.bodies["cs.CL"] = BODY[:900]
    assert stage.poll() == [("cs.CL", None, True)]
    with stage.database.reading() as session:
        assert session.exec(select(Candidate)).all() == []
    assert stage.remembered().etag is None
    assert (stage.day("2026-02-17")[0], stage.day("2026-02-17")[2]) == ("broken", 1)


def test_an_empty_weekday_is_asked_about_again_until_the_papers_come(stage: Stage) -> None:
    stage.server.bodies["cs.CL"] = sample_feeds.rss()
    assert stage.poll() == [("cs.CL", 0, False)]
    stage.server.bodies["cs.CL"] = BODY
    assert stage.poll() == []
    stage.now += timedelta(hours=1)
    assert stage.poll() == [("cs.CL", 1, False)]


def test_a_channel_that_comes_later_gets_todays_papers_without_a_new_body(stage: Stage) -> None:
    stage.poll()
    late = channel("late", feeds={"categories": ["cs.CL"]})
    poller = Poller(stage.database, stage.client, stage.server.url, [late], lambda: stage.now)
    [report] = poller.poll(force=True)
    assert (report.batch, report.queued) == (None, {"late": 1})


def test_a_person_may_poll_at_any_time(stage: Stage) -> None:
    stage.poll()
    assert stage.poll(force=True) == [("cs.CL", None, False)]


def test_of_two_workers_one_asks(stage: Stage) -> None:
    first = Poller(stage.database, stage.client, stage.server.url, [ONE_FEED], lambda: stage.now)
    assert first._claim("cs.CL", force=False) is not None
    assert stage.poll() == []
    stage.now += timedelta(minutes=10)
    assert stage.poll() == [("cs.CL", 1, False)]


def test_a_feed_of_another_category_is_refused_and_said(stage: Stage) -> None:
    stage.server.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"), category="cs.LG")
    assert stage.poll() == [("cs.CL", None, True)]
    assert "sends the feed of cs.LG and not of cs.CL" in (stage.remembered().error or "")
    with stage.database.reading() as session:
        assert session.exec(select(Candidate)).all() == []


def test_a_feed_that_stays_yesterdays_is_asked_about_less_and_less(stage: Stage) -> None:
    stage.poll()
    stage.now += timedelta(days=1)
    pauses = []
    for _ in range(4):
        stage.poll()
        due = stage.remembered().next_poll_at
        assert due is not None
        pauses.append((due - stage.now).total_seconds() / 60)
        stage.now = due
    assert pauses == [20, 40, 80, 160]
    assert stage.day("2026-02-18") == ("missing", "the feed is still that of 2026-02-17", 4)


def test_a_feed_from_the_future_is_refused(stage: Stage) -> None:
    stage.server.bodies["cs.CL"] = BODY.replace(b"17 Feb 2026", b"17 Feb 2036")
    assert stage.poll() == [("cs.CL", None, True)]
    assert "which lies ahead" in (stage.remembered().error or "")


def test_an_outage_that_meets_all_feeds_is_one_line_of_the_log(stage: Stage) -> None:
    stage.server.status = 503
    several = channel(feeds={"categories": ["cs.CL", "cs.LG", "stat.ML"]})
    structlog.reset_defaults()
    with capture_logs() as logged:
        Poller(stage.database, stage.client, stage.server.url, [several], lambda: stage.now).poll()
    [line] = logged
    assert (line["event"], line["feeds"]) == ("feeds not polled", ["cs.CL", "cs.LG", "stat.ML"])
    assert "503" in line["reason"]
    assert "503" in (stage.remembered().error or "")
