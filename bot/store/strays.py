"""What stands on our accounts and was not sent by this database, and which posts it knows."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from bot.domain.accounts import Identity
from bot.domain.posts import Platform
from bot.platforms.publisher import Stray
from bot.store.account_tables import AccountLook, StrayPost
from bot.store.tables import Delivery, FrozenPost


def sent_ids(session: Session, platform: Platform) -> set[str]:
    """Return the ids of all posts on a platform that a delivery has, also of those that were taken down."""
    query = (
        select(FrozenPost.remote_id)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .where(Delivery.platform == platform)
    )
    return {remote_id for remote_id in session.exec(query) if remote_id}


def known_ids(session: Session, platform: Platform) -> set[str]:
    """Return the ids of all posts on a platform that this database has heard of."""
    return sent_ids(session, platform) | set(
        session.exec(select(StrayPost.remote_id).where(StrayPost.platform == platform))
    )


def kept_strays(session: Session, platform: Platform, account_id: str) -> list[Stray]:
    """Return the posts of an account that were seen there and that no delivery has, in the order of their ids."""
    taken = sent_ids(session, platform)
    rows = session.exec(
        select(StrayPost)
        .where(StrayPost.platform == platform, StrayPost.account_id == account_id)
        .order_by(col(StrayPost.remote_id))
    )
    return [Stray(row.remote_id, row.content) for row in rows if row.remote_id not in taken]


def keep_strays(session: Session, new: Sequence[Stray], *, platform: Platform, account_id: str, now: datetime) -> None:
    """Remember posts that were seen on an account."""
    for stray in new:
        session.merge(
            StrayPost(
                platform=platform,
                remote_id=stray.remote_id,
                account_id=account_id,
                content=dict(stray.content),
                seen_at=now,
            )
        )


def look_at(session: Session, platform: Platform, account: Identity) -> AccountLook | None:
    """Return what the last look at an account found, None when there was none."""
    return session.get(AccountLook, (platform, account.key))


def why_waiting(session: Session, platform: Platform, account: Identity) -> str | None:
    """Return why nothing may be posted as the account, None where it may."""
    look = look_at(session, platform, account)
    if look is None or look.waits_since is None:
        return None
    many = "a thread about a paper" if look.threads == 1 else f"{look.threads} threads about papers"
    return (
        f"{account.name} on {platform} shows {many} that this database does not know ({look.example}), "
        "as after a restored backup: nothing is posted there until picks reconcile has compared them"
    )
