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
    allowance = TRAITS[platform].deletes
    if allowance is None:
        return
    query = (
        select(FrozenPost.removed_at)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .where(Delivery.platform == platform, col(FrozenPost.removed_at) > now - allowance.within)
        .order_by(col(FrozenPost.removed_at).desc())
        .limit(allowance.most)
    )
    removed = session.exec(query.where(posts_as(account)) if account else query).all()
    if len(removed) < allowance.most or removed[-1] is None:
        return
    free_at = removed[-1] + allowance.within
    minutes = allowance.within.total_seconds() / 60
    raise TransientError(
        f"{platform} lets an account delete {allowance.most} posts in {minutes:.0f} minutes, and so many are deleted; "
        f"go on, with the same command, after {free_at:%H:%M} UTC",
        retry_after=(free_at - now).total_seconds(),
    )
