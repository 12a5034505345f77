"""Days that feeds lost: when they are due, what the API's word is worth, and that nothing is offered twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import stamina
from sqlmodel import col, select

import json_views as feed_views
from bot.arxiv.api import Api
from bot.arxiv.calendar import Calendar
from bot.arxiv.client import FeedClient
from bot.arxiv.health import Health, Verdict
from bot.domain.errors import PicksError
from bot.domain.papers import AnnounceType, ArxivId, OddEntry
from bot.domain.states import CandidateState
from bot.intake.announcement_days import record_health
from bot.intake.backfill import SERVICE, Backfiller, BackfillReport
from bot.intake.ingest import Capture, ingest
from bot.intake.rate_limit import wait_for_turn
from bot.store.database import Database
from bot.store.tables import BatchRow, Candidate, FeedDay, PaperRow
from feed_server import FeedServer
from sample_api import ApiPaper, page
from samples import TUESDAY, WEDNESDAY, announcement, batch, channel

pytestmark = pytest.mark.network

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
def new_stage(sqlite_database: Database) -> Iterator[Stage]:
    """Return a stage on Thursday noon with an empty store; requests take turns, without waiting for them."""

    def turn() -> None:
        wait_for_turn(sqlite_database, SERVICE, pause=0.0, clock=lambda: found.now, sleep=lambda _: None)

    once = stamina.RetryingCaller(attempts=1)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=once, wait_for_turn=turn) as client:
        found = Stage(server, sqlite_database, client, noon(THURSDAY))
        yield found


@pytest.fixture
def stage(new_stage: Stage) -> Stage:
    """Return a stage on Thursday noon whose store has Tuesday's feed and nothing since."""
    new_stage.take("2602.00001", day=TUESDAY)
    return new_stage


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
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
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
    ("day", "message"),
    [
        ("2026-02-15", "announces nothing at weekends"),
        ("2026-02-20", "can be there yet"),
        ("1991-08-13", "there was no arXiv on 1991-08-13; give a day from 1991-08-14 on"),
        ("0001-01-01", "there was no arXiv on 0001-01-01"),
    ],
)
def test_a_day_without_papers_or_ahead_is_refused_in_words(stage: Stage, day: str, message: str) -> None:
    with pytest.raises(PicksError, match=message):
        stage.backfiller.day(date.fromisoformat(day), only=[ONE_FEED])


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("2026-02-20", "can be there yet"),
        ("0001-01-01", "there was no arXiv on 0001-01-01"),
        ("2025-02-17", "2025-02-17 is more than 366 days before 2026-02-19: too much to ask arXiv for at once"),
    ],
)
def test_by_hand_more_than_a_year_is_refused(stage: Stage, first: str, message: str) -> None:
    with pytest.raises(PicksError, match=message):
        stage.backfiller.since(date.fromisoformat(first), only=[ONE_FEED])
    assert stage.server.api_requests == []


def test_of_a_long_absence_the_last_weeks_are_made_good_and_the_days_before_are_said_to_be_lost(stage: Stage) -> None:
    today = date(2026, 3, 30)
    stage.now = noon(today)
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    stage.take("2603.05000", day=today)  # the poll comes first
    assert [item.day for item in stage.backfiller.catch_up(most=99)] == Calendar().announcements(
        date(2026, 3, 2), date(2026, 3, 27)
    )
    lost = Calendar().announcements(WEDNESDAY, date(2026, 2, 27))
    error = "lost: more than 30 days ago; use picks fetch --since 2026-02-18"
    assert [(stage.row(day).error, stage.row(day).next_try_at) for day in lost] == [(error, None)] * 8
    with stage.database.reading() as session:
        shown = feed_views.feed(session, "cs.CL", calendar=Calendar(), now=stage.now)
    assert shown["lost"] == {
        "days": 8,
        "first": "2026-02-18",
        "last": "2026-02-27",
        "next": "picks fetch --since 2026-02-18",
    }
    assert {str(day) for day in lost}.isdisjoint(item["day"] for item in shown["trouble"])
    assert [item.new for item in stage.backfiller.since(WEDNESDAY, only=[ONE_FEED])][:1] == [1]
    assert (stage.row(WEDNESDAY).error, stage.row(WEDNESDAY).repaired) == (None, "1 found in the API, 1 of them new")


