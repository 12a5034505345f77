"""When arXiv should have rebuilt its feeds, and how often a bad feed is fetched again on its day.

Pure: the clock is an argument.
"""

from datetime import date, datetime, timedelta
from typing import Final

from bot.arxiv.calendar import EASTERN, weekday_before
from bot.domain.backoff import Backoff

REFETCHES: Final = 4
"""How often a feed is fetched again on its day before the API is asked instead."""

_BUILD_TIME: Final = timedelta(minutes=10)
_REFETCH: Final = Backoff(first=timedelta(minutes=20), longest=timedelta(minutes=20) * 2**REFETCHES)


def expected_day(now: datetime) -> date:
    """Return the newest day whose batch should be in the feeds by now: the last weekday that began at arXiv.

    Days off count too, in case arXiv announces papers on one.
    """
    day = (now.astimezone(EASTERN) - _BUILD_TIME).date()
    return weekday_before(day + timedelta(days=1))


def refetch_pause(tries: int) -> timedelta:
    """Return how long to wait before a bad feed is fetched again: 20 minutes, then twice as long each time."""
    return _REFETCH.pause(tries)
