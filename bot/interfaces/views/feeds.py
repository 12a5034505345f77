"""What people ask to see of the feeds, as plain JSON data: reads only."""

from datetime import date, timedelta
from typing import Any, Final

from sqlmodel import Session, and_, col, or_, select

from bot.arxiv.health import Health
from bot.interfaces.views.values import iso
from bot.store.tables import BatchRow, FeedDay, FeedState, Origin

Json = dict[str, Any]

_SHOWN: Final = timedelta(days=14)


def feed(session: Session, category: str) -> Json:
    """Return the newest batch of a feed, what is wrong with polling it, and its days that lied.

    Shown are those of the last weeks, and older ones that were given up.
    """
    state = session.get(FeedState, category)
    query = select(FeedDay).where(FeedDay.feed == category).order_by(col(FeedDay.day).desc())
    newest = session.exec(query).first()
    return {
        "feed": category,
        "last_batch": newest.day.isoformat() if newest else None,
        "items": _items(session, category, newest.day) if newest else None,
        "health": newest.health if newest else None,
        "reason": newest.reason if newest else None,
        "polled_at": iso(state.polled_at if state else None),
        "next_poll_at": iso(state.next_poll_at if state else None),
        "error": state.error if state else None,
        "trouble": _trouble(session, category, newest.day) if newest else [],
    }


def _items(session: Session, category: str, day: date) -> int:
    query = select(BatchRow.items).where(
        BatchRow.feed == category, BatchRow.day == day, col(BatchRow.origin) == Origin.FEED
    )
    return max(session.exec(query).all(), default=0)


def _trouble(session: Session, category: str, newest: date) -> list[Json]:
    given_up = and_(col(FeedDay.error).is_not(None), col(FeedDay.next_try_at).is_(None))
    query = (
        select(FeedDay)
        .where(FeedDay.feed == category, or_(col(FeedDay.day) > newest - _SHOWN, given_up))
        .order_by(col(FeedDay.day).desc())
    )
    return [
        {
            "day": row.day.isoformat(),
            "health": row.health,
            "reason": row.reason,
            "repaired": row.repaired,
            "next_try_at": iso(row.next_try_at),
            "error": row.error,
        }
        for row in session.exec(query)
        if Health(row.health).needs_repair
    ]