def test_an_old_day_that_lied_and_was_never_repaired_is_said_to_be_lost_too(new_stage: Stage) -> None:
    odd = batch(announcement("2602.00001"), day=WEDNESDAY, odd=(OddEntry("entry 2 of 2 has no title"),))
    ingest(new_stage.database, [Capture(odd, "test")], channels=[ONE_FEED], now=new_stage.now)
    new_stage.now = noon(date(2026, 4, 30))
    new_stage.backfiller.catch_up(most=0)
    row = new_stage.row(WEDNESDAY)
    assert (row.health, row.error) == ("partial", "lost: more than 30 days ago; use picks fetch --since 2026-02-18")
    with new_stage.database.reading() as session:
        lost = feed_views.feed(session, "cs.CL", calendar=Calendar(), now=new_stage.now)["lost"]
    assert (lost["first"], lost["next"]) == ("2026-02-18", "picks fetch --since 2026-02-18")


def test_a_day_that_was_due_stays_due_while_the_api_is_down(stage: Stage) -> None:
    stage.now = noon(date(2026, 3, 18))
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    stage.server.api_answers = [(503, {}, b"")] * 2
    assert [item.day for item in stage.backfiller.catch_up()] == [WEDNESDAY]
    stage.now = noon(date(2026, 3, 26))
    assert [item.day for item in stage.backfiller.catch_up()] == [WEDNESDAY]
    stage.now += timedelta(hours=6)
    assert [(item.day, item.new) for item in stage.backfiller.catch_up()] == [
        (WEDNESDAY, 1),
        (THURSDAY, 0),
        (FRIDAY, 0),
    ]


def test_a_day_that_the_api_has_failed_on_for_weeks_is_left_to_a_person(stage: Stage) -> None:
    tries = 0
    while ("cs.CL", WEDNESDAY) in stage.backfiller._due():
        assert tries < 200
        stage.server.api_answers = [(503, {}, b"")]
        [report] = stage.backfiller.catch_up(most=1)
        assert (report.day, report.error is None) == (WEDNESDAY, False)
        tries += 1
        stage.now = stage.row(WEDNESDAY).next_try_at or stage.now
    row = stage.row(WEDNESDAY)
    assert stage.now.date() - WEDNESDAY > timedelta(days=20)  # no outage of the API was as long
    assert row.next_try_at is None
    assert (row.error or "").endswith(f"; given up after {tries} tries, picks fetch --day {WEDNESDAY} asks again")
    stage.server.api_answers = [(503, {}, b"")]
    assert stage.backfiller.day(WEDNESDAY, only=[ONE_FEED])[0].error is not None
    assert stage.row(WEDNESDAY).next_try_at is not None  # a person's question begins a new round
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    assert [item.new for item in stage.backfiller.day(WEDNESDAY, only=[ONE_FEED])] == [1]
    assert stage.row(WEDNESDAY).error is None


def test_captures_of_years_ago_are_nobodys_loss(new_stage: Stage) -> None:
    new_stage.take("2406.00001", day=date(2024, 6, 4))
    assert new_stage.backfiller.catch_up() == []
    assert new_stage.days() == [("2024-06-04", "fresh")]


def test_an_api_that_knows_nothing_is_asked_five_times_and_then_given_up_aloud(stage: Stage) -> None:
    pauses = []
    for _ in range(4):
        assert stage.backfiller.catch_up() == [BackfillReport("cs.CL", WEDNESDAY, queued={"sample": 0})]
        row = stage.row(WEDNESDAY)
        assert (row.repaired, row.next_try_at is None) == (None, False)
        pauses.append((row.next_try_at or stage.now) - stage.now)
        stage.now += pauses[-1]
    assert pauses == [timedelta(minutes=minutes) for minutes in (15, 30, 60, 120)]
    assert len(stage.backfiller.catch_up()) == 1
    stage.now += timedelta(days=1)
    assert stage.backfiller._due() == [("cs.CL", THURSDAY)]
    row = stage.row(WEDNESDAY)
    assert (row.repaired, row.next_try_at) == (None, None)
    assert row.error == (
        "the API knows no papers of that day yet, asked 5 of 5 times; picks fetch --day 2026-02-18 asks again"
    )
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    assert [item.new for item in stage.backfiller.since(WEDNESDAY, only=[ONE_FEED])][:1] == [1]
    assert stage.row(WEDNESDAY).error is None


