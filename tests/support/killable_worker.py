"""The real worker in a process that dies on order: at a named step, or by a signal from outside.

``python tests/killable_worker.py`` loads everything once (Bluesky's library alone takes more than a second), then obeys
orders on standard input, one JSON object a line, and answers each with one: ``{"start": JOB}`` forks a worker and says
``{"pid": N}``; ``{"wait": N}`` waits for its end and says ``{"status": S}``, the negated signal if one ended it;
``{"poll": N}`` does not wait and says null while it runs. The end of standard input ends everything.

App, Outbox, database and publishers are the program's own, and so is what a life consists of: deliveries, the
worker's ticks, or a retraction. They are only watched: every write to the database and every request passes a gate
here, and at the gate that the job names the process sends itself SIGKILL. ``BEFORE`` a write means that its statements
have run and nothing is committed.
"""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, TypeAdapter
from sqlmodel import Session, col, select

from bot.app import App
from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.errors import PicksError
from bot.domain.posts import Picture, Platform, Post
from bot.domain.states import DeliveryState
from bot.interfaces.worker import Worker
from bot.platforms.publisher import Publisher, Receipt, Request, ShownPost, Stray
from bot.publishing.corrections import carry_on
from bot.publishing.outbox import due_deliveries
from bot.publishing.reconcile import reconcile
from bot.publishing.retract import retract
from bot.publishing.sender import deliver_due
from bot.settings import Settings
from bot.store.database import Database
from bot.store.tables import Delivery

_MOST_TURNS: Final = 50
_OPEN: Final = {DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.UNKNOWN}


class Errand(StrEnum):
    """What a life is for.

    ``DELIVER`` sends whatever is due, however much; ``TICK`` is the worker's own publishing job; ``RETRACT`` is what
    ``picks retract`` does, ``RECONCILE`` what ``picks reconcile`` does. ``CORRECT`` carries corrections on, and then
    sends whatever is due.
    """

    DELIVER = "deliver"
    TICK = "tick"
    RETRACT = "retract"
    RECONCILE = "reconcile"
    CORRECT = "correct"


class Step(StrEnum):
    """What a life does, in this order, and what else it writes.

    A tick gives new slots to missed picks (``MOVE``). For a delivery follow ``CLAIM`` to ``FINISH`` (``FIND`` only
    after a crash, ``BRING`` and ``KEEP`` where its posts show a picture). A retraction is decided, then posts are
    removed and each removal is marked. A correction begins with ``DECIDE`` too; where it posts anew, ``OTHER`` marks
    the old thread, says how the removal went, and plans the new thread.
    """

    MOVE = "move"
    CLAIM = "claim"
    FIND = "find"
    BRING = "bring"
    KEEP = "keep"
    STORE = "store"
    SEND = "send"
    RECORD = "record"
    FINISH = "finish"
    DECIDE = "decide"
    REMOVE = "remove"
    MARK = "mark"
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

    It works until nothing is due, or for one tick. ``behind`` is how many seconds its clock is late, so that its leases
    end early for whoever comes after it. A ``patient`` worker, who must be the only one, puts its clock forward past
    leases, pauses and the time to the next slot until everything is sent or waits for a person. ``folder`` has the
    channel's file and gets the log; ``sent``, which posts went out and what the clock showed then; and, as
    ``PID.counts``, how often each step was taken. ``paper`` is what is retracted. ``hours`` are those that a worker
    lives through with a tick each, whatever is due.
    """

    folder: Path
    database: str
    environ: Mapping[str, str]
    death: Death | None = None
    behind: float = 0.0
    patient: bool = False
    errand: Errand = Errand.DELIVER
    paper: str = ""
    hours: int = 0


_JOB: Final = TypeAdapter(Job)


def job_to_json(job: Job) -> dict[str, Any]:
    """Return the job as an order holds it."""
    data: dict[str, Any] = _JOB.dump_python(job, mode="json")
    return data


_NEXT: Final = {Step.CLAIM: Step.FINISH, Step.KEEP: Step.STORE, Step.RECORD: Step.FINISH}
"""What is written next, by what was written."""


class Gate:
    """Counts the steps, and ends the process at the one that was named."""

    def __init__(self, death: Death | None) -> None:
        self.taken: Counter[Step] = Counter()
        self._death = death
        self._write = Step.OTHER

    def next_write_is(self, step: Step) -> None:
        """Say what the next write to the database is for."""
        self._write = step

    def account_is_known(self) -> None:
        """Expect no end of the delivery next: who is signed in may have to be written down first."""
        if self._write is Step.FINISH:
            self._write = Step.OTHER

    @contextmanager
    def write(self) -> Iterator[Callable[[], None]]:
        """Pass with a write; call what is given when all is written and nothing committed."""
        step = self._write
        self._write = _NEXT.get(step, Step.OTHER)  # unless a request comes next
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

    def __init__(self, publisher: Publisher, gate: Gate, *, note: Callable[[Sequence[Receipt]], None]) -> None:
        self._publisher = publisher
        self._gate = gate
        self._note = note
        self.platform = publisher.platform
        self.account = publisher.account
        self.pause = publisher.pause
        self.idempotent = publisher.idempotent

    def identify(self) -> Identity:
        """Say who is signed in, as the publisher does."""
        identity = self._publisher.identify()
        self._gate.account_is_known()
        return identity

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:
        """Look, as the publisher does."""
        return self._publisher.survey(known)

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Look, as the publisher does."""
        return self._publisher.inventory(known)

    def shown(self, stray: Stray) -> ShownPost:
        """Return what a stray says, as the publisher does."""
        return self._publisher.shown(stray)

    def recognise(
        self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, strays: Sequence[Stray]
    ) -> tuple[Receipt, ...]:
        """Look, as the publisher does."""
        found = self._publisher.recognise(posts, sent=sent, name=name, strays=strays)
        if found:
            self._gate.next_write_is(Step.RECORD)
        return found

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Look, as the publisher does."""
        return self._publisher.confirm(post, remote_id=remote_id, position=position, parent=parent)

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, now: datetime) -> Request:
        """Prepare, as the publisher does."""
        request = self._publisher.prepare(posts, sent=sent, name=name, now=now)
        self._gate.next_write_is(Step.STORE)
        return request

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send, as the publisher does."""
        with self._gate.request(Step.SEND):
            receipts = self._publisher.send(request)
            self._note(receipts)
        self._gate.next_write_is(Step.RECORD)
        return receipts

    def bring(self, picture: Picture, content: bytes) -> None:
        """Bring, as the publisher does."""
        with self._gate.request(Step.BRING):
            self._publisher.bring(picture, content)
        self._gate.next_write_is(Step.KEEP)

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look, as the publisher does."""
        with self._gate.request(Step.FIND):
            found = self._publisher.find(request)
        self._gate.next_write_is(Step.STORE if found is None else Step.RECORD)
        return found

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Take down, as the publisher does."""
        with self._gate.request(Step.REMOVE):
            removed = self._publisher.remove(receipts)
        self._gate.next_write_is(Step.MARK)
        return removed

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
        self._sent = job.folder / "sent"

    def publisher(self, channel_name: str, platform: Platform) -> Publisher | None:
        """Return the channel's account, watched; whoever asks for it is about to claim a delivery."""
        publisher = super().publisher(channel_name, platform)
        self._gate.next_write_is(Step.CLAIM)
        return WatchedPublisher(publisher, self._gate, note=self._note) if publisher else None

    def _note(self, receipts: Sequence[Receipt]) -> None:
        with self._sent.open("a", encoding="utf-8") as file:
            file.writelines(f"{receipt.remote_id} {self.clock().isoformat()}\n" for receipt in receipts)


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
    match job.errand:
        case Errand.DELIVER:
            _deliver(app, clock, patient=job.patient)
        case Errand.TICK:
            _tick(app, gate, clock, patient=job.patient, hours=job.hours)
        case Errand.RETRACT:
            _retract(app, gate, job.paper)
        case Errand.RECONCILE:
            _reconcile(app, gate)
        case Errand.CORRECT:
            gate.next_write_is(Step.DECIDE)
            carry_on(app.outbox(sleep=lambda _: False), list(app.channels.values()))
            _deliver(app, clock, patient=job.patient)
    app.close()
    (job.folder / f"{os.getpid()}.counts").write_text(json.dumps(gate.taken), "utf-8")


