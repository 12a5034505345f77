"""Backfill the days that the feeds lost, from arXiv's API.

A day is due when its feed was still bad after the last fetch, or when nobody fetched it. What the API finds is stored
as a batch of its own kind: its papers are marked until a feed lists them, and then the feed decides their day. Each day
is claimed in its row before the network is touched, so that of several workers one asks. One tick does a few days. An
error without a next try in a day's row is left to a person.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import func
from sqlmodel import Session, col, select
from structlog.contextvars import bound_contextvars

from bot.arxiv.api import Api, Found
from bot.arxiv.calendar import Window
from bot.arxiv.health import Health, Verdict
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, TransientError, is_outage
from bot.domain.papers import Announcement, Batch
from bot.domain.waiting import CLOCKS_APART, held_until
from bot.intake.announcement_days import record_health
from bot.intake.ingest import Capture, ingest
from bot.intake.odd_entries import as_announced, odd_papers
from bot.intake.rate_limit import is_resting, postpone
from bot.intake.schedule import LONGEST_ABSENCE, LOOK_BACK, REFETCHES, calendar_of, expected_day
from bot.store.database import Database
from bot.store.tables import BatchRow, FeedDay, Origin, PaperRow

SERVICE: Final = "arxiv-api"
"""The name under which all processes keep the API's rate limit."""

A_TICK: Final = 3
"""Days that are backfilled in one tick."""

_CLAIM: Final = timedelta(minutes=10)
_BACKOFF: Final = Backoff(first=timedelta(minutes=15), longest=timedelta(hours=6))
_SECOND_LOOK: Final = timedelta(hours=20)
"""The API can lag behind the announcement: what was asked on the day itself is asked again on the next."""

_QUESTIONS: Final = 5
"""How often the API is asked for a day of which it knows nothing."""

_MOST_TRIES: Final = 100
"""How often in all a worker asks for a day on which the API fails: about three weeks."""

