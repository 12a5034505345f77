"""arXiv's calendar: days with papers, days off, and what was submitted for each."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from bot.arxiv.calendar import Calendar, merged, weekday_before

ARXIV = Calendar()


def day(text: str) -> date:
    return date.fromisoformat(text)


# The lists of https://info.arxiv.org/help/availability.html, without the days that follow no rule.
@pytest.mark.parametrize(
    "evening",
    [
        *("2023-01-16", "2023-06-19", "2023-07-04", "2023-09-04", "2023-11-23", "2023-12-25"),
        *("2024-01-15", "2024-06-19", "2024-07-04", "2024-09-02", "2024-11-28", "2024-12-25"),
        *("2025-01-01", "2025-01-20", "2025-06-19", "2025-07-06", "2025-09-01", "2025-11-27", "2025-12-25"),
        *("2026-01-01", "2026-01-19", "2026-09-07", "2026-11-26"),
        *("2026-06-21", "2026-07-05", "2026-12-27"),  # of 2026 the list names the Fridays before these Sundays
    ],
)
def test_after_an_evening_without_a_mailing_the_feeds_are_quiet(evening: str) -> None:
    quiet = day(evening) + timedelta(days=1)
    assert not ARXIV.announces(quiet)
    assert evening in (ARXIV.why_quiet(quiet) or "")


@pytest.mark.parametrize(("year", "quiet"), [(2023, 7), (2024, 7), (2025, 7), (2026, 7), (2027, 7), (2028, 7)])
def test_every_year_has_seven_weekdays_without_papers(year: int, quiet: int) -> None:
    days = [date(year, 1, 2) + timedelta(days=number) for number in range(365)]
    assert sum(item.weekday() < 5 and not ARXIV.announces(item) for item in days) == quiet


def test_a_day_off_on_a_friday_or_saturday_costs_the_mailing_of_sunday() -> None:
    assert [ARXIV.announces(day(text)) for text in ("2025-07-04", "2025-07-07", "2026-07-03", "2026-07-06")] == [
        *(True, False),
        *(True, False),
    ]


def test_a_day_off_on_a_sunday_costs_the_mailing_of_monday() -> None:
    assert [ARXIV.announces(day(text)) for text in ("2027-07-05", "2027-07-06", "2027-07-07")] == [True, False, True]


@pytest.mark.parametrize(
    "holiday", ["2024-05-28", "2024-02-20", "2024-10-15", "2024-11-12", "2024-12-25", "2024-01-01"]
)
def test_other_us_holidays_are_working_days_at_arxiv(holiday: str) -> None:
    assert ARXIV.announces(day(holiday))


def test_people_may_name_days_off_and_days_on() -> None:
    calendar = merged([Calendar(frozenset({day("2024-05-22")})), Calendar(no_holidays=frozenset({day("2024-06-19")}))])
    assert calendar.why_quiet(day("2024-05-23")) == "the channel file names 2024-05-22 as a day off at arXiv"
    assert calendar.announces(day("2024-06-20"))
    assert not calendar.announces(day("2024-06-22"))


@pytest.mark.parametrize("named", ["2026-10-09", "2026-10-10", "2026-10-11"])
def test_a_named_friday_saturday_or_sunday_costs_the_mailing_of_sunday(named: str) -> None:
    calendar = Calendar(frozenset({day(named)}))
    assert not calendar.announces(day("2026-10-12"))
    assert [calendar.announces(day(text)) for text in ("2026-10-09", "2026-10-13")] == [True, True]
    assert named in (calendar.why_quiet(day("2026-10-12")) or "")


def test_what_a_named_friday_means_is_said() -> None:
    calendar = Calendar(frozenset({day("2026-10-09")}))
    assert calendar.why_quiet(day("2026-10-12")) == (
        "the channel file names 2026-10-09 as a day off at arXiv, which leaves out the mailing of 2026-10-11"
    )
    start, end = calendar.window(day("2026-10-13"))
    assert (start.date(), end.date()) == (day("2026-10-08"), day("2026-10-12"))


@pytest.mark.parametrize("named", ["2026-07-03", "2026-07-04", "2026-07-05"])
def test_a_day_off_that_is_none_may_be_named_by_the_holiday_or_by_its_mailing(named: str) -> None:
    assert Calendar(no_holidays=frozenset({day(named)})).announces(day("2026-07-06"))
    assert Calendar(no_holidays=frozenset({day("2027-07-04")})).announces(day("2027-07-06"))  # of Sunday


@pytest.mark.parametrize(
    ("announced", "start", "end"),
    [
        ("2024-06-12", "2024-06-10 18:00", "2024-06-11 18:00"),
        ("2024-06-10", "2024-06-06 18:00", "2024-06-07 18:00"),
        ("2024-06-11", "2024-06-07 18:00", "2024-06-10 18:00"),
        ("2024-06-21", "2024-06-18 18:00", "2024-06-20 18:00"),  # Juneteenth between
        ("2025-07-08", "2025-07-03 18:00", "2025-07-07 18:00"),  # the Sunday left out
        ("2024-03-12", "2024-03-08 19:00", "2024-03-11 18:00"),  # clocks go forward
        ("2024-11-05", "2024-11-01 18:00", "2024-11-04 19:00"),  # and back
    ],
)
def test_a_days_papers_were_submitted_between_two_afternoons(announced: str, start: str, end: str) -> None:
    expected = tuple(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end))
    assert ARXIV.window(day(announced)) == expected


def test_windows_follow_each_other_without_gap_or_overlap() -> None:
    days = ARXIV.announcements(day("2023-01-03"), day("2027-12-31"))
    windows = [ARXIV.window(item) for item in days]
    assert all(before.end == after.start for before, after in pairwise(windows))


def test_the_last_announcement_skips_weekends_and_days_off() -> None:
    found = [ARXIV.last_announcement(day(text)) for text in ("2024-06-20", "2024-06-23", "2024-06-24")]
    assert found == [day("2024-06-19"), day("2024-06-21"), day("2024-06-24")]
    assert weekday_before(day("2024-06-24")) == day("2024-06-21")
