"""How the feeds are doing.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, and_, col, or_, select

from bot.arxiv.calendar import Calendar
from bot.arxiv.health import Health
from bot.intake.schedule import LONGEST_ABSENCE, expected_day, newest_possible
from bot.store.tables import BatchRow, FeedDay, FeedState, Origin

_SHOWN: Final = timedelta(days=14)

_GRACE: Final = timedelta(hours=1)
"""So long after a feed can be there it is not called overdue: it is asked for every few minutes until it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTrouble:
    """A day on which papers may be missing from a feed, and what became of its repair."""

    day: date
    health: Health
    reason: str
    repaired: str | None
    next_try_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDays:
    """Older days on which papers may be missing and that the worker has given up: a person decides about them."""

    days: int
    first: date
    last: date
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsoughtDays:
    """Days with announcements of which nobody asked, because captures of more than a year ago begin no watch."""

    days: int
    first: date
    last: date
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedStatus:
    """A feed's newest batch, what is wrong with polling it, and the days on which it lied.

    ``overdue`` is the day that it should have by now, None where it has it. ``ahead`` is a day that has not come, of
    which something is stored nevertheless: it is left out of everything else.
    """

    feed: str
    last_batch: date | None
    items: int | None
    health: Health | None
    reason: str | None
    polled_at: datetime | None
    next_poll_at: datetime | None
    error: str | None
    overdue: date | None
    ahead: date | None
    lost: LostDays | None
    unsought: UnsoughtDays | None
    trouble: tuple[FeedTrouble, ...]


def feed(session: Session, category: str, *, calendar: Calendar, now: datetime) -> FeedStatus:
    """Return how a feed is doing, with the bad days of two weeks, and how many older ones were given up."""
    state = session.get(FeedState, category)
    query = select(FeedDay).where(FeedDay.feed == category).order_by(col(FeedDay.day).desc())
    come = query.where(~_lies_ahead(now))
    newest, last_known, ahead = (
        session.exec(wanted.limit(1)).first()
        for wanted in (come.where(~_unread()), come, query.where(_lies_ahead(now)))
    )
    today, expected = expected_day(now), calendar.last_announcement(expected_day(now - _GRACE))
    return FeedStatus(
        feed=category,
        last_batch=newest.day if newest else None,
        items=_items(session, category, newest.day) if newest else None,
        health=Health(newest.health) if newest else None,
        reason=newest.reason if newest else None,
        polled_at=state.polled_at if state else None,
        next_poll_at=state.next_poll_at if state else None,
        error=state.error if state else None,
        overdue=expected if newest is None or newest.day < expected else None,
        ahead=ahead.day if ahead else None,
        lost=_lost(session, category, last_known.day, today=today) if last_known else None,
        unsought=_unsought(session, category, calendar, today=today),
        trouble=_trouble(session, category, last_known.day) if last_known else (),
    )


def _unread() -> ColumnElement[bool]:
    """Match days of which no batch was read."""
    return col(FeedDay.health).in_((Health.MISSING, Health.BROKEN))


def _lies_ahead(now: datetime) -> ColumnElement[bool]:
    """Match days that have not come: a clock was ahead, or a file has a wrong date."""
    return or_(col(FeedDay.day) > newest_possible(now), and_(_unread(), col(FeedDay.day) > expected_day(now)))


def _items(session: Session, category: str, day: date) -> int:
    query = select(BatchRow.items).where(
        BatchRow.feed == category, BatchRow.day == day, col(BatchRow.origin) == Origin.FEED
    )
    return max(session.exec(query).all(), default=0)


def _trouble(session: Session, category: str, newest: date) -> tuple[FeedTrouble, ...]:
    query = (
        select(FeedDay)
        .where(FeedDay.feed == category, col(FeedDay.day) > newest - _SHOWN, col(FeedDay.day) <= newest)
        .order_by(col(FeedDay.day).desc())
    )
    return tuple(_bad_day(row) for row in session.exec(query) if Health(row.health).needs_repair)


def _lost(session: Session, category: str, newest: date, *, today: date) -> LostDays | None:
    """Return the days before those of ``_trouble`` that were given up, with the command that gets them."""
    query = select(func.count(), func.min(FeedDay.day), func.max(FeedDay.day)).where(
        FeedDay.feed == category,
        col(FeedDay.day) <= newest - _SHOWN,
        col(FeedDay.error).is_not(None),
        col(FeedDay.next_try_at).is_(None),
    )
    days, first, last = session.exec(query).one()
    if not days:
        return None
    since = max(first, today - LONGEST_ABSENCE)
    return LostDays(days=days, first=first, last=last, next=f"picks fetch --since {since}")


def _unsought(session: Session, category: str, calendar: Calendar, *, today: date) -> UnsoughtDays | None:
    """Return the days before the watch of a feed began of which nothing is known, if there are older captures.

    A worker looks from the first capture of the last year on.
    """
    captured = select(func.min(BatchRow.day)).where(BatchRow.feed == category, col(BatchRow.origin) == Origin.FEED)
    first = session.exec(captured).one()
    begun = session.exec(captured.where(col(BatchRow.day) >= today - LONGEST_ABSENCE)).one()
    if first is None or begun is None or first == begun:
        return None
    before = (FeedDay.feed == category, col(FeedDay.day) >= first, col(FeedDay.day) < begun)
    if session.exec(select(func.count()).where(*before)).one() == (begun - first).days:
        return None  # as where a worker has run for years: every day is known
    known = set(session.exec(select(col(FeedDay.day)).where(*before)))
    days = [day for day in calendar.announcements(first, begun - timedelta(days=1)) if day not in known]
    if not days:
        return None
    return UnsoughtDays(days=len(days), first=days[0], last=days[-1], next=f"picks fetch --day {days[-1]}")


def _bad_day(row: FeedDay) -> FeedTrouble:
    return FeedTrouble(
        day=row.day,
        health=Health(row.health),
        reason=row.reason,
        repaired=row.repaired or (f"its papers came with the feed of {row.came_on}" if row.came_on else None),
        next_try_at=row.next_try_at,
        error=row.error,
    )
