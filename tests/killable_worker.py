"""The real worker in a process that dies on order: at a named step, or by a signal from outside.

``python tests/killable_worker.py`` loads everything once (Bluesky's library alone takes more than a second), then obeys
orders on standard input, one JSON object a line, and answers each with one: ``{"start": JOB}`` forks a worker and says
``{"pid": N}``; ``{"wait": N}`` waits for its end and says ``{"status": S}``, the negated signal if one ended it;
``{"poll": N}`` does not wait and says null while it runs. The end of standard input ends everything.

App, Outbox, database and publishers are the program's own. They are only watched: every write to the database
and every request passes a gate here, and at the gate that the job names the process sends itself SIGKILL. ``BEFORE`` a
write means that its statements have run and nothing is committed.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, TypeAdapter
from sqlmodel import Session, select

from bot.app import App
from bot.picks import DeliveryState
from bot.platforms.publisher import Publisher, Receipt, Request
from bot.posts import Platform, Post
from bot.publishing import deliver_due, due_deliveries
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Delivery

_MOST_TURNS: Final = 50
_OPEN: Final = {DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNKNOWN}


class Step(StrEnum):
    """What a worker does for a delivery, in this order (``FIND`` only after a crash), and what else it writes."""

    CLAIM = "claim"
    FIND = "find"
    STORE = "store"
    SEND = "send"
    RECORD = "record"
    FINISH = "finish"
    OTHER = "other"


class Side(StrEnum):
    """On which side of a step."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True)
class Death:
    """Where a worker kills itself: at its ``crossing``-th time at the step, counted from 1."""

    side: Side
    step: Step
    crossing: int = 1

    def __str__(self) -> str:
        return f"{self.side}-{self.step}-{self.crossing}"


@dataclass(frozen=True)
class Job:
    """One worker's life.

    It works until nothing is due. ``behind`` is how many seconds its clock is late, so that its leases end early for
    whoever comes after it. A ``patient`` worker, who must be the only one, puts its clock forward past leases and
    pauses until everything is sent or waits for a person. ``folder`` has the channel's file and gets the log and, as
    ``PID.counts``, how often each step was taken.
    """

    folder: Path
    database: str
    environ: Mapping[str, str]
    death: Death | None = None
    behind: float = 0.0
    patient: bool = False


_JOB: Final = TypeAdapter(Job)


def job_to_json(job: Job) -> dict[str, Any]:
    """Return the job as an order holds it."""
    data: dict[str, Any] = _JOB.dump_python(job, mode="json")
    return data


class Gate:
    """Counts the steps, and ends the process at the one that was named."""

    def __init__(self, death: Death | None) -> None:
        self.taken: Counter[Step] = Counter()
        self._death = death
        self._write = Step.OTHER

    def next_write_is(self, step: Step) -> None:
        """Say what the next write to the database is for."""
        self._write = step

    @contextmanager
    def write(self) -> Iterator[Callable[[], None]]:
        """Pass with a write; call what is given when all is written and nothing committed."""
        step = self._write
        self._write = Step.FINISH if step in {Step.CLAIM, Step.RECORD} else Step.OTHER  # unless a request comes next
        yield lambda: self._enter(step)
        self._leave(step)

    @contextmanager
    def request(self, step: Step) -> Iterator[None]:
        """Pass with a request."""
        self._enter(step)
        yield
        self._leave(step)

    def _enter(self, step: Step) -> None:
        self.taken[step] += 1
        self._die_at(Side.BEFORE, step)

    def _leave(self, step: Step) -> None:
        self._die_at(Side.AFTER, step)

    def _die_at(self, side: Side, step: Step) -> None:
        if self._death == Death(side, step, self.taken[step]):
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedDatabase(Database):
    """The database, with every write through the gate."""

    def __init__(self, address: str, gate: Gate) -> None:
        super().__init__(address)
        self._gate = gate

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write."""
        with self._gate.write() as written, super().transaction() as session:
            yield session
            session.flush()
            written()


class WatchedPublisher:
    """A publisher, with every request through the gate."""

    def __init__(self, publisher: Publisher, gate: Gate) -> None:
        self._publisher = publisher
        self._gate = gate
        self.platform = publisher.platform
        self.account = publisher.account
        self.pause = publisher.pause
        self.idempotent = publisher.idempotent

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], now: datetime) -> Request:
        """Prepare, as the publisher does."""
        request = self._publisher.prepare(posts, sent=sent, now=now)
        self._gate.next_write_is(Step.STORE)
        return request

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send, as the publisher does."""
        with self._gate.request(Step.SEND):
            receipts = self._publisher.send(request)
        self._gate.next_write_is(Step.RECORD)
        return receipts

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look, as the publisher does."""
        with self._gate.request(Step.FIND):
            found = self._publisher.find(request)
        self._gate.next_write_is(Step.STORE if found is None else Step.RECORD)
        return found

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Take down, as the publisher does."""
        return self._publisher.remove(receipts)

    def close(self) -> None:
        """Let go of connections."""
        self._publisher.close()


