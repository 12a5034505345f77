"""What is said once a minute at most, however often it happens. Pure: the clock is an argument."""

import threading
from datetime import datetime, timedelta
from typing import Final

_EVERY: Final = timedelta(minutes=1)


class Seldom:
    """Says whether something may be said again, and counts what was left out; it may be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._said_at: datetime | None = None
        self._left_out = 0

    def may_say(self, now: datetime) -> bool:
        """Say whether it may be said now; a clock that was set back silences nothing."""
        with self._lock:
            if self._said_at is not None and timedelta() <= now - self._said_at < _EVERY:
                self._left_out += 1
                return False
            self._said_at = now
            return True

    def take_left_out(self) -> int:
        """Return how often it was not said since this was asked last."""
        with self._lock:
            count, self._left_out = self._left_out, 0
            return count
