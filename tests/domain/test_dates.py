"""Dates and times as people write them, ahead of today and back from it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.dates import TimeError, UnreadableTimeError, parse_date, parse_time
from bot.domain.errors import UsageError

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = date(2026, 2, 17)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ahead", "back"),
    [
        ("2026-03-02", "2026-03-02", "2026-03-02"),
        (" 2026-03-02 ", "2026-03-02", "2026-03-02"),
        ("today", "2026-02-17", "2026-02-17"),
        ("tomorrow", "2026-02-18", "2026-02-18"),
        ("Yesterday", "2026-02-16", "2026-02-16"),
        ("3d", "2026-02-20", "2026-02-14"),
        ("0d", "2026-02-17", "2026-02-17"),
        ("mon", "2026-02-23", "2026-02-16"),
        (
            "tue",
            "2026-02-24",
            "2026-02-17",
        ),  # today is one: what is held comes back later, what was announced was today
        ("Wednesday", "2026-02-18", "2026-02-11"),
        ("thurs", "2026-02-19", "2026-02-12"),
    ],
)
def test_a_day_is_read_ahead_or_back(text: str, ahead: str, back: str) -> None:
    assert parse_date(text, today=TUESDAY) == date.fromisoformat(ahead)
    assert parse_date(text, today=TUESDAY, back=True) == date.fromisoformat(back)


@pytest.mark.parametrize(
    "text", ["", "soon", "m", "mo", "mondayish", "3", "d", "-3d", "9999d99", "2026-13-01", "10:30"]
)
def test_a_date_that_cannot_be_read_shows_how_to_write_it(text: str) -> None:
    with pytest.raises(UsageError, match="write it as 2026-11-30"):
        parse_date(text, today=TUESDAY)


def test_a_day_before_all_days_is_no_day() -> None:
    with pytest.raises(UsageError, match="write it as 2026-11-30"):
        parse_date("9999d", today=date(1, 1, 2), back=True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:30", "2026-02-17 15:30"),
        ("6:15", "2026-02-18 11:15"),
        ("2026-02-20 10:30", "2026-02-20 15:30"),
        ("2026-02-20T10:30+01:00", "2026-02-20 09:30"),
        ("2026-02-20T10:30Z", "2026-02-20 10:30"),
        ("tomorrow 10:00", "2026-02-18 15:00"),
        ("mon 10:00", "2026-02-23 15:00"),
        ("Monday  9:05", "2026-02-23 14:05"),
        ("3d 10:00", "2026-02-20 15:00"),
        ("tue 10:00", "2026-02-17 15:00"),  # still to come today
        ("tue 6:00", "2026-02-24 11:00"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, moment: str) -> None:
    assert parse_time(text, zone=NEW_YORK, now=utc("2026-02-17 12:00")) == utc(moment)


@pytest.mark.parametrize(
    ("text", "said"),
    [("2026-02-16 10:30", "2026-02-16 10:30 EST is past"), ("today 6:00", "2026-02-17 06:00 EST is past")],
)
def test_a_past_time_is_refused_in_the_channels_zone(text: str, said: str) -> None:
    with pytest.raises(TimeError, match=said) as caught:
        parse_time(text, zone=NEW_YORK, now=utc("2026-02-17 12:00"))
    assert not isinstance(caught.value, UsageError)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "10.30",
        "mon",
        "tomorrow",
        "soon 10:00",
        "mon 25:00",
        "2026-13-01 10:00",
        "::::",
        "2026-02-20",
        "9999-12-31T23:59-14:00",
    ],
)
def test_a_time_that_cannot_be_read_shows_how_to_write_it(text: str) -> None:
    with pytest.raises(UnreadableTimeError, match="write 10:30"):
        parse_time(text, zone=NEW_YORK, now=utc("2026-02-17 12:00"))


@pytest.mark.parametrize(
    ("now", "moment"),
    [
        ("2026-10-25 00:15", "2026-10-25 00:30"),  # 02:15 for the first time
        ("2026-10-25 00:45", "2026-10-25 01:30"),  # 02:45 for the first time: it is 02:30 once more
        ("2026-10-25 01:45", "2026-10-26 01:30"),
    ],
)
def test_a_time_of_the_repeated_hour_is_the_next_one_that_comes(now: str, moment: str) -> None:
    assert parse_time("02:30", zone=ZoneInfo("Europe/Berlin"), now=utc(now)) == utc(moment)
