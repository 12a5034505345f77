"""Which jobs of a worker fail, and what of that was logged: a failure is said once, and again when it changes.

What a person can act on is one line, its reason; a fault of the program comes with its traceback. An outage of the
database stops every job at every tick: where several fail for one reason, that is one line, too.
"""

import threading

import structlog

from bot.domain.errors import PicksError

_log = structlog.get_logger(__name__)


class Failures:
    """The jobs that failed when they last ran, each with the reason; jobs run in several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reasons: dict[str, str] = {}

    @property
    def jobs(self) -> list[str]:
        """Return the names of the jobs that fail, in order."""
        with self._lock:
            return sorted(self._reasons)

    def note(self, job: str, error: Exception) -> None:
        """Remember that a job failed; log it unless that was said."""
        reason = str(error) if isinstance(error, PicksError) else f"{type(error).__name__}: {error}"
        with self._lock:
            known = reason in self._reasons.values()
            self._reasons[job] = reason
        if known:
            return
        if isinstance(error, PicksError):
            _log.error("job failed", job=job, reason=reason)
        else:
            _log.error("job failed", job=job, exc_info=error)

    def end(self, job: str) -> None:
        """Remember that a job went through; log it where it failed before, once for all that failed for one reason."""
        with self._lock:
            reason = self._reasons.pop(job, None)
            over = reason is not None and reason not in self._reasons.values()
        if over:
            _log.info("job works again", job=job, reason=reason)
