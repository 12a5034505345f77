"""How long a post may be on a server: asked once, and kept.

Works inside the caller's transaction, and never asks a server.
"""

from datetime import datetime

from sqlmodel import Session, col, delete

from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform
from bot.store.limit_tables import ServerLimits


def kept_limits(session: Session, platform: Platform, server: str) -> tuple[PostLimits, datetime] | None:
    """Return what a server said, and when; None while it was never asked."""
    row = session.get(ServerLimits, (platform, server))
    return (PostLimits(row.characters, row.per_address), row.asked_at) if row else None


def forget_limits(session: Session, platform: Platform) -> None:
    """Let all servers of a platform be asked anew."""
    session.execute(delete(ServerLimits).where(col(ServerLimits.platform) == platform))


def keep_limits(session: Session, platform: Platform, server: str, limits: PostLimits, *, now: datetime) -> None:
    """Store what a server says."""
    session.merge(
        ServerLimits(
            platform=platform,
            server=server,
            characters=limits.characters,
            per_address=limits.per_address,
            asked_at=now,
        )
    )
