"""A day of real captures worked through by messages: a real server, a stand-in for the chat service, the worker's job.

Run it with ``-s`` to see how many messages it takes, and how long.
"""

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
NOTES = (
    "Entropy neurons have large norms and little direct effect on the logits: they change how sure the model is.",
    "A careful look at what the intermediate layers know, with controls that one would like to see more often.",
)
"""Two notes, as short as people write them on a phone."""
MORNING = datetime(2024, 6, 26, 11, 30, tzinfo=UTC)


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
    feeds = [str(shared_data / "arxiv" / "rss" / f"2024-06-26-{name}.xml.gz") for name in ("cs-cl", "cs-lg", "cs-ai")]
    with app.feed_client() as client:
        channels = list(app.channels.values())
        report = replay(app.database, feeds, channels=channels, client=client, now=MORNING)
    assert report.errors == []
    made.worker.jobs["chat"].run()
    yield made
    app.close()


@pytest.mark.node
@pytest.mark.slow
def test_a_day_of_ten_candidates_is_worked_through_by_messages(
    day: Day, pds: Pds, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting = day.queued()
    assert len(waiting) == 10
    listed = "\n".join(day.say("queue"))
    assert all(f"#{number} · " in listed for number in waiting)

    picks, others = waiting[:2], waiting[2:]
    assert "“" in day.say(f"show {picks[0]}")[0]
    for number, note in zip(picks, NOTES, strict=True):
        answer = "\n".join(day.say(f"approve {number}: {note}"))
        assert note in answer
        assert "slot: Wed 26 Jun 2024" in answer
    for number in others[:-2]:
        assert day.say(f"reject {number} not ours")[0].startswith("rejected ")
    day.say(f"show {others[-2]}")
    assert "held until" in day.react("⏳")[0]
    day.say(f"show {others[-1]}")
    assert day.react("👎")[0].startswith("rejected ")
    assert day.queued() == []

    day.clock.now = datetime(2024, 6, 26, 14, 0, tzinfo=UTC)
    day.worker.publish()
    day.clock.now = datetime(2024, 6, 26, 19, 0, tzinfo=UTC)
    day.worker.publish()
    posted = [item["value"]["text"] for item in pds.records(day.bot.did)]
    assert [note in "\n".join(posted) for note in NOTES] == [True, True]

    keys = sum(len(text) for text in day.sent) - sum(map(len, NOTES))
    took = sum(day.seconds)
    with capsys.disabled():
        print(
            f"\n{len(waiting)} candidates, 2 picks: {len(day.sent)} messages and reactions, {keys} keystrokes beside "
            f"the notes, {len(day.told())} answers, {took:.1f} s of waiting ({max(day.seconds):.2f} s "
            f"the longest), of which {sum(day.work):.1f} s of this process's work"
        )
    assert len(day.sent) <= 16
    assert took < 60
