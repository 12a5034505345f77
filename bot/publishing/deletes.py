"""Whether an account may delete one more post: some platforms count deletes, and say nothing to a first one too many.

Counted are the posts of the account that were marked as down, whichever worker or shell took them down.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from bot.domain.accounts import Identity
from bot.domain.errors import TransientError
from bot.domain.posts import Platform
from bot.platforms.registry import TRAITS
from bot.store.accounts import posts_as
from bot.store.tables import Delivery, FrozenPost


def require_room(session: Session, platform: Platform, account: Identity | None, *, now: datetime) -> None:
    """Raise TransientError, saying when to go on, where the account has deleted as many posts as it may for now."""
    free_at = room_again_at(session, platform, account, posts=1, now=now)
    if free_at is None:
        return
    raise TransientError(
        f"{so_many_are_deleted(platform)}; go on, with the same command, after {free_at:%H:%M} UTC",
        retry_after=(free_at - now).total_seconds(),
    )


def room_again_at(
    session: Session, platform: Platform, account: Identity | None, *, posts: int, now: datetime
) -> datetime | None:
    """Return when the account may delete so many posts in a row, None where it may now.

    Of more than it ever may at once the most that it may.
    """
    allowance = TRAITS[platform].deletes
    if allowance is None:
        return None
    query = (
        select(FrozenPost.removed_at)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .where(Delivery.platform == platform, col(FrozenPost.removed_at) > now - allowance.within)
        .order_by(col(FrozenPost.removed_at).desc())
        .limit(allowance.most)
    )
    removed = [at for at in session.exec(query.where(posts_as(account)) if account else query) if at]
    missing = min(posts, allowance.most) - (allowance.most - len(removed))
    return removed[-missing] + allowance.within if missing > 0 else None


def so_many_are_deleted(platform: Platform) -> str:
    """Say how many posts an account may delete, and that it has."""
    allowance = TRAITS[platform].deletes
    if allowance is None:
        raise ValueError(f"{platform} counts no deletes")
    minutes = allowance.within.total_seconds() / 60
    return f"{platform} lets an account delete {allowance.most} posts in {minutes:.0f} minutes, and so many are deleted"
