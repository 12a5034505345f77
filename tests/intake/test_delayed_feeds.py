"""A feed that is a day behind: its papers are new ones, the day that it lacked is repaired, its own day is not."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from sqlmodel import col, select

import json_views as views
from bot.arxiv.api import Api
from bot.arxiv.calendar import Calendar
from bot.arxiv.client import FeedClient
from bot.domain.papers import AnnounceType, Batch
from bot.intake.backfill import Backfiller
from bot.intake.ingest import Capture, ingest
from bot.intake.polling import is_due
from bot.store.database import Database
from bot.store.tables import Candidate, FeedDay, PaperRow
from feed_server import FeedServer
from sample_api import ApiPaper
from samples import announcement, batch, channel

pytestmark = pytest.mark.network

CHANNEL = channel(feeds={"categories": ["cs.CL", "cs.AI"]}, queue={"size": 50})
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 2, day) for day in (17, 18, 19, 20))
SATURDAY = FRIDAY + timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def new(feed: str, day: date, *numbers: int, cross: tuple[int, ...] = ()) -> Batch:
    kinds = {**dict.fromkeys(numbers, AnnounceType.NEW), **dict.fromkeys(cross, AnnounceType.CROSS)}
    papers = (
        announcement(f"2602.{number:05}", "Probing", type=kind, authors=(f"A. No{number}",))
        for number, kind in kinds.items()
    )
    return batch(*papers, feed=feed, day=day)


def _submitted(day: date) -> datetime:
    """Return a moment at which papers of a day were submitted."""
    return Calendar().window(day).start + timedelta(hours=1)


# On Wednesday cs.AI repeats Tuesday, on Thursday it has Wednesday's papers: 21, 22, 23, and 25 that cs.CL had already.
BEHIND = (
    new("cs.CL", TUESDAY, 10, 15),
    new("cs.AI", TUESDAY, 11, 12),
    new("cs.CL", WEDNESDAY, 20, 25, 29),
    new("cs.AI", WEDNESDAY, 11, 12),
    new("cs.CL", THURSDAY, 30, 39),
    new("cs.AI", THURSDAY, 21, 22, 23, cross=(25,)),
    new("cs.CL", FRIDAY, 40, 49),
    new("cs.AI", FRIDAY, 41, 42),
)


@dataclass
class Stage:
    """A server that plays the API, a store and a clock."""

    server: FeedServer
    database: Database
    client: FeedClient
    now: datetime

    @property
    def backfiller(self) -> Backfiller:
        return Backfiller(self.database, Api(self.client, self.server.url), [CHANNEL], lambda: self.now)

    def take(self, *batches: Batch) -> None:
        for item in batches:
            ingest(self.database, [Capture(item, "test")], channels=[CHANNEL], now=self.now)

    def health(self, feed: str = "cs.AI") -> list[str]:
        with self.database.reading() as session:
            rows = session.exec(select(FeedDay).where(FeedDay.feed == feed).order_by(col(FeedDay.day)))
            return [row.health for row in rows]

    def row(self, day: date, feed: str = "cs.AI") -> FeedDay:
        with self.database.reading() as session:
            return session.get_one(FeedDay, (feed, day))

    def days(self) -> dict[int, date | None]:
        with self.database.reading() as session:
            return {int(row.arxiv_id[-5:]): row.announced for row in session.exec(select(PaperRow))}

    def asked(self, *, at: date) -> list[tuple[str, date]]:
        """Let the worker ask the API on a day for whatever is due, and return what it asked for."""
        self.now = noon(at)
        return [(item.feed, item.day) for item in self.backfiller.catch_up(most=99)]


@pytest.fixture
def stage(sqlite_database: Database) -> Iterator[Stage]:
    """Return a stage with an empty store."""
    once = stamina.RetryingCaller(attempts=1)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=once) as client:
        yield Stage(server, sqlite_database, client, noon(FRIDAY))


def test_the_papers_of_a_late_feed_are_new_ones_of_the_day_on_which_it_has_them(stage: Stage) -> None:
    stage.take(*BEHIND)
    assert stage.health() == ["fresh", "stale", "delayed", "fresh"]
    assert {number: stage.days()[number] for number in (21, 22, 23, 25, 41)} == {
        **dict.fromkeys((21, 22, 23), THURSDAY),
        25: WEDNESDAY,
        41: FRIDAY,
    }
    with stage.database.reading() as session:
        queued = session.exec(select(Candidate.arxiv_id)).all()
    assert len(queued) == len(set(queued)) == len(stage.days())


def test_the_lost_day_counts_as_repaired_and_the_late_feeds_own_day_is_asked_for(stage: Stage) -> None:
    stage.take(*BEHIND)
    stage.server.papers = [ApiPaper("2602.00031", _submitted(THURSDAY), categories=("cs.AI",))]
    assert stage.row(WEDNESDAY).came_on == THURSDAY
    assert stage.asked(at=FRIDAY) == [("cs.AI", THURSDAY)]
    assert stage.days()[31] == THURSDAY
    with stage.database.reading() as session:
        shown = views.feed(session, "cs.AI", calendar=Calendar(), now=stage.now)
    assert [(item["day"], item["health"], item["repaired"]) for item in shown["trouble"]] == [
        (str(THURSDAY), "delayed", "1 found in the API, 1 of them new"),
        (str(WEDNESDAY), "stale", f"its papers came with the feed of {THURSDAY}"),
    ]
    assert stage.backfiller.since(TUESDAY, only=[CHANNEL]) == []


def test_what_the_api_still_knew_nothing_of_is_settled_by_the_late_feed(stage: Stage) -> None:
    stage.take(*BEHIND[:4])
    assert stage.asked(at=THURSDAY) == [("cs.AI", WEDNESDAY)]
    assert stage.row(WEDNESDAY).error is not None
    stage.take(*BEHIND[4:6])
    row = stage.row(WEDNESDAY)
    assert (row.error, row.next_try_at, row.asked) == (None, None, 0)
    assert not is_due(row, next_poll_at=None, now=stage.now)


def test_fridays_papers_on_a_saturday_repair_friday_and_nothing_more_is_asked(stage: Stage) -> None:
    stage.take(
        new("cs.CL", THURSDAY, 30, 39),
        new("cs.AI", THURSDAY, 31, 32),
        new("cs.CL", FRIDAY, 40, 49),
        new("cs.AI", FRIDAY, 31, 32),
        new("cs.AI", SATURDAY, 41, 42),
    )
    assert stage.health() == ["fresh", "stale", "delayed"]
    assert stage.asked(at=FRIDAY + timedelta(days=3)) == []  # the feed of Monday may still come
    assert [stage.days()[number] for number in (41, 42)] == [SATURDAY] * 2


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_captures_makes_no_difference(stage: Stage, seed: int) -> None:
    shuffled = [*BEHIND, *BEHIND[::3]]
    random.Random(seed).shuffle(shuffled)
    stage.take(*shuffled)
    assert stage.health() == ["fresh", "stale", "delayed", "fresh"]
    assert stage.row(WEDNESDAY).came_on == THURSDAY
    assert [stage.days()[number] for number in (21, 22, 23, 25)] == [THURSDAY] * 3 + [WEDNESDAY]


def test_a_capture_that_shows_the_lost_day_after_all_takes_the_repair_back(stage: Stage) -> None:
    stage.take(*BEHIND[:6])
    stage.take(new("cs.AI", WEDNESDAY, 21, 22, 23))
    assert stage.health() == ["fresh", "fresh", "stale"]
    assert stage.row(WEDNESDAY).came_on is None
    assert [stage.days()[number] for number in (21, 22, 23)] == [WEDNESDAY] * 3


@pytest.mark.parametrize("api_first", [True, False])
def test_where_no_other_feed_tells_the_apis_answer_shows_that_a_feed_is_late(stage: Stage, api_first: bool) -> None:
    alone = channel(feeds={"categories": ["cs.AI"]}, queue={"size": 50})
    backfiller = Backfiller(stage.database, Api(stage.client, stage.server.url), [alone], lambda: stage.now)
    found = ("2602.00021", "2602.00022")
    stage.server.papers = [ApiPaper(name, _submitted(WEDNESDAY), categories=("cs.AI",)) for name in found]
    stage.take(*(item for item in BEHIND[:4] if item.feed == "cs.AI"))
    if api_first:
        backfiller.day(WEDNESDAY, only=[alone])
    stage.take(new("cs.AI", THURSDAY, 21, 22))
    if not api_first:
        assert stage.health() == ["fresh", "stale", "fresh"]  # nothing shows it yet
        backfiller.day(WEDNESDAY, only=[alone])
    assert stage.health() == ["fresh", "stale", "delayed"]
    assert [stage.days()[number] for number in (21, 22)] == [THURSDAY] * 2
    assert stage.row(WEDNESDAY).came_on == THURSDAY


def test_two_days_in_a_row_that_are_late_are_told_apart(stage: Stage) -> None:
    late = [item for item in BEHIND if (item.feed, item.day) != ("cs.AI", FRIDAY)]
    stage.take(*late, new("cs.AI", FRIDAY, 31, 32))
    assert stage.health() == ["fresh", "stale", "delayed", "delayed"]
    came = [stage.row(day).came_on for day in (WEDNESDAY, THURSDAY, FRIDAY)]
    assert came == [THURSDAY, FRIDAY, None]
    assert stage.asked(at=FRIDAY + timedelta(days=3)) == [("cs.AI", FRIDAY)]
