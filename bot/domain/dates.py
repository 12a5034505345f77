"""Dates and times as people write them: the one place that reads them.

Pure: the clock is an argument. A weekday, or a number of days, lies ahead or back as the command means it: what is held
comes back on a day to come, what was announced was so on a day that has passed.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.errors import PicksError, UsageError


class TimeError(PicksError):
    """A time that cannot be read, or that is past."""


class UnreadableTimeError(TimeError, UsageError):
    """The words name no time."""


_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
_NEAR: Final = {"yesterday": -_DAY, "today": timedelta(0), "tomorrow": _DAY}
_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_IN_DAYS: Final = re.compile(r"(?P<days>\d{1,4})d")
_SHORTEST: Final = 3  # letters of a weekday's name
_DAY_AND_CLOCK: Final = re.compile(r"(?:(?P<day>\S+)\s+)?(?P<clock>\d{1,2}:\d{2})")


def parse_date(text: str, *, today: date, back: bool = False) -> date:
    """Return the day that a person wrote: ISO, ``tomorrow``, ``today``, ``yesterday``, ``3d``, ``mon``.

    ``mon`` is the next Monday and ``3d`` in three days; ``back``, the last Monday, today included, and three days ago.
    Raises UsageError when it is none.
    """
    found = _read_day(text.strip(), today=today, back=back)
    if found is None:
        raise UsageError(f"cannot read the date {text!r}; write it as 2026-11-30, or tomorrow, yesterday, 3d or mon")
    return found


def parse_time(text: str, *, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the time to come that a person wrote: ``10:30``, a day before it as in ``mon 10:00``, or ISO 8601.

    Without a zone the given one is meant. Returns UTC; raises TimeError when it cannot be read or is past.
    """
    moment = _read_time(text.strip(), zone=zone, now=now)
    if moment is None:
        raise UnreadableTimeError(
            f"cannot read the time {text!r}; write 10:30, 'mon 10:00', 'tomorrow 10:00', '2026-11-23 10:30' "
            "or 2026-11-23T10:30+01:00"
        )
    if moment <= now:
        local = moment.astimezone(zone)
        raise TimeError(f"the time {local:%Y-%m-%d %H:%M %Z} is past; give a later one, or --now")
    return moment


def _read_day(text: str, *, today: date, back: bool) -> date | None:
    word = text.casefold()
    away = _NEAR.get(word)
    if match := _IN_DAYS.fullmatch(word):
        away = timedelta(days=int(match["days"])) * (-1 if back else 1)
    try:
        if away is not None:
            return today + away
        weekday = _weekday(word)
        return date.fromisoformat(text) if weekday is None else _day_of_week(weekday, today=today, back=back)
    except (ValueError, OverflowError):
        return None


def _weekday(word: str) -> int | None:
    """Return the number of a weekday, from its name or the beginning of it; None for any other word."""
    found = [number for number, name in enumerate(_WEEKDAYS) if name.startswith(word) and len(word) >= _SHORTEST]
    return found[0] if found else None


def _day_of_week(weekday: int, *, today: date, back: bool) -> date:
    if back:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def _read_time(text: str, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the moment that the words name, None where they name none."""
    today = now.astimezone(zone).date()
    match = _DAY_AND_CLOCK.fullmatch(text)
    try:
        if match and match["day"] is None:
            return _next_time(match["clock"], today=today, zone=zone, now=now)
        if match:
            return _time_on(match["day"], match["clock"], today=today, zone=zone, now=now)
        if ":" not in text:
            return None  # a day alone would mean midnight, and nobody means that
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _next_time(clock: str, *, today: date, zone: ZoneInfo, now: datetime) -> datetime:
    """Return the next moment at which the clock shows this time."""
    local = _at(today, clock, zone)
    if local <= now:
        local = local.replace(fold=1)  # in the hour that the clock repeats it comes once more
    if local <= now:
        local += _DAY  # arithmetic on local time: tomorrow at the same clock time
    return local.astimezone(UTC)


def _time_on(day: str, clock: str, *, today: date, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return a time on a day; a weekday that is today means today while the time lies ahead."""
    if _weekday(day.casefold()) == today.weekday():
        local = _at(today, clock, zone)
        return (local if local > now else local + _WEEK).astimezone(UTC)
    found = _read_day(day, today=today, back=False)
    return None if found is None else _at(found, clock, zone).astimezone(UTC)


def _at(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()} {clock.zfill(5)}").replace(tzinfo=zone)
