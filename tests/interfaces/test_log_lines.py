"""Each line of the log bears channel, paper and platform where it is about one: the rule for every call, and lines."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bot.domain.actors import Actor
from bot.domain.errors import AccountError, PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.platforms.memory import Moment
from bot.publishing.retract import retract
from bot.publishing.sender import Outbox, deliver_due
from bot.publishing.waiting_mode import FirstLooks
from bot.settings import SettingsError
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage

BOT = Path(__file__).resolve().parents[2] / "bot"
SUBJECTS = {"channel", "channels", "feed", "feeds"}
"""What a line says of whose it is: a feed is read by several channels."""

WHOLE = {"subject(candidate, delivery)", "_whose(channel)", "_whose(message.channel)", "said"}
"""What is unpacked into a call and holds one of them."""

BOUND = {
    "archive/collection_push.py": "archive/collection_push.py",
    "arxiv/api.py": "intake/backfill.py",
    "interfaces/chat/handles.py": "interfaces/chat/job.py",
    "interfaces/chat/handling.py": "interfaces/chat/job.py",
    "interfaces/chat/job.py": "interfaces/chat/job.py",
    "interfaces/chat/reading.py": "interfaces/chat/job.py",
    "platforms/bluesky/pages.py": "publishing/sender.py",
    "platforms/bluesky/publisher.py": "publishing/sender.py",
    "publishing/claims.py": "publishing/sender.py",
    "publishing/corrections.py": "publishing/corrections.py",
    "publishing/embeds.py": "publishing/sender.py",
    "publishing/endings.py": "publishing/sender.py",
    "publishing/lookback.py": "publishing/sender.py",
    "publishing/reconcile.py": "publishing/reconcile.py",
    "publishing/sender.py": "publishing/sender.py",
    "publishing/waiting_mode.py": "publishing/waiting_mode.py",
}
"""Modules whose lines are logged inside a block of another one, or of their own, which binds it to all of them."""

OF_THE_PROCESS = {
    "job failed",
    "job works again",
    "outage told",
    "outage not told",
    "PICKS_HEARTBEAT_URL not pinged",
    "PICKS_HEARTBEAT_URL pinged again",
    "worker stopped",
    "the clock was set back",
    "old batches thinned",
    "old abstracts packed",
    "catching up",
    "days ahead forgotten: a clock was ahead",
    "day backfilled",
    "day not backfilled",
}
"""Events of the worker as a whole, and of days whose feed the backfill binds (tested in ``intake``)."""


class Call(NamedTuple):
    """One call of a logger."""

    module: str
    event: str
    fields: frozenset[str]
    unpacked: frozenset[str]

    @property
    def names_its_subject(self) -> bool:
        return bool(self.fields & SUBJECTS or self.unpacked & WHOLE)


def _calls() -> Iterator[Call]:
    for file in sorted(BOT.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("_log.", "self._log.")):
                fields = frozenset(item.arg for item in node.keywords if item.arg)
                unpacked = frozenset(ast.unparse(item.value) for item in node.keywords if not item.arg)
                event = str(ast.literal_eval(node.args[0]))
                yield Call(str(file.relative_to(BOT)), event, fields, unpacked)


def test_every_call_of_a_logger_says_whose_line_it_is() -> None:
    calls = list(_calls())
    assert len(calls) > 50
    lacking = [
        f"{call.module}: {call.event}"
        for call in calls
        if not call.names_its_subject and call.module not in BOUND and call.event not in OF_THE_PROCESS
    ]
    assert lacking == []


def test_what_is_said_to_be_bound_or_of_the_process_is_there() -> None:
    calls = list(_calls())
    assert BOUND.keys() <= {call.module for call in calls}
    assert {call.event for call in calls} >= OF_THE_PROCESS
    for module in set(BOUND.values()):
        assert "with bound_contextvars(" in (BOT / module).read_text("utf-8")


@pytest.fixture
def logged() -> Iterator[list[EventDict]]:
    """Return what is logged, as the program's own form shows it."""
    structlog.reset_defaults()
    with capture_logs(processors=[merge_contextvars]) as entries:
        yield entries


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    return approved_stage(sqlite_database, account="picks.test")


def _outbox(stage: Stage) -> Outbox:
    return replace(stage.outbox(), channels={CHANNEL.name: CHANNEL}, actor=Actor("ada", "test"))


def _require_subjects(logged: list[EventDict], *events: str) -> None:
    assert {line["event"] for line in logged} >= set(events)
    for line in logged:
        assert (line["channel"], line["arxiv_id"]) == ("sample", PAPER), line
        assert line["platform"] in {"bluesky", "x"}


@pytest.mark.parametrize(
    ("error", "event"),
    [
        (TransientError("busy"), "not sent, will be tried again"),
        (AccountError("no credits"), "not sent, the account cannot post now"),
        (UnknownOutcomeError("no answer"), "outcome unknown"),
        (PermanentError("forbidden"), "refused"),
    ],
)
def test_each_line_about_a_delivery_bears_channel_paper_and_platform(
    error: TransientError, event: str, stage: Stage, logged: list[EventDict]
) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, error)
    stage.publishers[Platform.X].fail(Moment.FIND, UnknownOutcomeError("no answer either"))
    stage.tick()
    _require_subjects(logged, event, "sent")


def test_half_of_the_credentials_and_a_retraction_that_breaks_off_are_said_so_too(
    stage: Stage, logged: list[EventDict]
) -> None:
    def half(_: str, platform: Platform) -> None:
        raise SettingsError(f"half of the credentials of {platform} are missing")

    assert deliver_due(replace(_outbox(stage), publisher_for=half), channels=["sample"]) == []
    stage.tick()
    stage.publishers[Platform.X].fail(Moment.REMOVE, TransientError("busy"))
    retract(_outbox(stage), CHANNEL, PAPER, actor=Actor("ada", "test"))
    _require_subjects(logged, "platform not usable", "sent", "not taken down")


def test_a_look_at_an_account_that_fails_names_channel_and_platform(stage: Stage, logged: list[EventDict]) -> None:
    stage.publishers[Platform.X].fail(Moment.IDENTIFY, TransientError("busy"))
    FirstLooks(_outbox(stage)).take([CHANNEL])
    [line] = logged
    assert (line["event"], line["channel"], line["platform"]) == ("account not compared yet", "sample", "x")
