"""The clock: a long-running process whose ticks ask what is due.

The scheduler knows only time; what is due stands in the tables, so a tick may come late, twice or in several workers at
once. A job that fails says so once (``failures``) and runs again at its next tick. Each leaves when it began and how it
ended, so that one that hangs is told from one that works.
"""

import logging
import os
import signal
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from select import select
from types import FrameType
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from bot import __version__
from bot.app import App
from bot.archive.build import sites
from bot.archive.collection_job import push_due
from bot.archive.folder import FolderBusyError
from bot.archive.refreshing import refresh
from bot.curation.housekeeping import expire_candidates, release_held, retire_withdrawn
from bot.curation.roles import dids_of
from bot.curation.training_job import LEASE as TRAINING_LEASE
from bot.curation.training_job import train_nightly
from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.intake.queue import rank
from bot.intake.thinning import pack, thin
from bot.interfaces.alerts.watch import Watch
from bot.interfaces.chat.job import ChatJob
from bot.interfaces.failures import Failures
from bot.interfaces.heartbeat import ALIVE_FOR, beat, begin_job, end_job
from bot.interfaces.metrics import text_of, write_file
from bot.interfaces.notices import plan_notices
from bot.interfaces.pinging import pinger_of
from bot.publishing.outbox import note_off
from bot.publishing.rounds import send_due
from bot.publishing.sender import Outbox
from bot.publishing.waiting_mode import FirstLooks
from bot.settings import SettingsError

_log = structlog.get_logger(__name__)

PATIENCE: Final = 4.0
"""Seconds that a job in hand gets after SIGTERM: process managers kill after five."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker does again and again; ``longest`` is what one run may take before it is said to hang."""

    run: Callable[[], None]
    every: timedelta
    longest: timedelta


class _Idle:
    """Counts the jobs that run now, and waits until none does."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running = 0

    @contextmanager
    def busy(self) -> Iterator[None]:
        self._count(+1)
        try:
            yield
        finally:
            self._count(-1)

    def wait_for(self, seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._running == 0, timeout=seconds)

    def _count(self, step: int) -> None:
        with self._changed:
            self._running += step
            self._changed.notify_all()


def wake(scheduler: BackgroundScheduler, rhythm: Mapping[str, timedelta], *, now: datetime) -> None:
    """Let the jobs run now that are planned for a moment beyond their rhythm: the clock was ahead, and was set back."""
    for job in scheduler.get_jobs():
        if job.next_run_time > now + 2 * rhythm[job.id]:
            _log.warning("the clock was set back", job=job.id, planned=str(job.next_run_time))
            job.modify(next_run_time=now)


def _names(channels: Iterable[Channel]) -> list[str]:
    return [channel.name for channel in channels]


def _signals() -> int:
    """Return a pipe that can be read once SIGTERM or SIGINT has come.

    Python runs a handler between two steps of the main thread alone. A signal that comes just before that thread begins
    to wait would be heard when the waiting is over; the pipe is written at once.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _leave_it_to_the_pipe)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    return reader


def _leave_it_to_the_pipe(_number: int, _frame: FrameType | None) -> None:
    pass