@pytest.mark.parametrize("failing", [2, 5])
def test_questions_end_however_often_the_api_fails_between_two_answers(stage: Stage, failing: int) -> None:
    asked = 0
    while asked < 60 and ("cs.CL", WEDNESDAY) in stage.backfiller._due():
        asked += 1
        if asked % failing == 0:
            stage.server.api_answers = [(503, {}, b"")]
        for report in stage.backfiller.catch_up(most=1):
            assert (report.day, report.error is not None) == (WEDNESDAY, asked % failing == 0)
        stage.now = stage.row(WEDNESDAY).next_try_at or stage.now
    assert asked == {2: 9, 5: 6}[failing]
    row = stage.row(WEDNESDAY)
    assert (row.asked, row.next_try_at) == (5, None)
    assert row.error == (
        "the API knows no papers of that day yet, asked 5 of 5 times; picks fetch --day 2026-02-18 asks again"
    )


def test_after_the_last_question_of_the_day_itself_one_more_is_asked_on_the_next(stage: Stage) -> None:
    stage.now = noon(WEDNESDAY)
    with stage.database.transaction() as session:
        row = record_health(session, "cs.CL", WEDNESDAY, Verdict(Health.STALE, "the feed is still that of Tuesday"))
        row.tries, row.asked = 9, 4
    assert len(stage.backfiller.catch_up()) == 1
    assert stage.row(WEDNESDAY).next_try_at == stage.now + timedelta(hours=20)
    stage.now += timedelta(hours=20)
    assert [item.day for item in stage.backfiller.catch_up(most=1)] == [WEDNESDAY]
    row = stage.row(WEDNESDAY)
    assert (row.asked, row.next_try_at) == (5, None)


def test_a_persons_question_begins_a_new_round(stage: Stage) -> None:
    for _ in range(5):
        stage.backfiller.catch_up(most=1)
        stage.now = stage.row(WEDNESDAY).next_try_at or stage.now
    assert stage.row(WEDNESDAY).next_try_at is None
    stage.backfiller.day(WEDNESDAY, only=[ONE_FEED])
    assert stage.row(WEDNESDAY).asked == 1
    assert stage.row(WEDNESDAY).next_try_at == stage.now + timedelta(minutes=15)


def test_an_api_and_a_feed_that_both_know_nothing_are_believed_but_not_against_a_person(stage: Stage) -> None:
    with stage.database.transaction() as session:
        record_health(session, "cs.CL", WEDNESDAY, Verdict(Health.EMPTY, "no papers"))
    assert stage.backfiller.catch_up() == [BackfillReport("cs.CL", WEDNESDAY, queued={"sample": 0})]
    assert stage.row(WEDNESDAY).repaired == "0 found in the API, as in the feed"
    assert stage.backfiller.catch_up() == []
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    assert [item.new for item in stage.backfiller.since(WEDNESDAY, only=[ONE_FEED])][:1] == [1]


def test_the_pause_that_the_api_wants_holds_for_every_day_and_for_people(stage: Stage) -> None:
    stage.now = noon(date(2026, 2, 25))
    stage.server.papers = [submitted_for(WEDNESDAY, 5)]
    stage.server.api_answers = [(429, {"Retry-After": "7200"}, b"")]
    assert [item.day for item in stage.backfiller.catch_up()] == [WEDNESDAY]
    for _ in range(4):
        stage.now += timedelta(minutes=20)
        assert stage.backfiller.catch_up() == []
    [report] = stage.backfiller.since(THURSDAY, only=[ONE_FEED])
    assert report.error == "arxiv-api wants no request before 2026-02-25 19:00:00 UTC; try again then"
    assert len(stage.server.api_requests) == 1
    stage.now = noon(date(2026, 2, 25)) + timedelta(hours=2)
    assert [(item.day, item.new) for item in stage.backfiller.catch_up(most=1)] == [(WEDNESDAY, 1)]


def test_by_hand_nothing_more_is_asked_after_a_day_that_has_to_wait(stage: Stage) -> None:
    stage.server.api_answers = [(200, {}, b"<html></html>"), (503, {}, b"")]
    reports = stage.backfiller.since(date(2026, 2, 12), only=[ONE_FEED])
    assert [(item.day, item.error is None) for item in reports] == [
        (date(2026, 2, 12), False),
        (date(2026, 2, 13), False),
    ]
    assert len(stage.server.api_requests) == 2


