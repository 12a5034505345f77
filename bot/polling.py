"""Poll the feeds when they are due: ask politely, store what came, remember how it went.

A feed is asked after arXiv's midnight rebuild on weekdays, and again with pauses until that day's batch is in. Of
several workers one polls: the poll is claimed in the feed's row before the network is touched.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from bot.arxiv.feeds import parse
from bot.arxiv.fetching import FeedClient, feed_url
from bot.arxiv.health import Health
from bot.channels import Channel
from bot.errors import PicksError, TransientError
from bot.ingest import BatchReport, Capture, ingest
from bot.offering import rank
from bot.store.database import Database
from bot.store.tables import FeedState

ARXIV_ZONE: Final = ZoneInfo("America/New_York")
"""arXiv rebuilds its feeds at midnight here, Monday to Friday."""

_BUILD_TIME: Final = timedelta(minutes=10)
_UNTIL_IN: Final = timedelta(minutes=20)
_CLAIM: Final = timedelta(minutes=10)
_FIRST_PAUSE: Final = timedelta(minutes=5)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_SATURDAY: Final = 5

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PollReport:
    """What came of polling one feed: a batch, nothing new, or an error in words."""

    feed: str
    batch: BatchReport | None = None
    queued: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Poller:
    """What polling needs: the store, the client, the address of the feeds."""

    database: Database
    client: FeedClient
    base_url: str
    channels: Collection[Channel]
    clock: Callable[[], datetime]

    def poll(self, *, force: bool = False, only: Collection[Channel] | None = None) -> list[PollReport]:
        """Poll each feed that is due, one at a time; ``force`` polls all feeds of the channels now."""
        wanted = {
            category: channel.feeds.format
            for channel in (only if only is not None else self.channels)
            for category in channel.feeds.categories
        }
        reports = []
        for category, form in wanted.items():
            state = self._claim(category, force=force)
            if state is not None:
                reports.append(self._poll_one(category, feed_url(self.base_url, form, category), state))
        return reports

    def _claim(self, category: str, *, force: bool) -> FeedState | None:
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get(FeedState, category) or FeedState(feed=category)
            if not force and not is_due(last_day=state.last_day, next_poll_at=state.next_poll_at, now=now):
                return None
            state.next_poll_at = now + _CLAIM
            session.add(state)
            return state

    def _poll_one(self, category: str, url: str, state: FeedState) -> PollReport:
        try:
            answer = self.client.fetch(url, etag=state.etag)
            batch = parse(answer.body, source=url) if answer.body is not None else None
        except PicksError as error:
            self._remember_failure(category, error)
            _log.warning("feed not polled", feed=category, reason=str(error))
            return PollReport(category, error=str(error))
        if batch is None:
            queued = rank(
                self.database, self.channels, days=[state.last_day] if state.last_day else [], now=self.clock()
            )
            self._remember(category, etag=state.etag, day=None, pause=_UNTIL_IN)
            return PollReport(category, queued=queued)
        result = ingest(self.database, [Capture(batch, url)], channels=self.channels, now=self.clock())
        report = result.batches[0]
        if report.health is Health.EMPTY:  # a holiday, or a feed that arXiv has yet to fill
            self._remember(category, etag=answer.etag, day=None, pause=_LONGEST_PAUSE)
        else:
            self._remember(category, etag=answer.etag, day=batch.day, pause=_UNTIL_IN)
        _log.info("feed polled", feed=category, day=str(report.day), new=report.new, health=str(report.health))
        return PollReport(category, report, result.queued)

    def _remember(self, category: str, *, etag: str | None, day: date | None, pause: timedelta) -> None:
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get_one(FeedState, category)
            state.etag, state.polled_at, state.failures, state.error = etag, now, 0, None
            state.last_day = max(filter(None, (state.last_day, day)), default=None)
            state.next_poll_at = now + pause
            session.add(state)

    def _remember_failure(self, category: str, error: PicksError) -> None:
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get_one(FeedState, category)
            state.failures += 1
            pause = min(_FIRST_PAUSE * 2 ** min(state.failures - 1, 10), _LONGEST_PAUSE)
            if isinstance(error, TransientError) and error.retry_after is not None:
                pause = max(pause, timedelta(seconds=error.retry_after))
            state.error, state.polled_at, state.next_poll_at = str(error), now, now + pause
            session.add(state)


def expected_day(now: datetime) -> date:
    """Return the newest day whose batch should be in the feeds by now: the last weekday that began at arXiv."""
    day = (now.astimezone(ARXIV_ZONE) - _BUILD_TIME).date()
    return day - timedelta(days=max(0, day.weekday() - _SATURDAY + 1))


def is_due(*, last_day: date | None, next_poll_at: datetime | None, now: datetime) -> bool:
    """Say whether a feed should be polled: its newest day is missing, and no pause is running."""
    if last_day is not None and last_day >= expected_day(now):
        return False
    return next_poll_at is None or next_poll_at <= now
