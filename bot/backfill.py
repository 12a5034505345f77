"""The days that the feeds lost, made good from arXiv's API.

A day is due when its feed lied to the end, or when nobody fetched it. What the API finds is stored as a batch of its
own kind: its papers are marked until a feed lists them, and the feed's word on their day counts more. Each day is
claimed in its row before the network is touched, so several workers ask once; a tick does a few days and leaves the
rest to the next.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.arxiv.api import Api, Found
from bot.arxiv.calendar import Window
from bot.arxiv.health import MEMORY, Health, Verdict
from bot.channels import Channel
from bot.errors import PicksError, TransientError
from bot.feed_days import REFETCHES, expected_day
from bot.ingest import Capture, calendar_of, ingest
from bot.papers import Batch
from bot.settling import write_down
from bot.store.database import Database
from bot.store.tables import BatchRow, FeedDay, FeedState, Origin, PaperRow

LOOK_BACK: Final = timedelta(days=30)
"""How far a worker catches up by itself; ``picks fetch --since`` goes further."""

A_TICK: Final = 3
"""Days of a feed that are made good in one tick."""

_CLAIM: Final = timedelta(minutes=10)
_FIRST_PAUSE: Final = timedelta(minutes=15)
_LONGEST_PAUSE: Final = timedelta(hours=6)
_SECOND_LOOK: Final = timedelta(hours=20)
"""The API can lag behind the announcement: what was asked on the day itself is asked again on the next."""

_HELD_UP: Final = timedelta(days=4)
"""How much earlier than the rest of their batch papers may have been submitted that moderators held up."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What came of asking the API for one day of a feed: how many papers it knows, how many were new to us."""

    feed: str
    day: date
    found: int = 0
    new: int = 0
    queued: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Backfiller:
    """What making days good needs: the store, the API, the channels, the clock."""

    database: Database
    api: Api
    channels: Collection[Channel]
    clock: Callable[[], datetime]

    def catch_up(self, *, most: int = A_TICK) -> list[BackfillReport]:
        """Make good the days that are due, the oldest first, ``most`` of them, and none after one that failed."""
        due = self._due()
        if len(due) > most:
            _log.info("catching up", days_left=len(due), oldest=str(due[0][1]))
        done: list[BackfillReport] = []
        for feed, day in due[:most]:
            if self._claim(feed, day):
                done.append(self._make_good(feed, day))
            if done and done[-1].error:
                break
        return done

    def since(self, first: date, *, only: Collection[Channel]) -> list[BackfillReport]:
        """Make good every day from the first to today that no feed covers well.

        Raises PicksError when the date lies ahead.
        """
        last = expected_day(self.clock())
        if first > last:
            raise PicksError(f"no feed of {first} can be there yet; the newest is that of {last}")
        days = calendar_of(self.channels).announcements(first, last)
        return [
            self._make_good(feed, day) for day in days for feed in _categories(only) if not self._covered(feed, day)
        ]

    def day(self, day: date, *, only: Collection[Channel]) -> list[BackfillReport]:
        """Ask for one day of every feed, whatever is known of it; raise PicksError when nothing was announced on it."""
        if day > expected_day(self.clock()):
            raise PicksError(f"no feed of {day} can be there yet; the newest is that of {expected_day(self.clock())}")
        why = calendar_of(self.channels).why_quiet(day)
        if why is not None:
            raise PicksError(f"nothing was announced on {day}: {why}; give another day")
        return [self._make_good(feed, day) for feed in _categories(only)]

    def _due(self) -> list[tuple[str, date]]:
        now = self.clock()
        today = expected_day(now)
        with self.database.transaction() as session:
            due = [
                (feed, day)
                for feed in _categories(self.channels)
                for day in self._watched_days(session, feed, today)
                if _is_due(_row(session, feed, day, today=today), today=today, now=now)
            ]
        return sorted(due, key=lambda item: (item[1], item[0]))

    def _watched_days(self, session: Session, feed: str, today: date) -> list[date]:
        """Return the days of which a feed should be there: of the last weeks, those since it was first read."""
        earliest = today - LOOK_BACK
        query = select(func.min(BatchRow.day)).where(
            BatchRow.feed == feed, col(BatchRow.origin) == Origin.FEED, col(BatchRow.day) >= earliest
        )
        first = session.exec(query).one()
        if first is None:  # a feed that was only ever read from files is nobody's loss
            state = session.get(FeedState, feed)
            first = earliest if state is not None and state.last_day is not None else today
        return calendar_of(self.channels).announcements(first, today)

    def _claim(self, feed: str, day: date) -> bool:
        now = self.clock()
        with self.database.transaction() as session:
            today = expected_day(now)
            row = _row(session, feed, day, today=today)
            if not _is_due(row, today=today, now=now):
                return False
            row.next_try_at = now + _CLAIM
            return True

    def _covered(self, feed: str, day: date) -> bool:
        with self.database.reading() as session:
            row = session.get(FeedDay, (feed, day))
        return row is not None and (row.repaired is not None or not Health(row.health).needs_repair)

    def _make_good(self, feed: str, day: date) -> BackfillReport:
        window = calendar_of(self.channels).window(day)
        try:
            found = self.api.submitted(feed, Window(window.start - _HELD_UP, window.end))
        except PicksError as error:
            self._remember_failure(feed, day, error)
            _log.warning("day not backfilled", feed=feed, day=str(day), reason=str(error))
            return BackfillReport(feed, day, error=str(error))
        now = self.clock()
        with self.database.reading() as session:
            late = _late_ones(session, [item for item in found if item.submitted < window.start], day)
        papers = tuple(item.announcement for item in found if item.submitted >= window.start or item in late)
        capture = Capture(Batch(feed, day, now, papers), "arXiv API", origin=Origin.API)
        result = ingest(self.database, [capture] if papers else [], channels=self.channels, now=now)
        new = sum(item.new for item in result.batches)
        self._remember(feed, day, found=len(papers), new=new)
        _log.info("day backfilled", feed=feed, day=str(day), found=len(papers), new=new)
        return BackfillReport(feed, day, len(papers), new, result.queued)

    def _remember(self, feed: str, day: date, *, found: int, new: int) -> None:
        now = self.clock()
        with self.database.transaction() as session:
            row = _row(session, feed, day, today=None)
            before = row.repaired if not found or not new else None
            row.repaired = before or f"{found} found in the API, {new} of them new"
            row.error = None
            row.next_try_at = now + _SECOND_LOOK if day >= expected_day(now) else None
            session.add(row)

    def _remember_failure(self, feed: str, day: date, error: PicksError) -> None:
        now = self.clock()
        with self.database.transaction() as session:
            row = _row(session, feed, day, today=None)
            row.tries += 1
            pause = min(_FIRST_PAUSE * 2 ** min(max(row.tries - REFETCHES - 1, 0), 10), _LONGEST_PAUSE)
            if isinstance(error, TransientError) and error.retry_after is not None:
                pause = max(pause, timedelta(seconds=error.retry_after))
            row.error, row.next_try_at = str(error), now + pause
            session.add(row)


