"""A clock that was two months ahead for one tick: the feeds are asked all the same, and no day is given up for it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from sqlmodel import select

import json_views as views
import sample_feeds
from bot.arxiv.api import Api
from bot.arxiv.calendar import Calendar
from bot.arxiv.client import FeedClient
from bot.intake.backfill import Backfiller
from bot.intake.ingest import Capture, ingest
from bot.intake.polling import Poller
from bot.store.database import Database
from bot.store.tables import FeedDay, FeedState
from feed_server import FeedServer
from sample_api import ApiPaper
from samples import announcement, batch, channel

pytestmark = pytest.mark.network

ONE_FEED = channel(feeds={"categories": ["cs.CL"]}, queue={"size": 50})
AHEAD = timedelta(days=60)
TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 2, day) for day in (17, 18, 19))
TUESDAY_MORNING = datetime(2026, 2, 17, 5, 11, tzinfo=UTC)
TUESDAYS = sample_feeds.rss(sample_feeds.Item(title="Probing"))
WEDNESDAYS = sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00009", title="Probing")).replace(
    b"17 Feb 2026", b"18 Feb 2026"
)


@dataclass
class Stage:
    """A server with feeds and an API, a store and a clock."""

    server: FeedServer
    database: Database
    client: FeedClient
    now: datetime = TUESDAY_MORNING

    def tick(self) -> list[tuple[str, str | None]]:
        """Do what the worker does; return the feeds that were asked, each with the day of what came."""
        poller = Poller(self.database, self.client, self.server.url, [ONE_FEED], lambda: self.now)
        polled = poller.poll()
        api = Api(self.client, self.server.url)
        Backfiller(self.database, api, [ONE_FEED], lambda: self.now).catch_up()
        return [(item.feed, str(item.batch.day) if item.batch else None) for item in polled]

    def one_tick_ahead(self) -> None:
        """Let the worker tick once while the clock is two months ahead, and set it back."""
        self.now += AHEAD
        self.tick()
        self.now -= AHEAD

    def status(self) -> views.Json:
        with self.database.reading() as session:
            shown: views.Json = views.feed(session, "cs.CL", calendar=Calendar(), now=self.now)
        return shown

    def rows(self) -> dict[date, FeedDay]:
        with self.database.reading() as session:
            return {row.day: row for row in session.exec(select(FeedDay))}


@pytest.fixture
def stage(sqlite_database: Database) -> Iterator[Stage]:
    """Return a stage that has Tuesday's feed."""
    once = stamina.RetryingCaller(attempts=1)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=once) as client:
        server.bodies["cs.CL"] = TUESDAYS
        found = Stage(server, sqlite_database, client)
        assert found.tick() == [("cs.CL", "2026-02-17")]
        yield found


def test_after_one_tick_ahead_the_next_feed_is_asked_for_on_its_day(stage: Stage) -> None:
    stage.one_tick_ahead()
    with stage.database.reading() as session:
        assert (session.get_one(FeedState, "cs.CL").next_poll_at or stage.now) > stage.now + timedelta(days=50)
    stage.now += timedelta(days=1)
    stage.server.bodies["cs.CL"] = WEDNESDAYS
    assert stage.tick() == [("cs.CL", "2026-02-18")]
    assert (stage.status()["last_batch"], stage.status()["health"]) == ("2026-02-18", "fresh")


def test_a_failure_of_a_tick_ahead_holds_no_feed_back(stage: Stage) -> None:
    stage.server.status = 503
    stage.one_tick_ahead()
    stage.server.status = 200
    stage.now += timedelta(days=1)
    stage.server.bodies["cs.CL"] = WEDNESDAYS
    assert stage.tick() == [("cs.CL", "2026-02-18")]


def test_days_that_have_not_come_are_said_and_ignored_and_then_forgotten(stage: Stage) -> None:
    stage.one_tick_ahead()
    status = stage.status()
    assert (status["last_batch"], status["ahead"]) == ("2026-02-17", "2026-04-17")
    assert {item["day"] for item in status["trouble"]} == set()
    stage.tick()
    assert set(stage.rows()) == {TUESDAY}
    assert stage.status()["ahead"] is None


def test_what_a_file_says_of_a_day_ahead_is_said_and_ignored(stage: Stage) -> None:
    early = batch(announcement("2602.00100"), day=date(2026, 4, 17))
    ingest(stage.database, [Capture(early, "a file")], channels=[ONE_FEED], now=stage.now)
    stage.tick()
    status = stage.status()
    assert (status["last_batch"], status["health"], status["items"]) == ("2026-02-17", "fresh", 1)
    assert (status["ahead"], status["overdue"]) == ("2026-04-17", None)


def test_a_monday_on_a_weekend_does_not_lie_ahead(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 21, 12, tzinfo=UTC)
    monday = batch(announcement("2602.00100"), day=date(2026, 2, 23))
    ingest(stage.database, [Capture(monday, "a file")], channels=[ONE_FEED], now=stage.now)
    assert (stage.status()["last_batch"], stage.status()["ahead"]) == ("2026-02-23", None)


def test_days_that_a_clock_ahead_wrote_off_are_made_good_all_the_same(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 20, 17, tzinfo=UTC)  # a worker that was away since Tuesday, and whose clock is wrong
    stage.server.papers = [
        ApiPaper(f"2602.{number:05}", Calendar().window(day).start + timedelta(hours=1))
        for number, day in ((50, WEDNESDAY), (60, THURSDAY))
    ]
    stage.one_tick_ahead()
    error = stage.rows()[WEDNESDAY].error or ""
    assert error.startswith("lost: more than 30 days ago")
    stage.tick()
    rows = stage.rows()
    found = "1 found in the API, 1 of them new"
    assert [(rows[day].error, rows[day].repaired) for day in (WEDNESDAY, THURSDAY)] == [(None, found)] * 2


def test_a_days_next_try_by_a_clock_ahead_holds_nothing_back(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 19, 17, tzinfo=UTC)
    stage.server.papers = [ApiPaper("2602.00050", Calendar().window(WEDNESDAY).start + timedelta(hours=1))]
    stage.tick()
    with stage.database.transaction() as session:
        row = session.get_one(FeedDay, ("cs.CL", WEDNESDAY))
        row.repaired, row.found, row.error, row.next_try_at = None, None, "not now", stage.now + AHEAD
    stage.tick()
    assert stage.rows()[WEDNESDAY].repaired == "1 found in the API, 0 of them new"
