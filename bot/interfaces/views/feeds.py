"""How the feeds are doing.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, and_, col, or_, select

from bot.arxiv.health import Health
from bot.store.tables import BatchRow, FeedDay, FeedState, Origin

_SHOWN: Final = timedelta(days=14)


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
class FeedStatus:
    """A feed's newest batch, what is wrong with polling it, and the days on which it lied."""

    feed: str
    last_batch: date | None
    items: int | None
    health: Health | None
    reason: str | None
    polled_at: datetime | None
    next_poll_at: datetime | None
    error: str | None
    trouble: tuple[FeedTrouble, ...]


def feed(session: Session, category: str) -> FeedStatus:
    """Return how a feed is doing, with the bad days of the last two weeks and older ones that were given up."""
    state = session.get(FeedState, category)
    query = select(FeedDay).where(FeedDay.feed == category).order_by(col(FeedDay.day).desc())
    newest = session.exec(query).first()
    return FeedStatus(
        feed=category,
        last_batch=newest.day if newest else None,
        items=_items(session, category, newest.day) if newest else None,
        health=Health(newest.health) if newest else None,
        reason=newest.reason if newest else None,
        polled_at=state.polled_at if state else None,
        next_poll_at=state.next_poll_at if state else None,
        error=state.error if state else None,
        trouble=_trouble(session, category, newest.day) if newest else (),
    )


def _items(session: Session, category: str, day: date) -> int:
    query = select(BatchRow.items).where(
        BatchRow.feed == category, BatchRow.day == day, col(BatchRow.origin) == Origin.FEED
    )
    return max(session.exec(query).all(), default=0)


def _trouble(session: Session, category: str, newest: date) -> tuple[FeedTrouble, ...]:
    given_up = and_(col(FeedDay.error).is_not(None), col(FeedDay.next_try_at).is_(None))
    query = (
        select(FeedDay)
        .where(FeedDay.feed == category, or_(col(FeedDay.day) > newest - _SHOWN, given_up))
        .order_by(col(FeedDay.day).desc())
    )
    return tuple(_bad_day(row) for row in session.exec(query) if Health(row.health).needs_repair)


def _bad_day(row: FeedDay) -> FeedTrouble:
    return FeedTrouble(
        day=row.day,
        health=Health(row.health),
        reason=row.reason,
        repaired=row.repaired,
        next_try_at=row.next_try_at,
        error=row.error,
    )
