"""Poll the feeds when they are due: ask politely, store what came, remember how it went.

A feed is asked after arXiv's midnight rebuild on weekdays, with pauses until that day's batch is in. A batch that is
not what it should be is fetched again with growing pauses, and ``backfill`` asks the API for what it lacks. Of several
workers one polls: the poll is claimed in the feed's row before the network is touched.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from bot.arxiv.client import FeedClient, Fetched, feed_url
from bot.arxiv.errors import FeedContentError
from bot.arxiv.feeds import parse
from bot.arxiv.health import Health, Verdict
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, TransientError
from bot.domain.redaction import redact_address
from bot.domain.waiting import held_until, meant
from bot.intake.announcement_days import record_health
from bot.intake.ingest import BatchReport, Capture, IngestReport, body_digest, ingest, recognise
from bot.intake.queue import rank
from bot.intake.schedule import calendar_of, expected_day, newest_possible, refetch_pause, require_come
from bot.store.database import Database
from bot.store.tables import FeedDay, FeedState

_UNTIL_IN: Final = timedelta(minutes=20)
_CLAIM: Final = timedelta(minutes=10)
_BACKOFF: Final = Backoff(first=timedelta(minutes=5), longest=timedelta(hours=1))

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
    base_url: str = field(repr=False)
    channels: Collection[Channel]
    clock: Callable[[], datetime]

    def poll(self, *, force: bool = False, only: Collection[Channel] | None = None) -> list[PollReport]:
        """Poll each feed that is due, one at a time; ``force`` polls all feeds of the channels now."""
        wanted = {
            category: channel.feeds.format
            for channel in (only if only is not None else self.channels)
            for category in channel.feeds.categories
        }
        reports, unreached = [], dict[str, PicksError]()
        for category, form in wanted.items():
            state = self._claim(category, force=force)
            if state is not None:
                url = feed_url(self.base_url, form, category)
                reports.append(self._poll_one(category, url, state, unreached=unreached))
        if unreached:
            reason = str(next(iter(unreached.values())))
            _log.warning("feeds not polled", feeds=list(unreached), reason=reason, outage=True)
        return reports

    def _claim(self, category: str, *, force: bool) -> FeedState | None:
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get(FeedState, category) or FeedState(feed=category)
            today = session.get(FeedDay, (category, expected_day(now)))
            if not force and not is_due(today, next_poll_at=state.next_poll_at, now=now):
                return None
            if state.next_poll_at is not None and meant(state.next_poll_at, now=now) is None:
                _log.warning("next poll not believed: a clock was ahead", feed=category, until=str(state.next_poll_at))
            state.next_poll_at = now + _CLAIM
            session.add(state)
            return state

    def _poll_one(self, category: str, url: str, state: FeedState, *, unreached: dict[str, PicksError]) -> PollReport:
        """Fetch one feed, take it in, and remember how it went; an error of arXiv's ends in the report.

        What passes by itself is noted in ``unreached``: an outage of the network meets all feeds, and is one line.
        """
        try:
            answer = self.client.fetch(url, etag=state.etag)
            source = redact_address(url)
            result = self._take(answer, source, category) if answer.body is not None else None
        except PicksError as error:
            self._remember_failure(category, error)
            if isinstance(error, TransientError):
                unreached[category] = error
            else:
                _log.warning("feed not polled", feed=category, reason=str(error))
            return PollReport(category, error=str(error))
        if result is None:
            days = [state.last_day] if state.last_day else []
            queued = rank(self.database, self.channels, days=days, now=self.clock())
            self._remember(category, etag=state.etag, day=None)
            return PollReport(category, queued=queued)
        report = result.batches[0]
        # Of a feed that did not arrive whole the bytes are wanted again, not the word that they are still the same.
        etag = None if report.health is Health.TRUNCATED else answer.etag
        self._remember(category, etag=etag, day=report.day if report.items else None)
        said = {"feed": category, "day": str(report.day), "new": report.new, "health": str(report.health)}
        if report.health.needs_repair or report.health is Health.LATE:
            _log.warning("feed lies", **said, reason=report.reason)
        else:
            _log.info("feed polled", **said, reason=report.reason)
        return PollReport(category, report, result.queued)

    def _take(self, answer: Fetched, source: str, category: str) -> IngestReport:
        """Ingest what a feed sent; raise FeedContentError when it is another category's or lies ahead."""
        body = answer.body or b""
        digest = body_digest(body)
        seen = recognise(self.database, digest, source=source)
        captures = [] if seen else [Capture(parse(body, source=source), source, digest)]
        feed, day = (seen.feed, seen.day) if seen else (captures[0].batch.feed, captures[0].batch.day)
        if feed != category:
            raise FeedContentError(
                f"{source} sends the feed of {feed} and not of {category}; nothing of it was used, and if that is its "
                "new name, put it into the channel file"
            )
        require_come(day, source=source, now=self.clock())
        return ingest(self.database, captures, channels=self.channels, now=self.clock(), known=[seen] if seen else [])

    def _remember(self, category: str, *, etag: str | None, day: date | None) -> None:
        """Remember an answer, and when to ask again: soon while the newest day is missing or not what it should be."""
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get_one(FeedState, category)
            state.etag, state.polled_at, state.failures, state.error = etag, now, 0, None
            possible = (item for item in (state.last_day, day) if item is not None and item <= newest_possible(now))
            state.last_day = max(possible, default=None)
            expected = expected_day(now)
            today = session.get(FeedDay, (category, expected))
            if today is None and calendar_of(self.channels).announces(expected):
                still = (
                    f"the feed is still that of {state.last_day}" if state.last_day else "the feed has no papers yet"
                )
                today = record_health(session, category, expected, Verdict(Health.MISSING, still))
            state.next_poll_at = now + _UNTIL_IN
            if today is not None and Health(today.health).needs_repair:
                today.tries += 1
                state.next_poll_at = now + refetch_pause(today.tries)
                session.add(today)
            session.add(state)

    def _remember_failure(self, category: str, error: PicksError) -> None:
        """Remember a failure, and ask again after a growing pause; a feed that cannot be read spoils its day."""
        now = self.clock()
        with self.database.transaction() as session:
            state = session.get_one(FeedState, category)
            state.failures += 1
            wish = error.retry_after if isinstance(error, TransientError) else None
            pause = _BACKOFF.pause(state.failures, retry_after=wish)
            state.error, state.polled_at, state.next_poll_at = str(error), now, now + pause
            session.add(state)
            today = session.get(FeedDay, (category, expected_day(now)))
            if isinstance(error, FeedContentError) and (today is None or today.health == Health.BROKEN):
                today = record_health(session, category, expected_day(now), Verdict(Health.BROKEN, str(error)))
                today.tries += 1


def is_due(today: FeedDay | None, *, next_poll_at: datetime | None, now: datetime) -> bool:
    """Say whether a feed should be polled: no pause is running, and its newest day is missing or may yet get better."""
    if held_until(next_poll_at, now=now):
        return False
    return today is None or (Health(today.health).needs_repair and today.came_on is None)
