"""A word to a service that raises the alarm when it hears nothing: the only one that notices a machine that is gone.

As services in the manner of healthchecks.io want it: a GET of an address that is a secret, after each success.
"""

from typing import Final

import httpx2
import structlog
from pydantic import SecretStr

_TIMEOUT: Final = 10.0
"""Seconds; a job waits for it."""

_log = structlog.get_logger(__name__)


class Pinger:
    """Tells the service of success once every one of some jobs has gone through since it was told last.

    A ping that fails is said once, and again when one has gone through meanwhile; it fails no job.
    """

    def __init__(self, url: SecretStr | None, *, jobs: frozenset[str]) -> None:
        self._url, self._jobs = url, jobs
        self._done: set[str] = set()
        self._failing = False

    def note(self, job: str) -> None:
        """Take note that a job went through, and tell the service when all have."""
        if self._url is None or job not in self._jobs:
            return
        self._done.add(job)
        if self._done == self._jobs:
            self._done.clear()
            self._ping(self._url.get_secret_value())

    def forget(self, job: str) -> None:
        """Take note that a job failed: what went well before counts no more."""
        self._done.discard(job)

    def _ping(self, url: str) -> None:
        try:
            answer = httpx2.get(url, timeout=_TIMEOUT, follow_redirects=True)
            problem = "" if answer.is_success else f"it answered {answer.status_code}"
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            problem = type(error).__name__  # an error may hold the address
        if problem and not self._failing:
            _log.warning("PICKS_HEARTBEAT_URL not pinged", reason=problem)
        elif self._failing and not problem:
            _log.info("PICKS_HEARTBEAT_URL pinged again")
        self._failing = bool(problem)