_FIRST_DAY: Final = date(1991, 8, 14)
"""arXiv's own: https://info.arxiv.org/about/"""

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
    """What backfilling needs: the store, the API, the channels, the clock."""

    database: Database
    api: Api
    channels: Collection[Channel]
    clock: Callable[[], datetime]

    def catch_up(self, *, most: int = A_TICK) -> list[BackfillReport]:
        """Backfill the days that are due, the oldest first and at most ``most``; none while the API wants a pause."""
        due = self._due()
        if len(due) > most:
            _log.info("catching up", days_left=len(due), oldest=str(due[0][1]))
        if is_resting(self.database, SERVICE, now=self.clock()):
            return []
        return self._backfill(((feed, day) for feed, day in due[:most] if self._claim(feed, day)), by_person=False)

    def since(self, first: date, *, only: Collection[Channel]) -> list[BackfillReport]:
        """Backfill every day from the first to today that no feed covers well; stop at the first that has to wait.

        Raises PicksError when the date lies ahead, before arXiv, or more than a year back.
        """
        last = self.require_since(first)
        days = calendar_of(self.channels).announcements(first, last)
        wanted = ((feed, day) for day in days for feed in _categories(only))
        missing = ((feed, day) for feed, day in wanted if not self._covered(feed, day))
        return self._backfill(missing, by_person=True)

    def day(self, day: date, *, only: Collection[Channel]) -> list[BackfillReport]:
        """Ask for one day of every feed, whatever is known of it; raise PicksError when nothing was announced on it."""
        self.require_day(day)
        return self._backfill(((feed, day) for feed in _categories(only)), by_person=True)

    def require_since(self, first: date) -> date:
        """Return the newest day that can be asked for; raise PicksError when ``since`` cannot begin with this one."""
        last = self._check(first)
        if last - first > LONGEST_ABSENCE:
            raise PicksError(
                f"{first} is more than {LONGEST_ABSENCE.days} days before {last}: too much to ask arXiv for at once; "
                "give a later date, or single days with --day"
            )
        return last

    def require_day(self, day: date) -> None:
        """Raise PicksError when nothing can have been announced on a day."""
        self._check(day)
        why = calendar_of(self.channels).why_quiet(day)
        if why is not None:
            raise PicksError(f"nothing was announced on {day}: {why}; give another day")

    def _check(self, day: date) -> date:
        """Return the newest day that can be asked for; raise PicksError when this one cannot."""
        newest = expected_day(self.clock())
        if day > newest:
            raise PicksError(f"no feed of {day} can be there yet; the newest is that of {newest}")
        if day < _FIRST_DAY:
            raise PicksError(f"there was no arXiv on {day}; give a day from {_FIRST_DAY} on")
        return newest

    def _due(self) -> list[tuple[str, date]]:
        now = self.clock()
        today = expected_day(now)
        with self.database.transaction() as session:
            _forget_days_ahead(session, expected_day(now + CLOCKS_APART))
            due = [
                (feed, row.day)
                for feed in _categories(self.channels)
                for row in self._watched(session, feed, today)
                if _is_due(row, today=today, now=now)
            ]
        return sorted(due, key=lambda item: (item[1], item[0]))

    def _watched(self, session: Session, feed: str, today: date) -> list[FeedDay]:
        """Return the days since a feed was first read that may have to be backfilled.

        Of the last weeks these are all days with an announcement. Of the time before them they are the days whose
        repair was begun; days of which nothing is known are left to a person.
        """
        query = select(func.min(BatchRow.day)).where(
            BatchRow.feed == feed,
            col(BatchRow.origin) == Origin.FEED,
            col(BatchRow.day) >= today - LONGEST_ABSENCE,
        )
        first = session.exec(query).one()
        if first is None:
            return []
        days = calendar_of(self.channels).announcements(first, today)
        old = [day for day in days if day < today - LOOK_BACK]
        recent = [_row(session, feed, day, today=today) for day in days[len(old) :]]
        known = session.exec(select(FeedDay).where(FeedDay.feed == feed, col(FeedDay.day).in_(old))).all()
        begun = [row for row in known if row.health == Health.MISSING or row.next_try_at is not None]
        settled = [row for row in known if not Health(row.health).needs_repair or _is_answered(row)]
        _write_off(session, feed, sorted({*old} - {row.day for row in (*begun, *settled)}))
        return [*begun, *recent]

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
        return row is not None and (bool(row.found or row.came_on) or not Health(row.health).needs_repair)

    def _backfill(self, wanted: Iterable[tuple[str, date]], *, by_person: bool) -> list[BackfillReport]:
        """Ask for one day after the other; stop when one has to wait, because the others would have to wait too."""
        done: list[BackfillReport] = []
        for feed, day in wanted:
            with bound_contextvars(feed=feed, day=str(day)):
                report, waits = self._ask(feed, day, by_person=by_person)
            done.append(report)
            if waits:
                break
        return done

    def _ask(self, feed: str, day: date, *, by_person: bool) -> tuple[BackfillReport, bool]:
        """Ask for one day; say also whether the API is to be left in peace."""
        window = calendar_of(self.channels).window(day)
        try:
            found = self.api.submitted(feed, Window(window.start - _HELD_UP, window.end))
        except PicksError as error:
            return self._fail(feed, day, error, by_person=by_person), isinstance(error, TransientError)
        return self._take(feed, day, found, window, by_person=by_person), False

    def _take(
        self, feed: str, day: date, found: Collection[Found], window: Window, *, by_person: bool
    ) -> BackfillReport:
        """Store what the API knows of a day, also of the papers that only an odd entry of the feed names."""
        now = self.clock()
        with self.database.reading() as session:
            late = _late_ones(session, [item for item in found if item.submitted < window.start], day)
        papers = [item.announcement for item in found if item.submitted >= window.start or item in late]
        failure: PicksError | None = None
        try:
            papers += self._odd_ones(feed, day, window, known={str(item.arxiv_id) for item in papers})
        except PicksError as error:
            failure = error  # no reason to lose the others
        capture = Capture(Batch(feed, day, now, tuple(papers)), "arXiv API", origin=Origin.API)
        result = ingest(self.database, [capture] if papers else [], channels=self.channels, now=now)
        new = sum(item.new for item in result.batches)
        self._remember(feed, day, found=len(papers), new=new, by_person=by_person)
        report = BackfillReport(feed, day, len(papers), new, result.queued)
        return replace(report, error=self._fail(feed, day, failure, by_person=by_person).error) if failure else report

    def _odd_ones(self, feed: str, day: date, window: Window, *, known: Collection[str]) -> list[Announcement]:
        """Ask the API for the papers that odd entries of a day name, as far as they are not known by now."""
        with self.database.reading() as session:
            wanted = {name: kind for name, kind in odd_papers(session, feed, day).items() if name not in known}
        if not wanted:
            return []
        found = self.api.papers(feed, list(wanted))
        return [as_announced(item, wanted[str(item.announcement.arxiv_id)], window) for item in found]

    def _remember(self, feed: str, day: date, *, found: int, new: int, by_person: bool) -> None:
        """Record what the API knew of a day, and whether to ask again.

        A day of which it knows nothing is asked for again, unless papers were found before or the feed was empty too.
        """
        now = self.clock()
        today = expected_day(now)
        with self.database.transaction() as session:
            row = _row(session, feed, day, today=None)
            if not found and not row.found and row.health != Health.EMPTY:
                _ask_again(row, today=today, now=now, by_person=by_person)
                return
            if new or not row.found:
                row.found = found
                row.repaired = f"{found} found in the API, " + (f"{new} of them new" if found else "as in the feed")
            row.error, row.asked = None, 0
            row.next_try_at = now + _SECOND_LOOK if day >= today else None
        _log.info("day backfilled", found=found, new=new)

    def _fail(self, feed: str, day: date, error: PicksError, *, by_person: bool) -> BackfillReport:
        now = self.clock()
        wish = error.retry_after if isinstance(error, TransientError) else None
        if wish is not None:
            postpone(self.database, SERVICE, until=now + timedelta(seconds=wish))
        with self.database.transaction() as session:
            row = _row(session, feed, day, today=None)
            row.tries = REFETCHES + 1 if by_person and row.tries >= _MOST_TRIES else row.tries + 1
            pause = _BACKOFF.pause(row.tries - REFETCHES, retry_after=wish)
            # A failure is no answer: it neither counts as a question nor begins them anew.
            row.error, row.next_try_at = str(error), now + pause
            if row.tries >= _MOST_TRIES:
                row.error = f"{error}; given up after {row.tries} tries, picks fetch --day {day} asks again"
                row.next_try_at = None
        _log.warning("day not backfilled", reason=str(error), outage=is_outage(error))
        return BackfillReport(feed, day, error=str(error))


