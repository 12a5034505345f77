"""With which accounts the workers can post: left by each worker, read by everybody else.

Works inside the caller's transaction, and holds no key.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from bot.domain.posts import Platform
from bot.domain.waiting import ALIVE_FOR, CLOCKS_APART
from bot.store.key_tables import WorkerKey
from bot.store.worker_tables import Heartbeat


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Whether there are keys for a platform of a channel; the fields are those of ``WorkerKey``."""

    channel: str
    platform: Platform
    account: str | None
    problem: str = ""
    service: str | None = None
    appview: str | None = None


def leave(session: Session, worker: str, keys: Iterable[Key]) -> None:
    """Say with which accounts a worker can post; rows of workers of which no sign of life is kept go."""
    for key in keys:
        session.merge(WorkerKey(worker=worker, **asdict(key)))
    session.execute(delete(WorkerKey).where(col(WorkerKey.worker).not_in(select(Heartbeat.worker))))


def keys_of_workers(session: Session, channel: str, *, now: datetime) -> list[Key]:
    """Return with what the workers that live can post in a channel; where none lives, the one that was seen last.

    Where the worker is started for one round at a time, none lives between two of them.
    """
    query = (
        select(WorkerKey, Heartbeat)
        .join(Heartbeat, col(Heartbeat.worker) == col(WorkerKey.worker))
        .where(WorkerKey.channel == channel, col(Heartbeat.beat_at) <= now + CLOCKS_APART)
        .order_by(col(Heartbeat.beat_at).desc(), col(WorkerKey.worker), col(WorkerKey.platform))
    )
    rows = session.exec(query).all()
    living = [key for key, beat in rows if beat.stopped_at is None and now - beat.beat_at <= ALIVE_FOR]
    return [_key(row) for row in living or [key for key, _ in rows if key.worker == rows[0][0].worker]]


def _key(row: WorkerKey) -> Key:
    return Key(
        channel=row.channel,
        platform=row.platform,
        account=row.account,
        problem=row.problem,
        service=row.service,
        appview=row.appview,
    )
