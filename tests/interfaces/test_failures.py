"""What a worker logs of jobs that fail: one line, then nothing until it changes."""

import io
import json
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
import time_machine
from apscheduler.schedulers.background import BackgroundScheduler
from pydantic import SecretStr
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.app import App
from bot.domain.errors import PicksError, TransientError
from bot.domain.text import is_unsafe
from bot.interfaces import logs
from bot.interfaces.failures import Failures
from bot.interfaces.worker import Worker, wake
from bot.settings import Settings
from bot.store.database import DatabaseBusyError
from samples import CONSOLE_CHANNEL, NOON

OUTAGE = DatabaseBusyError("the database postgresql://h/db did not answer: connection refused; check it")
OTHER = DatabaseBusyError("the database postgresql://h/db did not answer: it is starting up; check it")
JOBS = ("beat", "poll", "publish")


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    structlog.reset_defaults()
    with capture_logs() as entries:
        yield entries


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_an_outage_is_one_line_a_minute_for_all_jobs_and_ticks_whatever_its_words(
    logged: list[EventDict], clock: Clock
) -> None:
    failures = Failures(clock)
    network = TransientError("cannot reach arXiv")
    for second in range(300):
        clock.now = NOON + timedelta(seconds=second)
        for job in JOBS:
            failures.note(job, network if job == "poll" else OTHER if second % 2 else OUTAGE)
    assert failures.jobs == sorted(JOBS)
    assert [line["reason"] for line in logged] == [str(OUTAGE)] * 5
    assert (logged[0]["event"], logged[0]["job"]) == ("job failed", "beat")
    assert not any("exc_info" in line for line in logged)


def test_the_end_of_an_outage_is_one_line_and_none_where_it_was_too_short_to_be_said(
    logged: list[EventDict], clock: Clock
) -> None:
    failures = Failures(clock)
    for _ in range(20):  # it flaps, within a minute
        for job in JOBS:
            failures.note(job, OUTAGE)
        for job in (*JOBS, *JOBS):
            failures.end(job)
    assert [line["event"] for line in logged] == ["job failed", "job works again"]
    assert failures.jobs == []


def test_a_clock_that_is_set_back_silences_nothing(logged: list[EventDict], clock: Clock) -> None:
    failures = Failures(clock)
    for now in (NOON + timedelta(days=60), NOON, NOON + timedelta(seconds=30)):
        clock.now = now
        failures.note("poll", OUTAGE)
    assert len(logged) == 2


def test_what_a_person_must_mend_is_said_again_when_it_changes_and_its_end_once(
    logged: list[EventDict], clock: Clock
) -> None:
    failures = Failures(clock)
    one, other = PicksError("HTTPS_PROXY is wrong"), PicksError("SSL_CERT_FILE is wrong")
    for error in (one, other, other, one):
        for job in JOBS:
            failures.note(job, error)
    for job in (*JOBS, *JOBS):
        failures.end(job)
    assert [(line["event"], line["reason"]) for line in logged] == [
        *(("job failed", str(error)) for error in (one, other, one)),
        ("job works again", str(one)),
    ]
    assert failures.jobs == []


def test_a_fault_of_the_program_shows_its_traceback_once(logged: list[EventDict], clock: Clock) -> None:
    failures = Failures(clock)
    for _ in range(3):
        failures.note("poll", ZeroDivisionError("division by zero"))
    failures.note("tidy", KeyError("day"))
    assert [(line["job"], type(line["exc_info"]).__name__) for line in logged] == [
        ("poll", "ZeroDivisionError"),
        ("tidy", "KeyError"),
    ]


def test_jobs_that_a_clock_planned_which_was_ahead_run_at_once() -> None:
    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.start(paused=True)
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    rhythm = {"asleep": minute, "soon": minute}
    for name, first in (("asleep", now + timedelta(days=60)), ("soon", now + minute)):
        scheduler.add_job(print, "interval", minutes=1, id=name, next_run_time=first)
    wake(scheduler, rhythm, now=now)
    planned = {job.id: job.next_run_time for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert planned == {"asleep": now, "soon": now + minute}


@pytest.mark.network
def test_a_worker_without_its_database_says_so_in_one_line(tmp_path: Path, logged: list[EventDict]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]  # nobody answers there afterwards
    settings = Settings(
        database_url=SecretStr(f"postgresql://picks@127.0.0.1:{port}/picks"),
        PICKS_CONFIG=tmp_path / "config",
        PICKS_DATA=tmp_path,
    )
    app = App(settings, environ={})
    worker = Worker(app)
    for _ in range(3):
        assert not any(worker._run_job(name) for name in worker.jobs)
    app.close()
    [line] = [entry for entry in logged if entry["log_level"] == "error"]
    assert f"postgresql://127.0.0.1:{port}/picks did not answer" in line["reason"]
    assert "\n" not in line["reason"]


def test_a_tick_that_finds_the_one_before_it_at_work_is_no_news() -> None:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    logs.configure(form="json", level=logging.INFO)
    root.handlers[:], level = before
    root.setLevel(level)
    assert not logging.getLogger("apscheduler.scheduler").isEnabledFor(logging.WARNING)
    assert logging.getLogger("apscheduler.executors.default").isEnabledFor(logging.WARNING)


@contextmanager
def _written(form: str) -> Iterator[io.StringIO]:
    """Give what the program's own form of a log writes to standard error."""
    root = logging.getLogger()
    handlers, level, stream = root.handlers[:], root.level, io.StringIO()
    logs.configure(form=form, level=logging.INFO)
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()


def test_an_outage_is_one_line_a_minute_whichever_rooms_say_it_and_the_next_line_counts_the_others() -> None:
    with _written("json") as stream, time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            for place in ("bot.publishing.endings", "bot.intake.polling", "bot.interfaces.chat.job"):
                structlog.get_logger(place).warning("not now", reason="no answer", outage=True)
            structlog.get_logger("bot.publishing.endings").warning("refused", outage=False)
            clock.shift(60)
    said = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["event"] for line in said] == ["not now", "refused"] * 3
    assert [line.get("lines_left_out") for line in said if line["event"] == "not now"] == [None, 2, 2]
    assert not any("outage" in line for line in said)


@pytest.mark.parametrize("form", ["json", "text"])
def test_a_line_of_the_log_is_one_line_in_which_a_terminal_obeys_nothing(form: str) -> None:
    reason = "Probing\n\x1b[2J\x9b2J\u202elleh\r\x07\u2028the end"
    with _written(form) as stream:
        structlog.get_logger("bot").warning("refused", reason=reason, account="\x1b]0;x\x07")
    [line] = stream.getvalue().splitlines()
    assert not any(is_unsafe(char) for char in line)
    assert "the end" in line