def test_papers_that_were_held_up_are_found_however_long_the_outage_was(stage: Stage) -> None:
    stage.now = noon(date(2026, 3, 5))
    day = date(2026, 3, 4)
    stage.server.papers = [ApiPaper("2603.00950", Calendar().window(day).start - timedelta(days=2))]
    assert [(item.found, item.new) for item in stage.backfiller.day(day, only=[ONE_FEED])] == [(1, 1)]


def test_a_week_away_across_a_holiday_is_caught_up_with_day_by_day(new_stage: Stage) -> None:
    stage = new_stage
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
    assert len(names) == len({*names}) == 1 + 3 * len(announced)
    with stage.database.reading() as session:
        assert len(session.exec(select(BatchRow)).all()) == 1 + len(announced)


def _submitted(day: date) -> datetime:
    """Return a moment well inside the window of a day."""
    return Calendar().window(day).start + timedelta(hours=1)


def _odd(name: str | None, kind: AnnounceType | None = None) -> OddEntry:
    return OddEntry(f"entry 2 of 2 ({name}) is odd", ArxivId(name) if name else None, kind)


def _take_odd(stage: Stage, *odd: OddEntry) -> None:
    good = announcement("2602.00002", "Probing")
    ingest(stage.database, [Capture(batch(good, day=WEDNESDAY, odd=odd), "test")], channels=[ONE_FEED], now=stage.now)


def test_the_api_is_asked_for_the_papers_that_odd_entries_name(stage: Stage) -> None:
    long_ago = datetime(2019, 1, 7, tzinfo=UTC)
    stage.server.papers = [
        submitted_for(WEDNESDAY, 3),
        ApiPaper("1901.00001", long_ago, "Probing, Old"),
        ApiPaper("1901.00002", long_ago, "Probing, Crossed"),
    ]
    names = ("2602.00003", "1901.00001", "2602.00099", None)
    _take_odd(stage, *map(_odd, names), _odd("1901.00002", AnnounceType.CROSS))
    assert stage.days() == [("2026-02-17", "fresh"), ("2026-02-18", "partial")]
    [report] = stage.backfiller.catch_up()
    assert (report.day, report.found, report.new, report.error) == (WEDNESDAY, 3, 3, None)
    assert stage.server.asked_ids == [["1901.00001", "2602.00099"], ["1901.00002"]]
    assert stage.row(WEDNESDAY).repaired == "3 found in the API, 3 of them new"
    assert stage.queue() == [
        ("1901.00002", "2026-02-18"),
        ("2602.00001", "2026-02-17"),
        ("2602.00002", "2026-02-18"),
        ("2602.00003", "2026-02-18"),
    ]
    assert ("1901.00001", "None", False) in stage.papers()
    assert stage.backfiller.catch_up() == []


def test_a_question_for_odd_papers_that_fails_loses_none_of_the_others_and_is_asked_again(stage: Stage) -> None:
    stage.server.papers = [submitted_for(WEDNESDAY, 3), ApiPaper("1901.00002", title="Probing")]
    stage.server.refuses_ids = True
    _take_odd(stage, _odd("1901.00002", AnnounceType.CROSS))
    [report] = stage.backfiller.catch_up()
    assert (report.found, report.new) == (1, 1)
    assert "503" in (report.error or "")
    assert stage.row(WEDNESDAY).error == report.error
    stage.server.refuses_ids = False
    stage.now += timedelta(hours=1)
    [report] = stage.backfiller.catch_up()
    assert (report.found, report.new, report.error) == (2, 1, None)


def test_a_later_capture_without_the_odd_entry_makes_the_day_good(stage: Stage) -> None:
    _take_odd(stage, _odd("2602.00003"))
    stage.take("2602.00002", "2602.00003", day=WEDNESDAY)
    assert stage.row(WEDNESDAY).health == "fresh"
    assert stage.backfiller.catch_up() == []


def test_two_captures_that_differ_in_what_is_odd_are_two(stage: Stage) -> None:
    _take_odd(stage, _odd("2602.00003"))
    stage.take("2602.00002", day=WEDNESDAY)
    assert stage.row(WEDNESDAY).health == "fresh"