class WatchedApp(App):
    """The program's wiring, with the gate in it."""

    def __init__(self, job: Job, *, gate: Gate, clock: Callable[[], datetime]) -> None:
        super().__init__(settings_for(job), clock=clock, environ=job.environ)
        self.database.close()
        self.database = WatchedDatabase(job.database, gate)
        self._gate = gate

    def publisher(self, channel_name: str, platform: Platform) -> Publisher | None:
        """Return the channel's account, watched; whoever asks for it is about to claim a delivery."""
        publisher = super().publisher(channel_name, platform)
        self._gate.next_write_is(Step.CLAIM)
        return WatchedPublisher(publisher, self._gate) if publisher else None


class Clock:
    """The time, moved by an offset."""

    def __init__(self, *, behind: float) -> None:
        self._offset = -timedelta(seconds=behind)

    def __call__(self) -> datetime:
        """Return what this clock shows."""
        return datetime.now(UTC) + self._offset

    def reach(self, moment: datetime) -> None:
        """Put the clock forward to just after the moment, unless it is past."""
        self._offset += max(moment - self(), timedelta(0)) + timedelta(milliseconds=1)


def settings_for(job: Job) -> Settings:
    """Return the settings that the job stands for."""
    return Settings(
        database_url=SecretStr(job.database), PICKS_CONFIG=job.folder / "config", PICKS_DATA=job.folder / "data"
    )


def work(job: Job) -> None:
    """Live the job's life."""
    gate, clock = Gate(job.death), Clock(behind=job.behind)
    app = WatchedApp(job, gate=gate, clock=clock)
    outbox = app.outbox(sleep=lambda _: False)
    for _ in range(_MOST_TURNS):
        # Not the worker's own tick: of so many overdue picks it would send one and move the rest to later slots.
        deliver_due(outbox, channels=list(app.channels))
        if due_deliveries(app.database, now=clock(), channels=list(app.channels)):
            continue
        moment = _next_moment(app.database) if job.patient else None
        if moment is None:
            break
        clock.reach(moment)
    else:
        raise RuntimeError(f"after {_MOST_TURNS} turns there is still something to do")
    app.close()
    (job.folder / f"{os.getpid()}.counts").write_text(json.dumps(gate.taken), "utf-8")


def _next_moment(database: Database) -> datetime | None:
    """Return when the next of the open deliveries can be had; None when only people can do something."""
    with database.reading() as session:
        rows = session.exec(select(Delivery)).all()
    waits = [row.lease_until or row.next_try_at for row in rows if row.state in _OPEN]
    return min((moment for moment in waits if moment), default=None)


def _start(job: Job) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        _be_a_worker(job)
        status = 0
    finally:
        sys.stderr.flush()
        os._exit(status)  # never back into the loop of the parent, whatever happened


def _be_a_worker(job: Job) -> None:
    log = os.open(job.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in enumerate((nothing, log, log)):
        os.dup2(source, target)
    try:
        work(job)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise


def _ended(pid: int, *, options: int) -> int | None:
    found, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if found else None


def _obey(order: Mapping[str, Any]) -> dict[str, int | None]:
    match order:
        case {"start": job}:
            return {"pid": _start(_JOB.validate_python(job))}
        case {"wait": pid}:
            return {"status": _ended(pid, options=0)}
        case {"poll": pid}:
            return {"status": _ended(pid, options=os.WNOHANG)}
    raise ValueError(f"not an order: {order}")


def main() -> None:
    """Load what takes long, then obey until standard input ends."""
    import psycopg  # noqa: F401

    import bot.platforms.bluesky
    import bot.platforms.x  # noqa: F401
    from bot import logs

    logs.configure(form="json", level=20)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