def _categories(channels: Collection[Channel]) -> list[str]:
    return list(dict.fromkeys(category for channel in channels for category in channel.feeds.categories))


def _row(session: Session, feed: str, day: date, *, today: date | None) -> FeedDay:
    """Return what is known of a feed's day; a past day of which nothing is known was slept through."""
    row = session.get(FeedDay, (feed, day))
    if row is not None:
        return row
    if today is not None and day >= today:
        return FeedDay(feed=feed, day=day, health=Health.MISSING)  # it may still come; not written down
    row = write_down(session, feed, day, Verdict(Health.MISSING, "no feed of that day was fetched"))
    session.flush()
    return row


def _is_due(row: FeedDay, *, today: date, now: datetime) -> bool:
    if not Health(row.health).needs_repair:
        return False
    if row.next_try_at is not None:
        return row.next_try_at <= now
    return row.repaired is None and (row.day < today or row.tries >= REFETCHES)


def _late_ones(session: Session, earlier: Collection[Found], day: date) -> list[Found]:
    """Return the papers that were submitted earlier and held up: numbered after the days before, and not known yet."""
    floor = session.exec(
        select(func.max(BatchRow.highest)).where(
            col(BatchRow.day) < day, col(BatchRow.day) >= day - MEMORY, col(BatchRow.origin) == Origin.FEED
        )
    ).one()
    if floor is None:
        return []
    above = {str(item.announcement.arxiv_id): item for item in earlier if str(item.announcement.arxiv_id) > floor}
    known = session.exec(select(PaperRow.arxiv_id).where(col(PaperRow.arxiv_id).in_(list(above)))).all()
    return [item for name, item in above.items() if "/" not in name and name not in known]
