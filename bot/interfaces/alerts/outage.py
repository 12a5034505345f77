"""A database that does not answer, told to the operator directly: what is wrong with it cannot be stored in it.

Only the memory of the process knows what was told: once to each address when it begins, once when it is over. A worker
that is started again during the outage tells it again, and so does each of several workers.
"""

import threading
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.domain.errors import PicksError, TransientError
from bot.publishing.alerts import Taker
from bot.store.database import DatabaseBusyError, DatabaseError

PATIENCE: Final = timedelta(minutes=2)
"""A lock that is shorter than this is no news: every command waits for half a minute."""

_AGAIN: Final = timedelta(minutes=5)
"""So long after an address did not take it, it is tried again."""

_log = structlog.get_logger(__name__)


class DatabaseOutage:
    """Counts how long the database fails; jobs of several threads report to it."""

    def __init__(self, takers: Callable[[], Mapping[str, Taker]], clock: Callable[[], datetime]) -> None:
        self._takers = takers
        self._clock = clock
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._next_try: datetime | None = None
        self._told: set[str] = set()

    def note(self, error: Exception) -> None:
        """Take note of what a job failed with; tell it where that is the database, for long enough."""
        if not isinstance(error, DatabaseError | DatabaseBusyError):
            return
        now = self._clock()
        with self._lock:
            self._since = min(self._since or now, now)
            if now - self._since < PATIENCE or (self._next_try is not None and now < self._next_try):
                return
            self._next_try, since, told = now + _AGAIN, self._since, set(self._told)
        text = f"{error}\nIt has been so since {since:%Y-%m-%d %H:%M} UTC. Nothing is posted or stored meanwhile."
        taken = self._send("Daily Picks: database locked or not reached", text, leave_out=told)
        with self._lock:
            self._told |= taken

    def end(self) -> None:
        """Take note that a job could write; tell that it is over where its beginning was told."""
        with self._lock:
            if self._since is None:
                return
            since, told = self._since, set(self._told)
            self._since = self._next_try = None
            self._told.clear()
        if told:
            text = f"It lasted from {since:%Y-%m-%d %H:%M} UTC on. What was due meanwhile goes out now."
            self._send("Daily Picks: over: database locked or not reached", text, only=told)

    def _send(
        self, title: str, text: str, *, leave_out: Collection[str] = (), only: Collection[str] | None = None
    ) -> set[str]:
        """Return the addresses that are done: they took it, may have taken it, or never will."""
        done: set[str] = set()
        try:
            takers = self._takers()
        except PicksError as error:
            _log.warning("outage not told", reason=str(error))
            return done
        for name, taker in takers.items():
            if name in leave_out or (only is not None and name not in only):
                continue
            try:
                taker.send(title, text)
            except TransientError as error:
                _log.warning("outage not told", address=name, reason=str(error), again=only is None)
                continue
            except PicksError as error:
                _log.warning("outage not told", address=name, reason=str(error), again=False)
            else:
                _log.info("outage told", address=name, title=title)
            done.add(name)
        return done
