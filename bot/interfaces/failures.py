"""Which jobs of a worker fail, and what of that was logged.

What a person can act on is one line, its reason, and again when it changes; a fault of the program comes with its
traceback. An outage, of the database or of the network, stops several jobs at every tick and passes by itself: while it
lasts it is one line a minute, whichever jobs it stops and however its words change.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from bot.domain.errors import PicksError, TransientError
from bot.domain.seldom import Seldom

_OUTAGE: Final = ""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Why a job fails; failures of one ``kind`` are said as one: those that pass by themselves, or one reason."""

    reason: str
    kind: str


class Failures:
    """The jobs that failed when they last ran, each with the reason; jobs run in several threads."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: dict[str, _Failure] = {}
        self._said: set[str] = set()
        self._outage = Seldom()

    @property
    def jobs(self) -> list[str]:
        """Return the names of the jobs that fail, in order."""
        with self._lock:
            return sorted(self._failures)

    def note(self, job: str, error: Exception) -> None:
        """Remember that a job failed; log it unless that was said."""
        reason = str(error) if isinstance(error, PicksError) else f"{type(error).__name__}: {error}"
        kind = _OUTAGE if isinstance(error, TransientError) else reason
        with self._lock:
            self._failures[job] = _Failure(reason, kind)
            self._said &= {failure.kind for failure in self._failures.values()}
            if not self._is_news(kind):
                return
            self._said.add(kind)
        if isinstance(error, PicksError):
            _log.error("job failed", job=job, reason=reason)
        else:
            _log.error("job failed", job=job, exc_info=error)

    def end(self, job: str) -> None:
        """Remember that a job went through; log it where its failure was said, once for all that failed as one."""
        with self._lock:
            failure = self._failures.pop(job, None)
            if failure is None or any(failure.kind == other.kind for other in self._failures.values()):
                return
            said = failure.kind in self._said
            self._said.discard(failure.kind)
        if said:
            _log.info("job works again", job=job, reason=failure.reason)

    def _is_news(self, kind: str) -> bool:
        if kind != _OUTAGE:
            return kind not in self._said
        return self._outage.may_say(self._clock())
