"""A word to a service that raises the alarm when it hears nothing: the only one that notices a machine that is gone.

As services in the manner of healthchecks.io want it: a GET of an address that is a secret, after each success.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final

import httpx2
import structlog
from pydantic import SecretStr
from sqlmodel import col, exists, select

from bot.app import App
from bot.domain.channels import Channel
from bot.domain.states import DeliveryState
from bot.http import Deadline
from bot.store.account_tables import AccountState
from bot.store.accounts import account_key
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, FeedState, Pick

_TIMEOUT: Final = 10.0
"""Seconds; a job waits for it."""

_UNSENDABLE: Final = (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError)
"""Whatever can be wrong with an address, an answer, or a proxy and certificates of the environment."""

_log = structlog.get_logger(__name__)


class Pinger:
    """Tells the service of success once every one of some jobs has gone through since it was told last.

    ``did_its_work`` says of a job that went through whether it had success. A ping that fails is said once, and again
    when one has gone through meanwhile; it fails no job.
    """

    def __init__(
        self,
        url: SecretStr | None,
        *,
        jobs: frozenset[str],
        did_its_work: Callable[[str], bool] = lambda _: True,
        seconds: float = _TIMEOUT,
    ) -> None:
        self._url, self._jobs, self._did_its_work, self._seconds = url, jobs, did_its_work, seconds
        self._done: set[str] = set()
        self._failing = False

    def note(self, job: str) -> None:
        """Take note that a job went through, and tell the service when all have had success."""
        if self._url is None or job not in self._jobs:
            return
        if not self._did_its_work(job):
            self.forget(job)
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
            problem = _get(url, seconds=self._seconds)
        except _UNSENDABLE as error:
            problem = type(error).__name__  # an error may hold the address
        if problem and not self._failing:
            _log.warning("PICKS_HEARTBEAT_URL not pinged", reason=problem)
        elif self._failing and not problem:
            _log.info("PICKS_HEARTBEAT_URL pinged again")
        self._failing = bool(problem)


def _get(url: str, *, seconds: float) -> str:
    """Ask for an address, and wait no longer than that; return what was wrong with the answer."""
    close = {"Connection": "close"}  # a deadline sees new connections only
    with (
        Deadline(seconds) as deadline,
        httpx2.Client(timeout=seconds, follow_redirects=True, headers=close) as client,
        client.stream("GET", url, extensions={"trace": deadline.trace}) as answer,
    ):
        return "" if answer.is_success else f"it answered {answer.status_code}"


def pinger_of(app: App) -> Pinger:
    """Return what tells the service that publishing and polling go well: a platform that fails breaks no job."""
    checks: Mapping[str, Callable[[], bool]] = {
        "publish": lambda: _publishes(app.database, app.channels, now=app.clock()),
        "poll": lambda: _polls(app.database, app.channels.values()),
    }
    return Pinger(app.settings.heartbeat_url, jobs=frozenset(checks), did_its_work=lambda job: checks[job]())


def _publishes(database: Database, channels: Iterable[str], *, now: datetime) -> bool:
    """Say whether nothing that is due is held up by an account that fails: the job goes through all the same."""
    held_up = (
        select(Delivery.id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            col(Candidate.channel).in_(channels),
            Delivery.state == DeliveryState.PLANNED,
            col(Delivery.due_at) <= now,
            exists().where(
                col(AccountState.platform) == col(Delivery.platform), col(AccountState.account) == account_key()
            ),
        )
    )
    with database.reading() as session:
        return session.exec(held_up).first() is None


def _polls(database: Database, channels: Iterable[Channel]) -> bool:
    """Say whether every feed was there when it was asked for last: the job goes through all the same."""
    wanted = {category for channel in channels for category in channel.feeds.categories}
    failing = select(FeedState.feed).where(col(FeedState.feed).in_(wanted), col(FeedState.error).is_not(None))
    with database.reading() as session:
        return session.exec(failing).first() is None
