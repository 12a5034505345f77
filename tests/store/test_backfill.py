"""Days that feeds lost: when they are due, what the API's word is worth, and that nothing is offered twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from sqlmodel import col, select

from bot.arxiv.api import Api
from bot.arxiv.fetching import FeedClient
from bot.backfill import Backfiller, BackfillReport
from bot.errors import PicksError
from bot.ingest import Capture, ingest
from bot.papers import AnnounceType
from bot.picks import CandidateState
from bot.store.database import Database
from bot.store.tables import BatchRow, Candidate, FeedDay, PaperRow
from feed_server import FeedServer
from sample_api import ApiPaper, page
from samples import TUESDAY, WEDNESDAY, announcement, batch, channel

ONE_FEED = channel(feeds={"categories": ["cs.CL"]}, queue={"size": 50})
THURSDAY, FRIDAY, MONDAY = (date(2026, 2, day) for day in (19, 20, 23))


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


@dataclass
class Stage:
    """A server, a store that knows Tuesday, and a clock."""

    server: FeedServer
    database: Database
    client: FeedClient
    now: datetime

    @property
    def backfiller(self) -> Backfiller:
        return Backfiller(self.database, Api(self.client, self.server.url, page_size=2), [ONE_FEED], lambda: self.now)

    def take(self, *ids: str, day: date, kind: AnnounceType = AnnounceType.NEW) -> None:
        entries = [announcement(name, "Probing", type=kind) for name in ids]
        ingest(self.database, [Capture(batch(*entries, day=day), "test")], channels=[ONE_FEED], now=self.now)

    def days(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            return [(str(row.day), row.health) for row in session.exec(select(FeedDay).order_by(col(FeedDay.day)))]

    def row(self, day: date) -> FeedDay:
        with self.database.reading() as session:
            return session.get_one(FeedDay, ("cs.CL", day))

    def papers(self) -> list[tuple[str, str, bool]]:
        with self.database.reading() as session:
            rows = session.exec(select(PaperRow).order_by(PaperRow.arxiv_id))
            return [(row.arxiv_id, str(row.announced), row.backfilled) for row in rows]

    def queue(self) -> list[tuple[str, str]]:
        with self.database.reading() as session:
            rows = session.exec(select(Candidate).where(Candidate.state == CandidateState.QUEUED))
            return sorted((row.arxiv_id, str(row.announced)) for row in rows)


@pytest.fixture
def stage(sqlite_database: Database) -> Iterator[Stage]:
    """Return a stage on Thursday noon whose store has Tuesday's feed and nothing since."""
    no_retry = stamina.RetryingCaller(attempts=1)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=no_retry) as client:
        found = Stage(server, sqlite_database, client, noon(THURSDAY))
        found.take("2602.00001", day=TUESDAY)
        yield found


def submitted_for(day: date, number: int, **changes: object) -> ApiPaper:
    hours = timedelta(hours=number % 5 + 1)
    return ApiPaper(f"2602.{number:05}", noon(day) - timedelta(days=1, hours=5) + hours, **changes)  # type: ignore[arg-type]


def test_a_day_slept_through_is_made_good_once(stage: Stage) -> None:
    stage.server.papers = [submitted_for(WEDNESDAY, number) for number in (5, 6, 7)]
    assert stage.backfiller.catch_up() == [BackfillReport("cs.CL", WEDNESDAY, 3, 3, {"sample": 3})]
    assert stage.days() == [("2026-02-17", "fresh"), ("2026-02-18", "missing")]
    assert stage.row(WEDNESDAY).repaired == "3 found in the API, 3 of them new"
    assert stage.papers()[1:] == [(f"2602.0000{number}", "2026-02-18", True) for number in (5, 6, 7)]
    assert [start for _, start, _ in stage.server.api_requests] == [0, 2]
    assert stage.backfiller.catch_up() == []


def test_the_feeds_word_counts_more_than_the_apis(stage: Stage) -> None:
    stage.server.papers = [submitted_for(WEDNESDAY, number) for number in (5, 6)]
    stage.backfiller.catch_up()
    numbers = {row: number for number, row in enumerate(stage.queue())}
    stage.take("2602.00006", "2602.00008", day=THURSDAY)
    assert stage.papers()[1:] == [
        ("2602.00005", "2026-02-18", True),
        ("2602.00006", "2026-02-19", False),
        ("2602.00008", "2026-02-19", False),
    ]
    assert [name for name, _ in stage.queue()] == ["2602.00001", "2602.00005", "2602.00006", "2602.00008"]
    assert len(numbers) == 3


def test_papers_that_were_held_up_are_known_by_their_numbers(stage: Stage) -> None:
    early = noon(TUESDAY) - timedelta(days=3)
    stage.server.papers = [ApiPaper("2602.00004", early), ApiPaper("2602.00001", early), ApiPaper("2601.00001", early)]
    assert [(item.found, item.new) for item in stage.backfiller.catch_up()] == [(1, 1)]


def test_what_was_cross_listed_is_told_from_what_is_new(stage: Stage) -> None:
    stage.server.papers = [submitted_for(WEDNESDAY, 5, categories=("stat.ML", "cs.CL"))]
    stage.backfiller.catch_up()
    assert stage.queue() == [("2602.00001", "2026-02-17"), ("2602.00005", "2026-02-18")]


