"""Taking turns: a service that wants a pause between two requests gets it from all processes together.

Whoever wants to ask claims the next free moment in the database and sleeps until it has come, outside the transaction.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.store.database import Database
from bot.store.tables import Turn


def take_turn(
    database: Database,
    service: str,
    *,
    pause: float,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
) -> None:
    """Return when the next request may go out, ``pause`` seconds after the one before it, whoever sent that."""
    now = clock()
    with database.transaction() as session:
        turn = session.get(Turn, service) or Turn(service=service, free_at=now)
        # A moment far ahead would be a clock that was set back since; nobody waits for that.
        mine = max(now, turn.free_at) if turn.free_at < now + timedelta(hours=1) else now
        turn.free_at = mine + timedelta(seconds=pause)
        session.add(turn)
    if mine > now:
        sleep((mine - now).total_seconds())
