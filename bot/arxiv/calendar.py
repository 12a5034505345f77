"""arXiv's calendar: on which days its feeds announce papers, and what was submitted for each of them.

Pure dates. A feed's day is the morning after a mailing: arXiv mails at 20:00 US/Eastern from Sunday to Thursday, and on
a holiday it does not, so that the feed of the day after is empty. The rules are those of
https://info.arxiv.org/help/availability.html, whose lists for 2023 to 2026 the holidays below reproduce. Days off that
arXiv announces from year to year (22 May 2024, the days after Christmas) follow no rule: the channel file names them.
The lists name evenings without a mailing, and since 2026 also Fridays, which have none anyway: Sunday's is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

EASTERN: Final = ZoneInfo("America/New_York")
"""arXiv's own time zone; its feeds are rebuilt at midnight here."""

MAILING_HOUR: Final = 20
"""The hour (US/Eastern) at which the next day's papers become public."""

_CUT_OFF: Final = time(14)
_DAY: Final = timedelta(days=1)
_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6
_FIXED: Final = {"New Year's Day": (1, 1), "Juneteenth": (6, 19), "Independence Day": (7, 4), "Christmas Day": (12, 25)}
_FLOATING: Final = {
    "Martin Luther King Day": (1, _MONDAY, 3),
    "Labor Day": (9, _MONDAY, 1),
    "Thanksgiving": (11, _THURSDAY, 4),
}


class Window(NamedTuple):
    """From when to when (UTC, the end not included) the papers of one day were submitted."""

    start: datetime
    end: datetime


class _Holiday(NamedTuple):
    """A day off by rule."""

    name: str
    day: date


@dataclass(frozen=True, slots=True)
class Calendar:
    """The rules with the exceptions that people named; both are dates as arXiv's own list has them.

    ``holidays`` are days off that no rule knows, ``no_holidays`` days off by rule on which arXiv works, by the date of
    the holiday or of the mailing that it costs.
    """

    holidays: frozenset[date] = frozenset()
    no_holidays: frozenset[date] = frozenset()

    def announces(self, day: date) -> bool:
        """Say whether the feeds of a day (US/Eastern) should hold papers."""
        evening = day - _DAY
        if day.weekday() < _SATURDAY and not self.holidays and evening not in _mailings_off(evening.year):
            return True  # as most days, and the status asks about years of them
        return self.why_quiet(day) is None

    def why_quiet(self, day: date) -> str | None:
        """Return in words why nothing is announced on a day, None when something should be."""
        if day.weekday() in {_SATURDAY, _SUNDAY}:
            return "arXiv announces nothing at weekends"
        evening = day - _DAY
        named = next((item for item in _days_off_before(evening) if item in self.holidays), None)
        if named is not None:
            mailing = "" if named == evening else f", which leaves out the mailing of {evening}"
            return f"the channel file names {named} as a day off at arXiv{mailing}"
        off = _mailings_off(evening.year).get(evening)
        if off is None or self.no_holidays & {off.day, *_days_off_before(evening)}:
            return None
        return f"arXiv sent no mailing on {evening} ({off.name})"

    def last_announcement(self, day: date) -> date:
        """Return the day itself if it has an announcement, else the last one before it that has."""
        return next(item for item in _backwards(day) if self.announces(item))

    def announcements(self, first: date, last: date) -> list[date]:
        """Return the days with an announcement from the first to the last, both included."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in days if self.announces(day)]

    def window(self, day: date) -> Window:
        """Return when the papers of a day with an announcement were submitted: from one 14:00 US/Eastern to another.

        Papers that moderators held up were submitted before it.
        """
        return Window(_cut_off(self.last_announcement(day - _DAY)), _cut_off(day))


def weekday_before(day: date) -> date:
    """Return the last day before this one that is neither Saturday nor Sunday."""
    return next(item for item in _backwards(day - _DAY) if item.weekday() not in {_SATURDAY, _SUNDAY})


def merged(calendars: Iterable[Calendar]) -> Calendar:
    """Return one calendar with everybody's exceptions: arXiv has only one."""
    known = list(calendars)
    return Calendar(
        frozenset().union(*(item.holidays for item in known)), frozenset().union(*(item.no_holidays for item in known))
    )


def _backwards(day: date) -> Iterator[date]:
    while True:
        yield day
        day -= _DAY


def _cut_off(day: date) -> datetime:
    """Return until when papers could be submitted for a day; local arithmetic, so that daylight saving moves it."""
    return datetime.combine(weekday_before(day), _CUT_OFF, EASTERN).astimezone(UTC)


@lru_cache(maxsize=64)
def _mailings_off(year: int) -> dict[date, _Holiday]:
    """Return the evenings of a year without a mailing, with the holiday each is for."""
    named = {name: date(year, month, day) for name, (month, day) in _FIXED.items()}
    named |= {name: _nth(year, *rule) for name, rule in _FLOATING.items()}
    return {_mailing_of(day): _Holiday(name, day) for name, day in named.items()}


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _days_off_before(evening: date) -> tuple[date, ...]:
    """Return the days that cost the mailing of an evening when a list names them: Sunday's also Friday and Saturday."""
    days_back = 3 if evening.weekday() == _SUNDAY else 1
    return tuple(evening - number * _DAY for number in range(days_back))


def _mailing_of(holiday: date) -> date:
    """Return the mailing that a holiday cancels.

    On a Saturday the day off is the Friday before, on a Sunday the Monday after. Friday has no mailing: Sunday's is
    left out instead, as on 6 July 2025.
    """
    match holiday.weekday():
        case 4:
            return holiday + 2 * _DAY
        case 5 | 6:
            return holiday + _DAY
        case _:
            return holiday
