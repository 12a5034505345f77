"""When arXiv should have rebuilt its feeds, how often a bad feed is fetched again, and how far back days are made good.

Pure: the clock is an argument.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from bot.arxiv.calendar import EASTERN, Calendar, merged, weekday_before
from bot.arxiv.errors import FeedContentError
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel

REFETCHES: Final = 4
"""How often a feed is fetched again on its day before the API is asked instead."""

LOOK_BACK: Final = timedelta(days=30)
"""How far a worker catches up by itself; ``picks fetch --since`` goes further."""

LONGEST_ABSENCE: Final = timedelta(days=366)
"""How far ``picks fetch --since`` goes. Whoever was away for longer, or read old files only, starts anew."""

_BUILD_TIME: Final = timedelta(minutes=10)
_REFETCH: Final = Backoff(first=timedelta(minutes=20), longest=timedelta(minutes=20) * 2**REFETCHES)

_AHEAD: Final = timedelta(days=4)
"""Over a weekend the next batch is dated Monday."""


def calendar_of(channels: Iterable[Channel]) -> Calendar:
    """Return arXiv's calendar with the exceptions that the channel files name."""
    feeds = [channel.feeds for channel in channels]
    return merged(Calendar(frozenset(item.holidays), frozenset(item.no_holidays)) for item in feeds)


def expected_day(now: datetime) -> date:
    """Return the newest day whose batch should be in the feeds by now: the last weekday that began at arXiv.

    Days off count too, in case arXiv announces papers on one.
    """
    day = (now.astimezone(EASTERN) - _BUILD_TIME).date()
    return weekday_before(day + timedelta(days=1))


def newest_possible(now: datetime) -> date:
    """Return the newest day of which a feed can be there: what is dated later shows a wrong clock or a wrong date."""
    return expected_day(now) + _AHEAD


def require_come(day: date, *, source: str, now: datetime) -> None:
    """Raise FeedContentError when a feed is dated by a day of which none can be there."""
    if day > newest_possible(now):
        raise FeedContentError(
            f"{source} says it is the feed of {day}, which lies ahead; nothing of it was used: its date is wrong, or "
            "the clock of this machine"
        )


def refetch_pause(tries: int) -> timedelta:
    """Return how long to wait before a bad feed is fetched again: 20 minutes, then twice as long each time."""
    return _REFETCH.pause(tries)
