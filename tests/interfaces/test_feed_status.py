"""What ``picks status`` says of a feed: overdue or not, and of many lost days one line."""

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

import json_views as views
from bot.arxiv.calendar import Calendar
from bot.arxiv.health import Health, Verdict
from bot.intake.announcement_days import record_health
from bot.intake.ingest import Capture, ingest
from bot.interfaces.display import status as display
from bot.interfaces.views.feeds import feed
from bot.store.database import Database
from bot.store.tables import FeedDay
from samples import announcement, batch, channel

ONE_FEED = channel(feeds={"categories": ["cs.CL"]})
UTC_ZONE = ZoneInfo("UTC")


def _take(database: Database, day: date) -> None:
    ingest(database, [Capture(batch(announcement("2406.00001"), day=day), "a file")], channels=[ONE_FEED], now=_NOW)


_NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)  # Thanksgiving: the feed of Thursday has papers, that of Friday has none


def _status(database: Database, now: datetime, calendar: Calendar | None = None) -> views.Json:
    with database.reading() as session:
        shown: views.Json = views.feed(session, "cs.CL", calendar=calendar or Calendar(), now=now)
    return shown


def _said(database: Database, now: datetime) -> list[str]:
    console = Console(width=200, record=True, file=io.StringIO())
    with database.reading() as session:
        console.print(display._feed(feed(session, "cs.CL", calendar=Calendar(), now=now), UTC_ZONE))
    return [line.rstrip() for line in console.export_text().splitlines()]


def test_an_old_feed_is_overdue_and_the_day_that_it_should_have_is_named(sqlite_database: Database) -> None:
    _take(sqlite_database, date(2024, 6, 28))
    status = _status(sqlite_database, _NOW)
    assert (status["last_batch"], status["health"], status["overdue"]) == ("2024-06-28", "fresh", "2026-11-26")
    assert _said(sqlite_database, _NOW) == ["2024-06-28, 1 items, fresh; 2026-11-26 is overdue"]


@pytest.mark.parametrize(
    ("now", "overdue"),
    [
        ("2026-11-26 05:15", None),  # a quarter past midnight at arXiv: the worker asks every few minutes
        ("2026-11-26 06:15", "2026-11-26"),
        ("2026-11-26 12:00", "2026-11-26"),
        ("2026-11-28 12:00", "2026-11-26"),  # neither Thanksgiving's evening nor the weekend brings anything
        ("2026-11-30 06:15", "2026-11-30"),
    ],
)
def test_a_feed_is_overdue_from_an_hour_after_it_can_be_there(
    sqlite_database: Database, now: str, overdue: str | None
) -> None:
    _take(sqlite_database, date(2026, 11, 25))
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert _status(sqlite_database, moment)["overdue"] == overdue


def test_a_feed_that_has_its_day_is_not_overdue_at_the_weekend_or_on_a_named_day_off(sqlite_database: Database) -> None:
    _take(sqlite_database, date(2026, 10, 9))
    calendar = Calendar(frozenset({date(2026, 10, 9)}))  # a Friday
    for day in (9, 10, 11, 12):
        assert _status(sqlite_database, datetime(2026, 10, day, 20, tzinfo=UTC), calendar)["overdue"] is None
    assert _status(sqlite_database, datetime(2026, 10, 12, 20, tzinfo=UTC))["overdue"] == "2026-10-12"
    assert _status(sqlite_database, datetime(2026, 10, 13, 20, tzinfo=UTC), calendar)["overdue"] == "2026-10-13"


@pytest.mark.parametrize("health", [Health.MISSING, Health.BROKEN])
def test_a_day_that_was_asked_for_in_vain_is_overdue_and_no_newest_batch(
    sqlite_database: Database, health: Health
) -> None:
    _take(sqlite_database, date(2026, 11, 25))
    with sqlite_database.transaction() as session:
        record_health(session, "cs.CL", date(2026, 11, 26), Verdict(health, "the feed is still that of 2026-11-25"))
    status = _status(sqlite_database, _NOW)
    assert (status["last_batch"], status["health"], status["overdue"]) == ("2026-11-25", "fresh", "2026-11-26")
    assert _said(sqlite_database, _NOW) == [
        "2026-11-25, 1 items, fresh; 2026-11-26 is overdue",
        f"2026-11-26 {health}: the feed is still that of 2026-11-25",
    ]


