"""Slots: the next free one, the daily cap, daylight saving, and times as people write them."""

from datetime import UTC, datetime

import pytest

from bot.domain.channels import Posting
from bot.domain.slots import SlotError, next_free_slot, parse_time, slots_after

NEW_YORK = Posting.model_validate(
    {"time_zone": "America/New_York", "days": ["mon", "tue", "wed", "thu", "fri"], "times": ["10:00", "15:00"]}
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _first(posting: Posting, moment: datetime, count: int) -> list[datetime]:
    return [slot for slot, _ in zip(slots_after(posting, moment), range(count), strict=False)]


def test_slots_skip_the_weekend() -> None:
    friday_evening = utc("2026-02-20 21:00")
    assert _first(NEW_YORK, friday_evening, 2) == [utc("2026-02-23 15:00"), utc("2026-02-23 20:00")]


def test_a_slot_keeps_its_local_time_when_the_clock_goes_forward() -> None:
    before, after = _first(NEW_YORK, utc("2026-03-06 16:00"), 2)
    assert (before, after) == (utc("2026-03-06 20:00"), utc("2026-03-09 14:00"))


def test_a_slot_at_an_hour_that_the_clock_skips_still_happens_once() -> None:
    posting = Posting.model_validate({"time_zone": "America/New_York", "days": ["sun"], "times": ["02:30"]})
    assert _first(posting, utc("2026-03-07 12:00"), 2) == [utc("2026-03-08 07:30"), utc("2026-03-15 06:30")]


def test_a_slot_in_the_repeated_hour_happens_once() -> None:
    posting = Posting.model_validate({"time_zone": "America/New_York", "days": ["sun"], "times": ["01:30"]})
    assert _first(posting, utc("2026-10-31 12:00"), 2) == [utc("2026-11-01 05:30"), utc("2026-11-08 06:30")]


def test_the_next_free_slot_is_one_that_no_other_pick_has() -> None:
    taken = [utc("2026-02-17 15:00")]
    assert next_free_slot(NEW_YORK, taken=taken, after=utc("2026-02-17 12:00")) == utc("2026-02-17 20:00")


def test_a_day_that_is_full_is_skipped_whatever_the_times_of_its_picks() -> None:
    posting = NEW_YORK.model_copy(update={"daily_cap": 2})
    taken = [utc("2026-02-17 13:12"), utc("2026-02-17 23:59")]
    assert next_free_slot(posting, taken=taken, after=utc("2026-02-17 12:00")) == utc("2026-02-18 15:00")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10:30", "2026-02-17 15:30"),
        ("6:15", "2026-02-18 11:15"),
        ("2026-02-20 10:30", "2026-02-20 15:30"),
        ("2026-02-20T10:30+01:00", "2026-02-20 09:30"),
        ("2026-02-20T10:30Z", "2026-02-20 10:30"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, moment: str) -> None:
    assert parse_time(text, posting=NEW_YORK, now=utc("2026-02-17 12:00")) == utc(moment)


def test_a_past_time_is_refused_in_the_channels_zone() -> None:
    with pytest.raises(SlotError, match="2026-02-16 10:30 EST is past"):
        parse_time("2026-02-16 10:30", posting=NEW_YORK, now=utc("2026-02-17 12:00"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "10.30",
        "tomorrow 10:00",
        "2026-13-01 10:00",
        "::::",
        "2026-02-20",
        "9999-12-31T23:59-14:00",
    ],
)
def test_a_time_that_cannot_be_read_shows_how_to_write_it(text: str) -> None:
    with pytest.raises(SlotError, match="write 10:30"):
        parse_time(text, posting=NEW_YORK, now=utc("2026-02-17 12:00"))
