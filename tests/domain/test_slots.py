"""Slots: the next free one, the daily cap, daylight saving, and times as people write them."""

from datetime import UTC, datetime

import pytest

from bot.domain.channel_sections import Posting
from bot.domain.slots import next_free_slot, slots_after

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


def _posting(zone: str, *times: str, days: tuple[str, ...] = ("sat", "sun", "mon")) -> Posting:
    return Posting.model_validate({"time_zone": zone, "days": days, "times": times})


def test_slots_around_a_skipped_hour_keep_their_order_and_no_two_fall_on_one_moment() -> None:
    posting = _posting("Europe/Berlin", "01:30", "02:30", "03:00", "03:30", days=("sun",))
    assert _first(posting, utc("2027-03-27 12:00"), 4) == [
        utc("2027-03-28 00:30"),
        utc("2027-03-28 01:00"),
        utc("2027-03-28 01:30"),  # 02:30 and 03:30 are the same moment
        utc("2027-04-03 23:30"),
    ]


@pytest.mark.parametrize(
    ("zone", "times", "after", "slots"),
    [
        ("Australia/Lord_Howe", ("02:00", "02:15", "02:40"), "2026-10-03 12:00", ("15:30", "15:40", "15:45")),
        # The clock goes from 23:00 to midnight: what was skipped comes after the first slot of the next day.
        ("America/Nuuk", ("00:15", "23:30"), "2026-03-28 12:00", ("01:15", "01:30")),
        ("Asia/Beirut", ("00:00", "00:30", "01:30"), "2026-03-28 12:00", ("22:00", "22:30")),
    ],
)
def test_slots_come_in_order_wherever_the_clock_goes_forward(
    zone: str, times: tuple[str, ...], after: str, slots: tuple[str, ...]
) -> None:
    found = _first(_posting(zone, *times), utc(after), len(slots))
    assert tuple(f"{slot:%H:%M}" for slot in found) == slots
    every = _first(_posting(zone, *times), utc(after), 60)
    assert every == sorted(set(every))


def test_two_picks_around_a_skipped_hour_go_out_at_two_moments() -> None:
    posting = _posting("Europe/Berlin", "02:30", "03:30", days=("sun",)).model_copy(update={"daily_cap": 5})
    first = next_free_slot(posting, taken=[], after=utc("2027-03-27 12:00"))
    assert (first, next_free_slot(posting, taken=[first], after=first)) == (
        utc("2027-03-28 01:30"),
        utc("2027-04-04 00:30"),
    )