def test_a_failure_is_remembered_and_tried_again_after_the_pause_that_the_server_wants(stage: Stage) -> None:
    stage.server.api_answers = [(429, {"Retry-After": "7200"}, b"")]
    [report] = stage.backfiller.catch_up()
    assert "HTTP 429" in (report.error or "")
    assert stage.backfiller.catch_up() == []
    stage.now += timedelta(minutes=119)
    assert stage.backfiller.catch_up() == []
    stage.now += timedelta(minutes=1)
    assert [item.error for item in stage.backfiller.catch_up()] == [None]
    assert stage.row(WEDNESDAY).error is None


def test_an_empty_page_is_asked_for_again_before_it_is_believed(stage: Stage) -> None:
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    stage.server.api_answers = [(200, {}, page([], total=0))]
    assert [item.new for item in stage.backfiller.catch_up()] == [1]


def test_a_page_that_stays_empty_against_its_own_count_is_a_failure(stage: Stage) -> None:
    stage.server.api_answers = [(200, {}, page([], total=7))] * 3
    [report] = stage.backfiller.catch_up()
    assert (report.error or "").endswith("says 7 results and sends none; try again later")


def test_today_is_left_to_its_feed_until_that_was_fetched_often_enough(stage: Stage) -> None:
    stage.now = noon(WEDNESDAY)
    stage.take("2602.00001", day=WEDNESDAY)
    assert stage.days()[-1] == ("2026-02-18", "stale")
    assert stage.backfiller.catch_up() == []
    with stage.database.transaction() as session:
        session.get_one(FeedDay, ("cs.CL", WEDNESDAY)).tries = 4
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    assert [item.new for item in stage.backfiller.catch_up()] == [1]
    assert stage.backfiller.catch_up() == []
    stage.server.papers.append(submitted_for(WEDNESDAY, 6))  # the API was behind
    stage.now += timedelta(hours=20)
    assert [item.new for item in stage.backfiller.catch_up()] == [1]
    assert stage.papers() == [
        ("2602.00001", "2026-02-17", False),
        ("2602.00005", "2026-02-18", True),
        ("2602.00006", "2026-02-18", True),
    ]


def test_days_that_were_never_watched_are_nobodys_loss(sqlite_database: Database, stage: Stage) -> None:
    other = channel("other", feeds={"categories": ["cs.AI"]})
    api = Api(stage.client, stage.server.url)
    assert Backfiller(sqlite_database, api, [other], lambda: stage.now).catch_up() == []


def test_of_two_workers_one_asks(stage: Stage) -> None:
    assert stage.backfiller._claim("cs.CL", WEDNESDAY)
    assert stage.backfiller.catch_up() == []
    stage.now += timedelta(minutes=10)
    assert len(stage.backfiller.catch_up()) == 1


def test_by_hand_a_day_is_asked_for_whatever_is_known_of_it(stage: Stage) -> None:
    assert [item.day for item in stage.backfiller.day(TUESDAY, only=[ONE_FEED])] == [TUESDAY]
    assert [item.day for item in stage.backfiller.since(date(2026, 2, 12), only=[ONE_FEED])] == [
        *(date(2026, 2, 12), date(2026, 2, 13), date(2026, 2, 16)),
        *(WEDNESDAY, THURSDAY),
    ]


@pytest.mark.parametrize(
    ("day", "message"), [("2026-02-15", "announces nothing at weekends"), ("2026-02-20", "can be there yet")]
)
def test_a_day_without_papers_or_ahead_is_refused_in_words(stage: Stage, day: str, message: str) -> None:
    with pytest.raises(PicksError, match=message):
        stage.backfiller.day(date.fromisoformat(day), only=[ONE_FEED])


def test_a_week_away_across_a_holiday_is_caught_up_with_day_by_day(stage: Stage) -> None:
    stage.now = datetime(2026, 6, 12, 17, tzinfo=UTC)
    first, last = date(2026, 6, 12), date(2026, 6, 24)
    stage.take("2606.00100", day=first)
    announced = [
        day for day in (first + timedelta(days=n) for n in range(1, 12)) if day.day not in {13, 14, 20, 21, 22}
    ]
    stage.server.papers = [
        ApiPaper(f"2606.{200 + 10 * place + number:05}", _submitted(day) + timedelta(hours=number))
        for place, day in enumerate(announced)
        for number in range(3)
    ]
    stage.now = noon(last)
    reports = []
    while done := stage.backfiller.catch_up():
        assert len(done) <= 3
        reports += done
    assert [item.day for item in reports] == announced  # 19 June is a Friday: the mailing of Sunday is left out
    assert [item.new for item in reports] == [3] * len(announced)
    names = [name for name, _ in stage.queue()]
    assert len(names) == len({*names}) == 2 + 3 * len(announced)
    with stage.database.reading() as session:
        assert len(session.exec(select(BatchRow)).all()) == 2 + len(announced)


def _submitted(day: date) -> datetime:
    """Return a moment well inside the window of a day."""
    from bot.arxiv.calendar import Calendar

    return Calendar().window(day).start + timedelta(hours=1)