def test_a_feed_that_never_came_says_which_day_was_asked_for(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        record_health(session, "cs.CL", date(2026, 11, 26), Verdict(Health.MISSING, "the feed has no papers yet"))
    assert _said(sqlite_database, _NOW) == ["no batch yet", "2026-11-26 missing: the feed has no papers yet"]


def test_days_between_captures_of_years_ago_and_those_of_now_are_said_not_to_be_looked_for(
    sqlite_database: Database,
) -> None:
    for day in (date(2024, 6, 27), date(2024, 6, 28), date(2025, 2, 3), date(2026, 11, 25), date(2026, 11, 26)):
        _take(sqlite_database, day)
    calendar = Calendar()
    days = calendar.announcements(date(2024, 7, 1), date(2026, 11, 24))
    status, said = _status(sqlite_database, _NOW), _said(sqlite_database, _NOW)
    assert status["unsought"] == {
        "days": len(days) - 1,  # one of them was captured
        "first": "2024-07-01",
        "last": "2026-11-24",
        "next": "picks fetch --day 2026-11-24",
    }
    assert (status["lost"], status["overdue"]) == (None, None)
    assert said[-1] == (
        f"not looked for: {len(days) - 1} days, 2024-07-01 to 2026-11-24, since the captures before are more than a "
        "year old; for one of them picks fetch --day 2026-11-24"
    )
    assert sum("looked for" in line for line in said) == 1


def test_captures_of_one_year_have_no_days_that_nobody_looks_for(sqlite_database: Database) -> None:
    for day in (date(2026, 3, 2), date(2026, 11, 25), date(2026, 11, 26)):
        _take(sqlite_database, day)
    assert _status(sqlite_database, _NOW)["unsought"] is None


def test_many_lost_days_are_one_line_with_a_count(sqlite_database: Database) -> None:
    _take(sqlite_database, date(2025, 6, 2))
    last, days = date(2026, 11, 26), Calendar().announcements(date(2025, 6, 3), date(2026, 11, 25))
    with sqlite_database.transaction() as session:
        for day in days:
            row = record_health(session, "cs.CL", day, Verdict(Health.MISSING, "no feed of that day was fetched"))
            row.error = "lost: more than 30 days ago; use picks fetch --since 2025-06-03"
    _take(sqlite_database, last)
    status, said = _status(sqlite_database, _NOW), _said(sqlite_database, _NOW)
    recent = [day for day in days if day > last - timedelta(days=14)]
    assert [item["day"] for item in status["trouble"]] == [str(day) for day in reversed(recent)]
    assert status["lost"] == {
        "days": len(days) - len(recent),
        "first": "2025-06-03",
        "last": "2026-11-12",
        "next": "picks fetch --since 2025-11-25",
    }
    assert len(said) == 1 + len(recent) + 1 <= 12
    count = len(days) - len(recent)
    assert said[-1] == f"{count} earlier days lost, 2025-06-03 to 2026-11-12; picks fetch --since 2025-11-25"


def test_one_lost_day_is_one_and_what_may_yet_be_repaired_is_none(sqlite_database: Database) -> None:
    _take(sqlite_database, date(2026, 11, 26))
    with sqlite_database.transaction() as session:
        for day, error in ((date(2026, 10, 1), "lost"), (date(2026, 10, 2), None)):
            row = record_health(session, "cs.CL", day, Verdict(Health.MISSING, "no feed of that day was fetched"))
            row.error = error
    assert _said(sqlite_database, _NOW)[-1] == (
        "1 earlier day lost, 2026-10-01 to 2026-10-01; picks fetch --since 2026-10-01"
    )


def test_a_day_ahead_is_said(sqlite_database: Database) -> None:
    _take(sqlite_database, date(2026, 11, 26))
    with sqlite_database.transaction() as session:
        session.add(FeedDay(feed="cs.CL", day=date(2027, 1, 26), health=Health.MISSING))
    assert _said(sqlite_database, _NOW) == [
        "2026-11-26, 1 items, fresh",
        "ignored: something of 2027-01-26, which lies ahead; a clock, or the date of a file, was wrong",
    ]
