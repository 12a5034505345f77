"""A day of real captures worked through by messages: a real server, a stand-in for the chat service, the worker's job.

The day, its picks and the reasons are those of ``bench/curating_day.py``. Run it with ``-s`` to see how many messages
it takes, and how long.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.domain.states import CandidateState
from bot.intake.replay import replay
from bot.interfaces.views import candidates
from bot.interfaces.worker import Worker
from bot.settings import Settings
from bot.store.schema import upgrade
from chat_standin import ChatService, Said
from harness_pds import Account, Pds

ADA = f"did:plc:{'ada':2<24}"
CONFIG = f"""
title = "A test channel"
[feeds]
categories = ["cs.CL", "cs.LG", "cs.AI"]
[queue]
size = 10
threshold = 0.0001
[posting]
platforms = ["bluesky"]
time_zone = "America/New_York"
times = ["10:00", "15:00"]
[thread]
hashtags = ["interpretability"]
[ranking]
weights = "interpretability"
[[curators]]
account = "{ADA}"
name = "Ada"
"""
PICKED = ("2406.12618", "2406.12673")
REASONS = ("evaluation", "survey", "applied", "evaluation", "applied", "survey", "applied")
MORNING = datetime(2024, 6, 20, 11, 30, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that the test moves."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Day:
    """The worker, a curator's phone, and a count of what was sent."""

    app: App
    worker: Worker
    service: ChatService
    bot: Account
    clock: Clock
    sent: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    work: list[float] = field(default_factory=list)

    def say(self, text: str) -> list[str]:
        """Send a message from the phone, and return what comes back."""
        before = len(self.told())
        self.service.write(ADA, self.bot.did, text)
        return self._wait(text, before)

    def react(self, emoji: str) -> list[str]:
        """React to what the bot has said last."""
        before = self.told()
        self.service.react(ADA, before[-1].id, emoji)
        return self._wait(emoji, len(before))

    def told(self) -> list[Said]:
        """Return what came to the phone."""
        return self.service.said_by(self.bot.did, ADA)

    def queued(self) -> list[int]:
        """Return the numbers of the candidates that wait, best first."""
        channel = self.app.channel(None)
        found = candidates.queue(self.app.database, channel, state=CandidateState.QUEUED, limit=None)
        return [row.id for row in found]

    def approved(self) -> list[str]:
        """Return the papers that were approved, in the order of their numbers."""
        channel = self.app.channel(None)
        found = candidates.queue(self.app.database, channel, state=CandidateState.APPROVED, limit=None)
        return sorted(row.arxiv_id for row in found)

    def _wait(self, what: str, before: int) -> list[str]:
        self.sent.append(what)
        self.clock.now += timedelta(seconds=5)
        begun, worked = time.perf_counter(), time.process_time()
        self.worker.jobs["chat"].run()
        self.seconds.append(time.perf_counter() - begun)
        self.work.append(time.process_time() - worked)
        return [said.text for said in self.told()[before:]]


@pytest.fixture
def day(tmp_path: Path, pds: Pds, chat_service: ChatService, shared_data: Path) -> Iterator[Day]:
    """Return a morning on which the captures of three feeds are in, and the worker listens."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONFIG, "utf-8")
    bot = pds.create_account(messages=True)
    chat_service.allow(ADA, "all")
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{tmp_path / 'picks.db'}"),
        PICKS_CONFIG=tmp_path / "config",
        PICKS_DATA=tmp_path,
    )
    environ = {"BLUESKY_SERVICE": pds.url, "BLUESKY_HANDLE": bot.handle, "BLUESKY_APP_PASSWORD": bot.app_password}
    clock = Clock(MORNING)
    app = App(settings, clock=clock, environ=environ)
    made = Day(app, Worker(app), chat_service, bot, clock)
    upgrade(app.database)
    feeds = [str(shared_data / "arxiv" / "rss" / f"2024-06-20-{name}.xml.gz") for name in ("cs-cl", "cs-lg", "cs-ai")]
    with app.feed_client() as client:
        channels = list(app.channels.values())
        report = replay(app.database, feeds, channels=channels, client=client, now=MORNING)
    assert report.errors == []
    made.worker.jobs["chat"].run()
    yield made
    app.close()


def _notes(shared_data: Path) -> list[str]:
    """Return the notes that were written about the picks then."""
    lines = (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines()
    known = {pick["arxiv_id"]: pick["note"] for pick in map(json.loads, lines)}
    return [known[arxiv_id] for arxiv_id in PICKED]


@pytest.mark.node
@pytest.mark.slow
def test_a_day_of_ten_candidates_is_worked_through_by_messages(
    day: Day, pds: Pds, shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = day.queued()
    assert len(waiting) == 10
    notes = _notes(shared_data)
    listed = "\n".join(day.say("queue"))
    assert all(f"#{number} · " in listed for number in waiting)

    picks, held, others = waiting[1:3], waiting[0], waiting[3:]
    assert "“" in day.say(f"show {picks[0]}")[0]
    for number, note in zip(picks, notes, strict=True):
        answer = "\n".join(day.say(f"approve {number}: {note}"))
        assert note.split()[0] in answer
        assert "slot: Thu 20 Jun 2024" in answer
    for number, reason in zip(others, REASONS, strict=True):
        assert day.say(f"reject {number} {reason}")[0].startswith("rejected ")
    day.say(f"show {held}")
    assert "held until" in day.react("⏳")[0]
    assert (day.queued(), day.approved()) == ([], list(PICKED))

    day.clock.now = datetime(2024, 6, 20, 14, 0, tzinfo=UTC)
    day.worker.publish()
    day.clock.now = datetime(2024, 6, 20, 19, 0, tzinfo=UTC)
    day.worker.publish()
    posted = "\n".join(item["value"]["text"] for item in pds.records(day.bot.did))
    assert [note.rpartition(" ")[2] in posted for note in notes] == [True, True]

    keys = sum(len(text) for text in day.sent) - sum(map(len, notes))
    took = sum(day.seconds)
    with capsys.disabled():
        print(
            f"\n{len(waiting)} candidates, 2 picks: {len(day.sent)} messages and reactions, {keys} keystrokes beside "
            f"the notes, {len(day.told())} answers, {took:.1f} s of waiting ({max(day.seconds):.2f} s "
            f"the longest), of which {sum(day.work):.1f} s of this process's work"
        )
    assert len(day.sent) <= 16
    assert took < 60
