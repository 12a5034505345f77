"""What a channel has spent on a platform this month, and whether a thread still fits into its budget.

Booked per post, when it is out, and per delete. Months are calendar months in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.registry import TRAITS
from bot.platforms.traits import FREE
from bot.store.plans import checked_last
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick


def month_of(now: datetime) -> datetime:
    """Return the first moment of the month in UTC."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def spent(session: Session, channel: str, platform: Platform, *, now: datetime) -> Decimal:
    """Return what the channel's posts and deletes of this month cost, in US dollars."""
    prices = TRAITS[platform].prices
    if prices is None:
        return FREE
    begun = month_of(now)
    sent, _ = _price_and_count(session, channel, platform, col(FrozenPost.sent_at) >= begun)
    _, removed = _price_and_count(session, channel, platform, col(FrozenPost.removed_at) >= begun)
    return sent + prices.delete * removed


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
        delivery.platform,
        col(Delivery.id) != delivery.id,  # an abandoned claim of its own counts once
        col(Delivery.state) == DeliveryState.SENDING,
        col(FrozenPost.single) == col(Delivery.single),
        col(FrozenPost.remote_id).is_(None),
    )
    return spent(session, channel, delivery.platform, now=now) + being_sent + price <= budget


def _price_and_count(
    session: Session, channel: str, platform: Platform, *conditions: ColumnElement[bool]
) -> tuple[Decimal, int]:
    query = (
        select(col(FrozenPost.price_usd))
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(checked_last(col(Candidate.channel)) == channel, Delivery.platform == platform, *conditions)
    )
    prices = session.exec(query).all()
    return sum(prices, Decimal(0)), len(prices)
