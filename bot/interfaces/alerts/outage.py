"""A database that does not answer, told to the operator directly: what is wrong with it cannot be stored in it.

Only the memory of the process knows what was told: once to each address when it begins, once when it is over. A worker
that is started again during the outage tells it again, and so does each of several workers. An address that does not
take it is tried again. An outage that comes back before its end was told is the same one.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import PicksError, TransientError
from bot.domain.waiting import held_until
from bot.publishing.alerts import HOURLY, NEWS_FOR, Taker
from bot.store.database import DatabaseBusyError, DatabaseError

PATIENCE: Final = timedelta(minutes=2)
"""A lock that is shorter than this is no news: every command waits for half a minute."""

_HOUR: Final = timedelta(hours=1)
_AGAIN: Final = timedelta(minutes=5)
"""So long after an address did not take it, it is tried again."""

_NAME: Final = "database locked or not reached"

_log = structlog.get_logger(__name__)


class DatabaseOutage:
    """Counts how long the database fails; jobs of several threads report to it, and one of them tells at a time."""

    def __init__(
        self, takers: Callable[[], Mapping[str, Taker]], clock: Callable[[], datetime], *, advice: str = ""
    ) -> None:
        """Tell ``advice`` with the beginning: what to do."""
        self._takers = takers
        self._clock = clock
        self._advice = advice
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._over_at: datetime | None = None
        self._told: frozenset[str] = frozenset()
        self._telling = False
        self._next_try: datetime | None = None
        self._told_at: list[datetime] = []

    def note(self, error: Exception) -> None:
        """Take note of what a job failed with; tell it where that is the database, for long enough."""
        if not isinstance(error, DatabaseError | DatabaseBusyError):
            return
        with self._lock:
            now = self._clock()
            self._since, self._over_at = min(self._since or now, now), None
            if now - self._since < PATIENCE or not self._takes_turn(now):
                return
            since = self._since
        said = f"{error}\nIt has been so since {since:%Y-%m-%d %H:%M} UTC. Nothing is posted or stored meanwhile."
        self._tell(f"Daily Picks: {_NAME}", f"{said}\n{self._advice}".strip(), over=False)

    def end(self) -> None:
        """Take note that a job could write; tell that it is over where its beginning was told."""
        with self._lock:
            if self._since is None:
                return
            now = self._clock()
            if self._over_at is None:
                self._over_at, self._next_try = now, None
            if now - self._over_at > NEWS_FOR:
                self._told = frozenset()
            if not self._told and not self._telling:
                self._since = self._next_try = None
                return
            if not self._takes_turn(now):
                return
            since = self._since
        text = f"It lasted from {since:%Y-%m-%d %H:%M} UTC on. What was due meanwhile goes out now."
        self._tell(f"Daily Picks: over: {_NAME}", text, over=True)

    def _takes_turn(self, now: datetime) -> bool:
        """Say whether the caller is to tell now, and keep the other threads from it until that is done."""
        self._told_at = [moment for moment in self._told_at if now - _HOUR < moment <= now]
        if self._telling or len(self._told_at) >= HOURLY or held_until(self._next_try, now=now, longest=_AGAIN):
            return False
        self._telling, self._next_try = True, now + _AGAIN
        return True

    def _tell(self, title: str, text: str, *, over: bool) -> None:
        """Tell those who have not heard it; who was told of the beginning has to hear that it is over."""
        before = self._told
        try:
            for name, taker in self._takers().items():
                if (name in self._told) is over and _is_done(name, taker, title, text):
                    self._told = self._told - {name} if over else self._told | {name}
        except PicksError as error:
            _log.warning("outage not told", reason=str(error))
        finally:
            with self._lock:
                self._telling = False
                self._told_at += [self._clock()] if self._told != before else []


def _is_done(name: str, taker: Taker, title: str, text: str) -> bool:
    """Say whether an address took it, may have taken it, or never will."""
    try:
        taker.send(title, text)
    except TransientError as error:
        _log.warning("outage not told", address=name, reason=str(error), again=True, outage=True)
        return False
    except PicksError as error:
        _log.warning("outage not told", address=name, reason=str(error), again=False)
        return True
    _log.info("outage told", address=name, title=title)
    return True
