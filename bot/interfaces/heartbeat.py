"""The workers' signs of life: written by each worker, read by ``picks healthcheck`` and ``picks status``."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, delete, select

from bot.store.database import Database
from bot.store.tables import Heartbeat

ALIVE_FOR: Final = timedelta(minutes=3)
"""A worker that was silent for longer is taken for dead."""

_KEPT_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the worker that was seen last is doing; ``failing`` names its jobs that failed when they last ran."""

    alive: bool
    worker: str | None = None
    beat_at: datetime | None = None
    failing: str = ""


def beat(
    database: Database, worker: str, *, started_at: datetime, now: datetime, failing: str = "", leaving: bool = False
) -> None:
    """Say that a worker lives, or, ``leaving``, that it has ended."""
    with database.transaction() as session:
        session.merge(
            Heartbeat(
                worker=worker,
                started_at=started_at,
                beat_at=now,
                stopped_at=now if leaving else None,
                failing=failing,
            )
        )
        session.execute(delete(Heartbeat).where(col(Heartbeat.beat_at) < now - _KEPT_FOR))


def read_pulse(database: Database, *, now: datetime) -> Pulse:
    """Return how the newest worker that has not ended is doing; one whose jobs fail is not taken for alive."""
    query = select(Heartbeat).where(col(Heartbeat.stopped_at).is_(None)).order_by(col(Heartbeat.beat_at).desc())
    with database.reading() as session:
        newest = session.exec(query).first()
    if newest is None:
        return Pulse(alive=False)
    recent = now - newest.beat_at <= ALIVE_FOR
    return Pulse(recent and not newest.failing, newest.worker, newest.beat_at, newest.failing)