def _categories(channels: Collection[Channel]) -> list[str]:
    return list(dict.fromkeys(category for channel in channels for category in channel.feeds.categories))


def _row(session: Session, feed: str, day: date, *, today: date | None) -> FeedDay:
    """Return what is known of a feed's day; a past day of which nothing is known is recorded as missing."""
    row = session.get(FeedDay, (feed, day))
    if row is not None:
        return row
    if today is not None and day >= today:
        return FeedDay(feed=feed, day=day, health=Health.MISSING)  # it may still come; not written down
    row = record_health(session, feed, day, Verdict(Health.MISSING, "no feed of that day was fetched"))
    session.flush()
    return row


def _forget_days_ahead(session: Session, today: date) -> None:
    """Remove what a clock that was ahead has recorded of days of which no feed was read: they have not come yet."""
    unread = col(FeedDay.health).in_((Health.MISSING, Health.BROKEN))
    rows = session.exec(select(FeedDay).where(col(FeedDay.day) > today, unread)).all()
    if not rows:
        return
    for row in rows:
        session.delete(row)
    last = max(row.day for row in rows)
    _log.warning("days ahead forgotten: a clock was ahead", days=len(rows), last=str(last), today=str(today))


def _write_off(session: Session, feed: str, days: Sequence[date]) -> None:
    """Record that days are too long ago for a worker: a person decides about them."""
    if not days:
        return
    way_out = f"use picks fetch --since {days[0]}"
    for day in days:
        row = _row(session, feed, day, today=None)
        row.error = f"lost: more than {LOOK_BACK.days} days ago; {way_out}"
    _log.warning("days lost", feed=feed, first=str(days[0]), last=str(days[-1]), days=len(days), way_out=way_out)


def _ask_again(row: FeedDay, *, today: date, now: datetime, by_person: bool) -> None:
    """Record that the API knows nothing of a day, and when to ask again.

    After the last question the worker asks no more, but for once on the next day. A person may, and begins a new round.
    """
    begins_anew = by_person and row.asked >= _QUESTIONS
    row.asked = 1 if begins_anew else min(row.asked + 1, _QUESTIONS)
    row.repaired, row.found, row.error = None, None, _nothing_yet(row.day, row.asked)
    if row.asked < _QUESTIONS:
        row.next_try_at = now + _BACKOFF.pause(row.asked)
    else:
        row.next_try_at = now + _SECOND_LOOK if row.day >= today else None
    following = str(row.next_try_at) if row.next_try_at else "none: given up"
    _log.warning("day not backfilled", reason=row.error, next_try=following)


def _nothing_yet(day: date, times: int) -> str:
    asked = f"asked {times} of {_QUESTIONS} times"
    return f"the API knows no papers of that day yet, {asked}; picks fetch --day {day} asks again"


def _is_answered(row: FeedDay) -> bool:
    """Say whether it is known what became of a day that lied: it was made good, or given up aloud."""
    return any(item is not None for item in (row.repaired, row.came_on, row.error))


def _is_due(row: FeedDay, *, today: date, now: datetime) -> bool:
    if not Health(row.health).needs_repair or row.came_on is not None:
        return False
    if row.next_try_at is not None:
        return held_until(row.next_try_at, now=now) is None
    if row.repaired is not None or row.asked >= _QUESTIONS or row.tries >= _MOST_TRIES:
        return False
    if row.error is not None:  # written off; perhaps by a clock that was ahead
        return today - LOOK_BACK <= row.day < today
    return row.day < today or row.tries >= REFETCHES


def _late_ones(session: Session, earlier: Collection[Found], day: date) -> list[Found]:
    """Return the papers that moderators held up: submitted earlier, numbered after the days before, not known yet."""
    floor = session.exec(
        select(func.max(BatchRow.highest)).where(col(BatchRow.day) < day, col(BatchRow.origin) == Origin.FEED)
    ).one()
    if floor is None:
        return []
    above = {str(item.announcement.arxiv_id): item for item in earlier if str(item.announcement.arxiv_id) > floor}
    known = session.exec(select(PaperRow.arxiv_id).where(col(PaperRow.arxiv_id).in_(list(above)))).all()
    return [item for name, item in above.items() if "/" not in name and name not in known]
