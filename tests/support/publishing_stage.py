"""An approved pick, two platforms in memory that fail on demand, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.actors import Actor
from bot.domain.channel_sections import XRules
from bot.domain.channels import Channel
from bot.domain.posts import Platform, Post, Quote
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher, PublishedPost
from bot.publishing.sender import Outbox, deliver_due
from bot.store.database import Database
from samples import NOON, announcement, batch, channel

PAPER = "2602.00001"
NOTE = " ".join(f"This is sentence number {number}, which says nothing new at all." for number in range(1, 17))
CHANNEL = channel(
    posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]}, thread={"note_limit": 2000}
)


def with_rules(rules: XRules) -> dict[str, Channel]:
    """Return the channel as the sender gets it, with other rules for X."""
    return {CHANNEL.name: CHANNEL.model_copy(update={"x": rules})}


@dataclass
class Stage:
    """An approved pick, two platforms in memory, and a clock that tests set."""

    database: Database
    channel: Channel = CHANNEL
    now: datetime = NOON
    stopping: bool = False
    publishers: dict[Platform, MemoryPublisher] = field(
        default_factory=lambda: {item: MemoryPublisher(item) for item in (Platform.BLUESKY, Platform.X)}
    )

    def outbox(self, worker: str = "w1") -> Outbox:
        return Outbox(
            database=self.database,
            publisher_for=lambda _, platform: self.publishers.get(platform),
            clock=lambda: self.now,
            sleep=lambda _: self.stopping,
            worker=worker,
            jitter=lambda: 1.0,
        )

    def tick(self, worker: str = "w1", **options: Any) -> dict[str, DeliveryState]:
        reports = deliver_due(self.outbox(worker), channels=["sample"], **options)
        return {str(report.platform): report.state for report in reports}

    def context(self, *, account: str = "an account") -> Context:
        accounts = dict.fromkeys(CHANNEL.posting.platforms, Account(account))
        return Context(self.database, self.channel, accounts, no_quote, Actor("ada", "test"), self.now)

    def shown(self) -> views.Json:
        shown: views.Json = views.show(self.database, CHANNEL, PAPER)
        return shown

    def states(self) -> dict[str, str]:
        return {item["platform"]: item["state"] for item in self.shown()["deliveries"]}

    def out(self, platform: Platform) -> list[str]:
        return [item.post.text for item in self.publishers[platform].timeline.posts]

    def put_up(self, platform: Platform, remote_id: str, text: str, *, parent: str | None = None) -> None:
        """Let a post stand on the account that this program does not know."""
        post = Post(text=text, length=len(text), limit=300)
        self.publishers[platform].timeline.posts.append(PublishedPost(remote_id, post, parent))

    def approved(self, platform: Platform) -> list[str]:
        [delivery] = [item for item in self.shown()["deliveries"] if item["platform"] == platform]
        return [post["text"] for post in delivery["posts"]]


def no_quote(url: str) -> Quote:
    raise AssertionError(url)


class KilledError(BaseException):
    """Plays SIGKILL: no code of the program catches it."""


def approved_stage(database: Database, *, account: str = "an account") -> Stage:
    """Return a stage on which one pick is approved for now; ``account`` is who is to post it."""
    paper = announcement(PAPER, "Probing")
    ingest(database, [Capture(batch(paper), "test")], channels=[CHANNEL], now=NOON)
    stage = Stage(database)
    decisions.approve(stage.context(account=account), PAPER, Edits(note=NOTE), at=NOON)
    return stage
