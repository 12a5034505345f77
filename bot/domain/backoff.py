"""How long to wait before the next try, after one failure or after many.

Pure: whoever waits adds the pause to its own clock and keeps its own count of failures.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

_MOST_DOUBLINGS: Final = 20
"""Bounds the factor: a count of failures that grew for years must not overflow."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double with every failure, from the first to the longest."""

    first: timedelta
    longest: timedelta

    def pause(self, failures: int, *, retry_after: float | None = None, jitter: float = 1.0) -> timedelta:
        """Return the pause after so many failures in a row; fewer than two of them give the first pause.

        ``retry_after`` is how many seconds the other side asks to wait: the pause is never shorter, and may then be
        longer than the longest. ``jitter`` stretches our own pause, not what the other side asks for.
        """
        doublings: int = min(max(failures - 1, 0), _MOST_DOUBLINGS)
        own = min(self.first * (1 << doublings), self.longest) * jitter
        return max(own, timedelta(seconds=retry_after or 0.0))
