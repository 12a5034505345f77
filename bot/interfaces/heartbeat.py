"""The workers' signs of life: written by each worker, read by ``picks healthcheck`` and ``picks status``.

A beat says that the process lives. That its jobs do their work is another question: each job therefore leaves when it
began, when it ended and how, and by when it must be heard of again. One that is overdue hangs.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, delete, or_, select, update

from bot.domain import waiting
from bot.domain.errors import PicksError
from bot.domain.waiting import CLOCKS_APART, lies_ahead
from bot.store.database import Database
from bot.store.worker_keys import Key
from bot.store.worker_keys import leave as leave_keys
from bot.store.worker_tables import Heartbeat, JobResult, JobRow

ALIVE_FOR: Final = waiting.ALIVE_FOR

_KEPT_FOR: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPulse:
    """How a job is doing: its last start, the end and the result of its last run, and whether it hangs.

    The end is that of the run before while it runs.
    """

    job: str
    started_at: datetime
    ended_at: datetime | None
    result: JobResult
    hangs: bool

    @property
    def silent_since(self) -> datetime:
        """Return when it was heard of last."""
        return self.started_at if self.result is JobResult.RUNNING else self.ended_at or self.started_at


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a worker is doing; ``failing`` names its jobs that failed when they last ran.

    ``lives`` says that it was heard of lately. Only one whose jobs do their work, too, is ``alive``.
    """

    alive: bool
    worker: str | None = None
    beat_at: datetime | None = None
    failing: str = ""
    jobs: tuple[JobPulse, ...] = ()
    started_at: datetime | None = field(default=None, compare=False)
    lives: bool = field(default=False, compare=False)

    @property
    def host(self) -> str:
        """Return the name of the machine that it runs on."""
        return (self.worker or "").partition(":")[0]

    @property
    def hung(self) -> tuple[JobPulse, ...]:
        """Return the jobs that hang."""
        return tuple(job for job in self.jobs if job.hangs)


def beat(
    database: Database,
    worker: str,
    *,
    started_at: datetime,
    now: datetime,
    failing: str = "",
    leaving: bool = False,
    keys: Iterable[Key] = (),
) -> None:
    """Say that a worker lives, or, ``leaving``, that it has ended; and with which accounts it can post."""
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
        ahead = col(Heartbeat.beat_at) > now + CLOCKS_APART
        session.execute(delete(Heartbeat).where(or_(col(Heartbeat.beat_at) < now - _KEPT_FOR, ahead)))
        session.execute(delete(JobRow).where(col(JobRow.worker).not_in(select(Heartbeat.worker))))
        leave_keys(session, worker, keys)


def begin_job(database: Database, worker: str, job: str, *, now: datetime, due_by: datetime) -> None:
    """Say that a worker's job begins; it must have ended by ``due_by``."""
    with database.transaction() as session:
        before = session.get(JobRow, (worker, job))
        ended_at = before.ended_at if before else None
        session.merge(
            JobRow(worker=worker, job=job, started_at=now, ended_at=ended_at, result=JobResult.RUNNING, due_by=due_by)
        )


def end_job(database: Database, worker: str, job: str, *, now: datetime, failed: bool, due_by: datetime) -> None:
    """Say how a worker's job ended; it must have begun again by ``due_by``."""
    with database.transaction() as session:
        row = session.get(JobRow, (worker, job))
        if row is None:  # it ran for longer than rows are kept
            return
        row.ended_at, row.result, row.due_by = now, JobResult.FAILED if failed else JobResult.DONE, due_by
        session.add(row)


def forget_silent(database: Database, name: str, *, now: datetime) -> list[str]:
    """Note that the silent workers of a name are gone for good; return what they are called.

    One that is heard of again is known again. Raises PicksError where none of that name is silent.
    """
    pulses = called(read_pulses(database, now=now), name)
    gone = [pulse.worker for pulse in pulses if pulse.worker and not pulse.lives]
    if not gone and pulses:
        raise PicksError(f"the worker {pulses[0].worker} lives; end it first, and wait for three minutes")
    if not gone:
        raise PicksError(f"no silent worker is called {name}; picks healthcheck names those that are")
    with database.transaction() as session:
        session.execute(update(Heartbeat).where(col(Heartbeat.worker).in_(gone)).values(stopped_at=now))
    return gone


def called(pulses: Iterable[Pulse], name: str) -> list[Pulse]:
    """Return the workers of a name: ``HOST``, ``HOST:PID`` or the whole of it."""
    return [pulse for pulse in pulses if f"{pulse.worker}:".startswith(f"{name}:")]


def read_pulse(database: Database, *, now: datetime) -> Pulse:
    """Return how a worker is doing that has not ended: one that is well, else the one that was seen last."""
    return the_best(read_pulses(database, now=now))


def the_best(pulses: Sequence[Pulse]) -> Pulse:
    """Return a worker that is well, else the one that was seen last."""
    well = (pulse for pulse in pulses if pulse.alive)
    return next(well, pulses[0] if pulses else Pulse(alive=False))


def silent(pulses: Sequence[Pulse]) -> tuple[Pulse, ...]:
    """Return the workers that ended without a word, but for those that were started anew on their machine."""
    return tuple(pulse for pulse in pulses if not pulse.lives and not any(_replaces(other, pulse) for other in pulses))


def _replaces(other: Pulse, pulse: Pulse) -> bool:
    """Say whether a worker was started after the last sign of another one: two may live side by side on a machine."""
    if other.started_at is None or pulse.beat_at is None:
        return False
    return other.lives and other.host == pulse.host and other.started_at >= pulse.beat_at


def read_pulses(database: Database, *, now: datetime) -> list[Pulse]:
    """Return how the workers that have not ended are doing, first the one that was seen last.

    One whose jobs fail or hang is not taken for alive. What a clock said that was ahead counts for nothing.
    """
    query = (
        select(Heartbeat)
        .where(col(Heartbeat.stopped_at).is_(None), col(Heartbeat.beat_at) <= now + CLOCKS_APART)
        .order_by(col(Heartbeat.beat_at).desc())
    )
    with database.reading() as session:
        return [_pulse(session, row, now=now) for row in session.exec(query)]


def _pulse(session: Session, row: Heartbeat, *, now: datetime) -> Pulse:
    jobs = session.exec(select(JobRow).where(JobRow.worker == row.worker).order_by(col(JobRow.job))).all()
    lives = now - row.beat_at <= ALIVE_FOR  # of a dead one nothing hangs
    shown = tuple(_job_pulse(job, hangs=lives and _is_overdue(job, now=now)) for job in jobs)
    well = lives and not row.failing and not any(job.hangs for job in shown)
    return Pulse(well, row.worker, row.beat_at, row.failing, shown, row.started_at, lives)


def _is_overdue(job: JobRow, *, now: datetime) -> bool:
    """Say whether a job should have been heard of; where it began at a moment ahead nobody knows since when."""
    return job.due_by < now or lies_ahead(job.started_at, now=now)


def _job_pulse(row: JobRow, *, hangs: bool) -> JobPulse:
    return JobPulse(job=row.job, started_at=row.started_at, ended_at=row.ended_at, result=row.result, hangs=hangs)
