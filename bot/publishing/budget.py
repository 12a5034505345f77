"""What a channel has spent on X this month, and whether a thread still fits into its budget.

Booked per post, when it is out, and per delete. Months are calendar months in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.x.prices import X_DELETE
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick


def month_of(now: datetime) -> datetime:
    """Return the first moment of the month in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent_on_x(session: Session, channel: str, *, now: datetime) -> Decimal:
    """Return what the channel's posts and deletes of this month cost, in US dollars."""
    begun = month_of(now)
    sent, _ = _price_and_count(session, channel, col(FrozenPost.sent_at) >= begun)
    _, removed = _price_and_count(session, channel, col(FrozenPost.removed_at) >= begun)
    return sent + X_DELETE * removed


def fits(
    session: Session, delivery: Delivery, *, channel: str, budget: Decimal, now: datetime, single: bool = False
) -> bool:
    """Say whether a thread may go out: what is spent, what is being sent now and the thread stay within the budget.

    ``single`` asks about the single post in its place.
    A thread that has begun is always finished: half a thread helps nobody.
    """
    posts = session.exec(select(FrozenPost).where(FrozenPost.delivery_id == delivery.id)).all()
    if delivery.request is not None or any(post.remote_id for post in posts):
        return True
    price = sum((post.price_usd for post in posts if post.single == (single or delivery.single)), Decimal(0))
    being_sent, _ = _price_and_count(
        session,
        channel,
        col(Delivery.id) != delivery.id,  # an abandoned claim of its own counts once
        col(Delivery.state) == DeliveryState.SENDING,
        col(FrozenPost.single) == col(Delivery.single),
        col(FrozenPost.remote_id).is_(None),
    )
    return spent_on_x(session, channel, now=now) + being_sent + price <= budget


def _price_and_count(session: Session, channel: str, *conditions: ColumnElement[bool]) -> tuple[Decimal, int]:
    query = (
        select(FrozenPost)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel, Delivery.platform == Platform.X, *conditions)
    )
    posts = session.exec(query).all()
    return sum((post.price_usd for post in posts), Decimal(0)), len(posts)
