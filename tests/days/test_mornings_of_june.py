"""Days of real captures, polled as they came: one digest a day for every curator and every address.

Between any two looks the worker may be another one; feeds come late, lie, or come again.
"""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from alert_server import AlertServer
from bot.app import App
from bot.interfaces.worker import Worker
from bot.settings import Settings
from bot.store.message_tables import Message, MessageState
from bot.store.schema import upgrade
from bot.store.tables import FeedDay
from feed_server import FeedServer

pytestmark = [pytest.mark.slow, pytest.mark.network]

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "interpretability.toml"
ANA, BEN = "did:plc:anaanaanaanaanaanaanaana", "did:plc:benbenbenbenbenbenbenben"
PEOPLE = f"""
[[curators]]
account = "{ANA}"
name = "Ana"
[[curators]]
account = "{BEN}"
name = "Ben"
[notices]
reminder_hours = 0
"""
SECRET = "c4nary"
NEW_YORK = ZoneInfo("America/New_York")
FEEDS = ("cs.CL", "cs.LG", "cs.AI")


@dataclass
class June:
    """A month in New York, of which the clock is moved; ``workers`` are asked in turn, each an app of its own."""

    folder: Path
    captures: Path
    feeds: FeedServer
    service: AlertServer
    now: datetime = datetime(2024, 6, 24, 4, 30, tzinfo=UTC)
    apps: list[App] = field(default_factory=list)

    def start(self) -> Worker:
        """Start a worker, as after a restart or on another machine."""
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{self.folder / 'picks.db'}"),
            PICKS_CONFIG=self.folder / "config",
            PICKS_DATA=self.folder,
            arxiv_rss_url=self.feeds.url,
            arxiv_api_url=self.feeds.url,
            arxiv_api_pause=0,
        )
        user = f"me:{SECRET}@"
        urls = f"{self.service.url(SECRET, user=user)} {self.service.url('other', user=user)}"
        app = App(settings, clock=lambda: self.now, environ={"PICKS_DIGEST_URL": urls})
        self.apps.append(app)
        upgrade(app.database)
        return Worker(app)

    def serve(self, day: int, *names: str) -> None:
        """Let feeds be those of a day; captures bear the date of the day after."""
        for name in names:
            file = self.captures / f"2024-06-{day + 1:02}-{name.lower().replace('.', '-')}.xml.gz"
            self.feeds.bodies[name] = gzip.decompress(file.read_bytes())

    def look(self, worker: Worker, day: int, hour: int, minute: int = 0) -> list[str]:
        """Let a worker do at a time of New York what it does then; return the titles of the notices that arrived."""
        self.now = datetime(2024, 6, day, hour, minute, tzinfo=NEW_YORK)
        before = len(self.service.taken)
        worker.poll()
        worker.notify()
        return [notice.title for notice in self.service.taken[before:]]

    def health(self, feed: str, day: date) -> str:
        with self.apps[0].database.reading() as session:
            return session.get_one(FeedDay, (feed, day)).health

    def told(self) -> list[tuple[str, str, MessageState]]:
        with self.apps[0].database.reading() as session:
            rows = session.exec(select(Message).order_by(col(Message.key), col(Message.recipient)))
            return [(row.key, row.recipient, row.state) for row in rows]


@pytest.fixture
def june(tmp_path: Path, shared_data: Path) -> Iterator[June]:
    """Return the night before Monday 24 June 2024."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / SHIPPED.name).write_text(SHIPPED.read_text("utf-8") + PEOPLE, "utf-8")
    with ExitStack() as stack:
        feeds = stack.enter_context(FeedServer().running())
        service = stack.enter_context(AlertServer().running())
        made = June(tmp_path, shared_data / "arxiv" / "rss", feeds, service)
        yield made
        for app in made.apps:
            app.close()


@pytest.mark.timeout(300)
def test_one_digest_a_day_for_everybody_over_polls_restarts_and_late_batches(june: June) -> None:
    first, second = june.start(), june.start()

    # Monday: cs.LG comes when the digest has waited for it long enough, and changes nothing any more.
    june.serve(24, "cs.CL", "cs.AI")
    june.serve(21, "cs.LG")
    assert june.look(first, 24, 0, 30) == []
    assert june.look(second, 24, 7, 30) == []
    [title, again] = june.look(first, 24, 9)
    assert title == again == "Interpretability & analysis of language models, Mon 24 Jun 2024: 8 candidates, the best 5"
    assert "not in yet: cs.LG" in june.service.taken[0].message
    assert june.look(second, 24, 9, 1) == []
    june.serve(24, "cs.LG")
    third = june.start()
    assert june.look(third, 24, 10) + june.look(first, 24, 23) == []
    assert june.health("cs.LG", date(2024, 6, 24)) == "fresh"

    # Tuesday: cs.AI is stale, as it was. One address fails at first.
    june.serve(25, *FEEDS)
    june.service.answers = [200, 503]
    assert june.look(second, 25, 6, 59) + june.look(second, 25, 8, 30) == []
    assert len(june.look(third, 25, 9)) == 1
    assert len(june.look(first, 25, 9, 2)) == 1
    assert june.look(second, 25, 12) == []
    assert june.health("cs.AI", date(2024, 6, 25)) == "stale"

    # Wednesday: all is in by seven.
    june.serve(26, *FEEDS)
    assert june.look(first, 26, 6) == []
    assert len(june.look(first, 26, 7)) == 2
    assert june.look(second, 26, 7) + june.look(first, 27, 6) == []

    # Saturday: arXiv announces nothing, and no feed was there since Wednesday.
    assert june.look(first, 29, 9) == []
    days = ("digest 2024-06-24", "digest 2024-06-25", "digest 2024-06-26")
    late, planned, sent = MessageState.REFUSED, MessageState.PLANNED, MessageState.SENT
    assert june.told() == [
        row
        for day, state in zip(days, (late, late, planned), strict=True)
        for row in ((day, ANA, state), (day, BEN, state), (day, "json", sent), (day, "json 2", sent))
    ]
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in june.folder.iterdir() if file.is_file())
