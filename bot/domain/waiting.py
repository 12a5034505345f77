"""Until when a stored time holds back, where the clock that stored it may have been wrong.

Whatever waits stores until when. A clock that is ahead for one tick would so make it wait until that date. Therefore
no reader believes a time farther ahead than the longest wait of its kind: a clock was set back since. Pure: the clock
is an argument. ``store.waiting`` asks the same in a query.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.errors import LONGEST_WAIT

LONGEST: Final = timedelta(seconds=LONGEST_WAIT)
"""As long as anything waits because of a failure or of another side's wish."""

CLOCKS_APART: Final = timedelta(hours=1)
"""As far as the clocks of two machines may be apart."""

LONGEST_LEASE: Final = timedelta(minutes=30) + CLOCKS_APART
"""As long as anything can be in another process's hands, by our clock: half an hour by its own."""

ALIVE_FOR: Final = timedelta(minutes=3)
"""A worker that was silent for longer is taken for dead."""


def meant(moment: datetime | None, *, now: datetime, longest: timedelta = LONGEST) -> datetime | None:
    """Return the moment unless it lies farther ahead than it can have been meant."""
    return moment if moment is not None and moment <= now + longest else None


def held_until(moment: datetime | None, *, now: datetime, longest: timedelta = LONGEST) -> datetime | None:
    """Return the moment if it has to be waited for, None where it has come or cannot have been meant."""
    found = meant(moment, now=now, longest=longest)
    return found if found is not None and found > now else None


def lies_ahead(moment: datetime, *, now: datetime) -> bool:
    """Say whether something is said to have happened at a moment that has not come: that clock was ahead."""
    return moment > now + CLOCKS_APART