class Worker:
    """The jobs and their rhythm."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stop = threading.Event()
        self._started_at = app.clock()
        self._outbox: Outbox = app.outbox(sleep=self._stop.wait)
        self._looks = FirstLooks(self._outbox)
        self._alerts = app.alerts()
        self._idle = _Idle()
        self._failures = Failures(app.clock)
        self._watch = Watch(app)
        self._pinger = pinger_of(app)
        self._chat = ChatJob(app, sleep=self._stop.wait)
        seconds, minutes = timedelta(seconds=1), timedelta(minutes=1)
        self.jobs: dict[str, Job] = {
            "beat": Job(self.beat, every=30 * seconds, longest=ALIVE_FOR),
            "publish": Job(self.publish, every=30 * seconds, longest=15 * minutes),
            "poll": Job(self.poll, every=5 * minutes, longest=30 * minutes),
            "collect": Job(self.collect, every=5 * minutes, longest=15 * minutes * (len(app.channels) + 1)),
            "tidy": Job(self.tidy, every=10 * minutes, longest=10 * minutes),
            "notify": Job(self.notify, every=1 * minutes, longest=15 * minutes),
            **self._chat_job(),
            **self._archive_job(),
            **self._alert_job(),
            **self._metrics_job(),
            "learn": Job(self.learn, every=30 * minutes, longest=TRAINING_LEASE * (len(app.channels) + 1)),
        }

    def _archive_job(self) -> dict[str, Job]:
        """Return the job that builds archives, none where no channel file names a folder."""
        if not sites(self._app.channels.values()):
            return {}
        return {"archive": Job(self.archive, every=timedelta(minutes=1), longest=timedelta(minutes=30))}

    def _metrics_job(self) -> dict[str, Job]:
        """Return the job that writes figures to a file, none where no file is named."""
        if self._app.settings.metrics_file is None:
            return {}
        return {"metrics": Job(self.write_metrics, every=timedelta(seconds=30), longest=timedelta(minutes=10))}

    def _alert_job(self) -> dict[str, Job]:
        """Return the job that tells the operator what is wrong, none where no address is set."""
        if not self._watch.wanted:
            return {}
        return {"alert": Job(self._watch.run, every=timedelta(minutes=1), longest=timedelta(minutes=15))}

    def _chat_job(self) -> dict[str, Job]:
        """Return the job that talks with curators, none where there are none, or no account to talk as."""
        if not self._chat.wanted:
            return {}
        return {"chat": Job(self._chat.run, every=timedelta(seconds=5), longest=timedelta(minutes=15))}

    def run(self) -> None:
        """Run until SIGTERM or SIGINT, then finish what is in hand and return within seconds."""
        asked = _signals()
        scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        with self._failures_caught("beat"):  # before any job: rows of jobs without a worker are taken for remains
            self.beat()
        first = self._app.clock()
        for name, job in self.jobs.items():
            scheduler.add_job(
                self._tick, "interval", args=(name,), id=name, next_run_time=first, seconds=job.every.total_seconds()
            )
        scheduler.start()
        _log.info(
            "worker started", version=__version__, worker=self._app.worker_name, channels=list(self._app.channels)
        )
        while not select([asked], [], [], 60)[0]:
            wake(scheduler, {name: job.every for name, job in self.jobs.items()}, now=self._app.clock())
        self._stop.set()
        scheduler.shutdown(wait=False)
        finished = self._idle.wait_for(PATIENCE)
        with self._failures_caught("goodbye"):
            self._say_goodbye()
        _log.info("worker stopped", left_unfinished=not finished)
        if not finished:
            logging.shutdown()
            os._exit(0)  # a thread waits for the network; what it was doing is looked up at the next start

    def run_once(self) -> bool:
        """Run every job once, in order; say whether all of them went through."""
        done = [self._run_job(name) for name in self.jobs]
        self._say_goodbye()
        return all(done)

    def beat(self) -> None:
        """Say that this worker lives, and which of its jobs fail."""
        self._write_heartbeat(leaving=False)

    def publish(self) -> None:
        """Send what is due on every channel, after a pause without a burst; nothing of a paper withdrawn since."""
        self._retire()
        self._looks.take(self._app.channels.values())  # before anything is sent: the database may be an old one
        send_due(self._outbox, self._app.channels.values())
        self._note_what_is_off()

    def poll(self) -> None:
        """Poll the feeds that are due, and backfill days that they lost."""
        with self._app.feed_client() as client:
            self._app.poller(client).poll()
        with self._app.api_client(attempts=1) as client:  # the day's row knows when to try again
            self._app.backfiller(client).catch_up()

    def collect(self) -> None:
        """Bring each channel's collection on the Hugging Face Hub in step with what was published."""
        app = self._app
        if app.settings.hf_token is None:
            return
        for channel in app.channels.values():
            push_due(app.database, channel, app.hub, clock=app.clock, sleep=self._stop.wait)

    def tidy(self) -> None:
        """Expire old candidates, bring held ones back, and thin old batches."""
        now = self._app.clock()
        for channel in self._app.channels.values():
            expired = expire_candidates(self._app.database, channel, now=now)
            released = release_held(self._app.database, channel, now=now)
            if expired or released:
                _log.info("queue tidied", channel=channel.name, expired=expired, released=released)
        kept = timedelta(days=self._app.settings.keep_feed_days)
        if thinned := thin(self._app.database, before=now - kept):
            _log.info("old batches thinned", batches=thinned)
        if packed := pack(self._app.database, before=now - kept):
            _log.info("old abstracts packed", papers=packed)
        self._app.database.give_back()

    def notify(self) -> None:
        """Plan the digest and the notices, and send those for the channels' addresses.

        A channel whose addresses cannot be read still tells its curators, and the other channels everybody.
        """
        wrong: PicksError | None = None
        for channel in self._app.channels.values():
            addresses: Collection[str] = ()
            try:
                addresses = self._app.digest_addresses(channel.name)
            except SettingsError as error:
                wrong = error
            with self._app.database.reading() as session:
                dids = dids_of(session, channel)
            plan_notices(self._app.context(channel, WORKER), dids=dids, addresses=addresses)
            if addresses:
                self._alerts.send_due(channel.name)
        if wrong is not None:
            raise wrong

    def archive(self) -> None:
        """Build what changed of each archive that a channel file names; one that fails leaves the others alone."""
        failed: PicksError | None = None
        for folder, channels in sites(self._app.channels.values()).items():
            try:
                built = refresh(self._app.database, channels, folder)
            except FolderBusyError as error:
                _log.info("archive not built now", channels=_names(channels), folder=str(folder), reason=str(error))
            except PicksError as error:
                failed = failed or error
            else:
                if built:
                    said = {"channels": _names(channels), "folder": str(folder)}
                    _log.info("archive built", **said, picks=built.picks, written=built.written)
        if failed:
            raise failed

    def write_metrics(self) -> None:
        """Write the figures that a monitoring system reads."""
        app, file = self._app, self._app.settings.metrics_file
        if file is not None:
            contexts = [app.context(channel, WORKER) for channel in app.channels.values()]
            write_file(file, text_of(app.database, contexts, now=app.clock()))

    def learn(self) -> None:
        """Learn, once a night, from what the curators of each channel decided; publishing goes on meanwhile.

        Before that, weights that came otherwise enter the queues: with an update of the program, from a worker that was
        ended before it came to that.
        """
        app = self._app
        for channel in app.channels.values():
            if self._stop.is_set():
                return
            try:
                rank(app.database, [channel], days=[], now=app.clock())
                model = train_nightly(
                    app.database, channel, worker=app.worker_name, now=app.clock(), wait=self._stop.wait
                )
            except PicksError as error:
                _log.warning("nothing learned", channel=channel.name, reason=str(error))
            else:
                if model:
                    _log.info("weights learned", channel=channel.name, **model.data.model_dump())

    def _note_what_is_off(self) -> None:
        """Leave with what is due why it does not go out from here: only a person can mend that."""
        app, now = self._app, self._app.clock()
        for channel in app.channels.values():
            for platform, account in app.accounts(channel).items():
                if not account.on:
                    note_off(
                        app.database,
                        channel=channel.name,
                        platform=platform,
                        problem=account.problem,
                        actor=WORKER,
                        now=now,
                    )

    def _retire(self) -> None:
        for channel in self._app.channels.values():
            if gone := retire_withdrawn(self._app.database, channel, now=self._app.clock()):
                _log.warning("papers withdrawn by their authors", channel=channel.name, papers=gone)

    def _tick(self, name: str) -> None:
        if not self._stop.is_set():
            self._run_job(name)

    def _run_job(self, name: str) -> bool:
        """Run a job between the two rows that say when it began and how it ended; say whether it went through."""
        failed = True
        with self._idle.busy():
            with self._failures_caught(name):
                self._note_start(name)
                self.jobs[name].run()
                failed = False
            with self._failures_caught(name):
                self._note_end(name, failed=failed)
                if not failed:
                    self._failures.end(name)
                    self._watch.outage.end()
                    self._pinger.note(name)
            if failed:
                self._pinger.forget(name)
        return name not in self._failures.jobs

    def _note_start(self, name: str) -> None:
        now = self._app.clock()
        due_by = now + self.jobs[name].longest
        begin_job(self._app.database, self._app.worker_name, name, now=now, due_by=due_by)

    def _note_end(self, name: str, *, failed: bool) -> None:
        now, job = self._app.clock(), self.jobs[name]
        due_by = now + job.every + job.longest
        end_job(self._app.database, self._app.worker_name, name, now=now, failed=failed, due_by=due_by)

    @contextmanager
    def _failures_caught(self, name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # the boundary: one broken job must not end the others
            self._failures.note(name, error)
            self._watch.outage.note(error)

    def _say_goodbye(self) -> None:
        self._write_heartbeat(leaving=True)

    def _write_heartbeat(self, *, leaving: bool) -> None:
        beat(
            self._app.database,
            self._app.worker_name,
            started_at=self._started_at,
            now=self._app.clock(),
            failing=", ".join(self._failures.jobs),
            leaving=leaving,
            keys=self._app.keys(),
        )
