"""The rate limit of a service: all processes together keep the pause between two requests.

A process claims the next free moment in the database and sleeps until then, outside the transaction. A long pause that
the service itself asks for is not slept through: the caller is told how long it lasts.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from bot.arxiv.errors import FeedUnavailableError
from bot.domain.waiting import held_until
from bot.store.database import Database
from bot.store.tables import RateLimit

_PATIENCE: Final = timedelta(seconds=30)
"""How long a thread sleeps for its turn; a longer pause is for the caller's schedule."""


def wait_for_turn(
    database: Database,
    service: str,
    *,
    pause: float,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
) -> None:
    """Return when the next request may go out, ``pause`` seconds after the one before it, whoever sent that.

    Raises FeedUnavailableError, with the rest of the pause, when that is more than half a minute ahead.
    """
    now = clock()
    with database.transaction() as session:
        turn = session.get(RateLimit, service) or RateLimit(service=service, free_at=now)
        mine = _next_free(turn, now)
        if mine - now > _PATIENCE:
            raise FeedUnavailableError(
                f"{service} wants no request before {mine.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC; try again then",
                retry_after=(mine - now).total_seconds(),
            )
        turn.free_at = mine + timedelta(seconds=pause)
        session.add(turn)
    if mine > now:
        sleep((mine - now).total_seconds())


def postpone(database: Database, service: str, *, until: datetime) -> None:
    """Let no process ask a service before a moment, because the service said so; a later moment stays."""
    with database.transaction() as session:
        turn = session.get(RateLimit, service) or RateLimit(service=service, free_at=until)
        turn.free_at = max(turn.free_at, until)
        session.add(turn)


def is_resting(database: Database, service: str, *, now: datetime) -> bool:
    """Say whether a service wants a pause that is too long to sleep through."""
    with database.reading() as session:
        turn = session.get(RateLimit, service)
    return turn is not None and _next_free(turn, now) - now > _PATIENCE


def _next_free(turn: RateLimit, now: datetime) -> datetime:
    return held_until(turn.free_at, now=now) or now