def _deliver(app: App, clock: Clock, *, patient: bool) -> None:
    outbox = app.outbox(sleep=lambda _: False)
    for _ in range(_MOST_TURNS):
        # Not the worker's own tick: of so many overdue picks it would send one and move the rest to later slots.
        deliver_due(outbox, channels=list(app.channels))
        if due_deliveries(app.database, now=clock(), channels=list(app.channels)):
            continue
        moment = _next_moment(app.database) if patient else None
        if moment is None:
            return
        clock.reach(moment)
    raise RuntimeError(f"after {_MOST_TURNS} turns there is still something to do")


def _tick(app: App, gate: Gate, clock: Clock, *, patient: bool, hours: int) -> None:
    worker = Worker(app)
    for _ in range(hours):
        gate.next_write_is(Step.MOVE)
        worker.publish()
        clock.reach(clock() + timedelta(hours=1))
    if hours:
        return
    for _ in range(_MOST_TURNS):
        gate.next_write_is(Step.MOVE)
        worker.publish()
        moment = _next_moment(app.database) if patient else None
        if moment is None:
            return
        clock.reach(moment)
    raise RuntimeError(f"after {_MOST_TURNS} ticks there is still something to do")


def _retract(app: App, gate: Gate, paper: str) -> None:
    actor = Actor("ada", "shell")
    gate.next_write_is(Step.DECIDE)
    done = retract(app.outbox(sleep=lambda _: False, actor=actor), app.channel(None), paper, actor=actor)
    if any(item.error or item.left for item in done):
        raise PicksError(f"not everything is down: {done}")


def _reconcile(app: App, gate: Gate) -> None:
    gate.next_write_is(Step.CLAIM)
    found = reconcile(app.outbox(sleep=lambda _: False), list(app.channels), dry_run=False)
    problems = [account.problem for account in found.accounts if account.problem]
    if problems:
        raise RuntimeError(problems[0])


def _next_moment(database: Database) -> datetime | None:
    """Return when the next of the open deliveries can be had; None when only people can do something."""
    with database.reading() as session:
        rows = session.exec(select(Delivery).where(col(Delivery.state).in_(_OPEN))).all()
    return min((moment for moment in map(_moment_of, rows) if moment), default=None)


def _moment_of(row: Delivery) -> datetime | None:
    if row.state is DeliveryState.PLANNED:
        return max(row.due_at, row.next_try_at or row.due_at)
    return row.lease_until or row.next_try_at


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

    import bot.platforms.bluesky.publisher
    import bot.platforms.mastodon.publisher
    import bot.platforms.x.publisher  # noqa: F401
    from bot.interfaces import logs

    logs.configure(form="json", level=20)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps(_obey(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
