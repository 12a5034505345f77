"""What a channel has spent on a platform this month, and whether a thread still fits into its budget.

Booked per post, when it is out, and per delete. Months are calendar months in UTC.
"""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.registry import TRAITS
from bot.platforms.traits import FREE
from bot.store.deliveries import is_up
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
    A thread that has begun is always finished: half a thread helps nobody. So is a correction below one.
    """
    posts = session.exec(select(FrozenPost).where(FrozenPost.delivery_id == delivery.id)).all()
    if delivery.request is not None or any(_is_of_what_goes_out(post, delivery) for post in posts if post.remote_id):
        return True
    form = single or delivery.single
    price = sum((post.price_usd for post in posts if post.single == form and post.remote_id is None), FREE)
    return _has_room(session, delivery, price, channel=channel, budget=budget, now=now)


def fits_anew(session: Session, delivery: Delivery, price: Decimal, *, channel: Channel, now: datetime) -> bool:
    """Say whether a thread may come down and another of this ``price`` take its place within the channel's budget."""
    prices = TRAITS[delivery.platform].prices
    if prices is None:
        return True
    up = session.exec(select(FrozenPost.id).where(FrozenPost.delivery_id == delivery.id, is_up())).all()
    whole = price + prices.delete * len(up)
    return _has_room(session, delivery, whole, channel=channel.name, budget=prices.budget(channel), now=now)


def exceeded(platform: Platform, budget: Decimal) -> str:
    """Say that something waits because of the channel's budget, and what ends that."""
    return (
        f"would exceed the channel's budget for {platform.title()}, ${budget:.2f} a month: "
        f"it waits for the next month, or for a higher {platform}.monthly_budget_usd in the channel file"
    )


def _is_of_what_goes_out(post: FrozenPost, delivery: Delivery) -> bool:
    """Say whether a post that is out belongs to what goes out now: below a whole thread that is its correction."""
    return delivery.sent_at is None or (post.sent_at is not None and post.sent_at > delivery.sent_at)


def _has_room(
    session: Session, delivery: Delivery, price: Decimal, *, channel: str, budget: Decimal, now: datetime
) -> bool:
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
