"""A channel whose people are told things, and a clock that tests set."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlmodel import col, select

from bot.arxiv.health import Health, Verdict
from bot.curation.context import Account, Context
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.papers import Announcement
from bot.domain.posts import Quote
from bot.intake.announcement_days import record_health
from bot.intake.ingest import Capture, ingest
from bot.interfaces.notices import plan_notices
from bot.store.database import Database
from bot.store.message_tables import Message
from samples import TUESDAY, announcement, batch, channel

ANA, BEN, OLA = (f"did:plc:{name * 8}" for name in ("ana", "ben", "ola"))
PEOPLE = (
    {"account": ANA, "name": "Ana"},
    {"account": "ben.example.com", "name": "Ben", "role": "viewer"},
    {"account": "ola.example.com", "name": "Ola", "role": "operator"},
)
SIX = datetime(2026, 2, 17, 6, tzinfo=UTC)
"""In the morning of a Tuesday, when arXiv's feeds of that day are there, and before anybody is told anything."""


def morning_channel(**sections: Any) -> Channel:
    """Return a channel in UTC that posts at ten and at three, with three people."""
    given: dict[str, Any] = {
        "queue": {"size": 10},
        "curators": PEOPLE,
        "posting": {"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00", "15:00"], "daily_cap": 2},
    }
    return channel(**{**given, **sections})


@dataclass
class Morning:
    """A channel whose feeds come in as a test says; ``dids`` are those that somebody has looked up."""

    database: Database
    channel: Channel = field(default_factory=morning_channel)
    now: datetime = SIX
    dids: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)

    def take(self, *papers: Announcement, feed: str = "cs.CL", day: date = TUESDAY) -> None:
        """Let a feed come in."""
        capture = Capture(batch(*papers, feed=feed, day=day), "test")
        ingest(self.database, [capture], channels=[self.channel], now=self.now)

    def all_in(self, *titles: str) -> None:
        """Let both feeds of the day come in, with a paper for each title."""
        papers = (
            announcement(f"2602.{number:05}", title, authors=(f"A. {number}",))
            for number, title in enumerate(titles, 1)
        )
        self.take(*papers)
        self.take(announcement("2602.00050", "Cooking"), feed="cs.LG")

    def lies(self, feed: str = "cs.LG") -> None:
        """Let a feed be missing, as the poller notes it."""
        with self.database.transaction() as session:
            record_health(session, feed, TUESDAY, Verdict(Health.MISSING, "the feed is still that of yesterday"))

    def at(self, hour: int, minute: int = 0, *, day: int = 17) -> int:
        """Set the clock to a time of the month and look what is to be told; return how many messages are new."""
        self.now = datetime(2026, 2, day, hour, minute, tzinfo=UTC)
        return self.tick()

    def tick(self) -> int:
        return plan_notices(self.context, dids=self.dids, addresses=self.addresses)

    @property
    def context(self) -> Context:
        accounts = dict.fromkeys(self.channel.posting.platforms, Account("an account"))
        return Context(self.database, self.channel, accounts, _no_quote, Actor("Ana", "test"), self.now)

    def messages(self) -> list[Message]:
        with self.database.reading() as session:
            return list(session.exec(select(Message).order_by(col(Message.id))))

    def told(self) -> list[tuple[str, str]]:
        """Return whom was told what, by recipient and key."""
        return [(row.recipient, row.key) for row in self.messages()]


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)
