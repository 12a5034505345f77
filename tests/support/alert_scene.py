"""A bot as its operator has it: real jobs of a worker, accounts in memory, alerts that arrive; tests set the clock."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from alert_server import AlertServer
from bot.app import App
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.interfaces.worker import Worker
from bot.platforms.memory import MemoryPublisher
from bot.platforms.publisher import Publisher
from bot.settings import Settings
from feed_server import FeedServer
from samples import CONSOLE_CHANNEL, NOON

CHANNEL: Final = CONSOLE_CHANNEL.replace('platforms = ["console"]', 'platforms = ["bluesky", "x"]')
KEYS: Final = {
    "BLUESKY_HANDLE": "picks.test",
    "BLUESKY_APP_PASSWORD": "aaaa-bbbb-cccc-dddd",
    "X_CONSUMER_KEY": "key",
    "X_CONSUMER_SECRET": "secret",
    "X_ACCESS_TOKEN": "1-token",
    "X_ACCESS_TOKEN_SECRET": "secret",
}
JOBS: Final = ("beat", "publish", "poll")


class StagedApp(App):
    """The program, but for its accounts: those are in memory."""

    staged: Mapping[Platform, MemoryPublisher]

    def publisher(self, channel_name: str, platform: Platform) -> Publisher | None:
        return self.staged[platform]


class Bot:
    """One channel in a folder; a worker that is started anew keeps nothing but the database and the accounts."""

    def __init__(self, folder: Path, migrated: Path, feeds: FeedServer, service: AlertServer) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CHANNEL, "utf-8")
        shutil.copyfile(migrated, folder / "picks.db")
        self.feeds, self.service, self.now = feeds, service, NOON
        self.settings = Settings(
            database_url=SecretStr(f"sqlite:///{folder / 'picks.db'}"),
            PICKS_CONFIG=folder / "config",
            PICKS_DATA=folder,
            PICKS_ALERT_URL=SecretStr(service.url()),
            arxiv_rss_url=feeds.url,
            arxiv_api_url=feeds.url,
            arxiv_api_pause=0.0,
        )
        self.environ = dict(KEYS)
        app = App(self.settings, environ=KEYS)
        with closing(app):
            names = {platform: account.name for platform, account in app.accounts(app.channels["test"]).items()}
        self.names = {platform: name or "" for platform, name in names.items()}
        self.accounts = {item: MemoryPublisher(item, account=name) for item, name in self.names.items()}
        self._heard = 0

    @contextmanager
    def started(self) -> Iterator["Running"]:
        """Run a worker while the block lasts; its jobs run when they are told to."""
        app = StagedApp(self.settings, clock=lambda: self.now, environ=self.environ)
        app.staged = self.accounts
        app.worker_name = f"here:{id(app)}:a"
        with closing(app):
            running = Running(self, app)
            yield running
            running.worker._say_goodbye()

    def heard(self) -> list[str]:
        """Return the titles that have arrived since the last question."""
        titles = [notice.title.removeprefix("Daily Picks: ") for notice in self.service.taken[self._heard :]]
        self._heard = len(self.service.taken)
        return titles


class Running:
    """A worker whose jobs run when they are told to."""

    def __init__(self, bot: Bot, app: StagedApp) -> None:
        self.bot, self.app, self.worker = bot, app, Worker(app)

    def tick(self, *jobs: str, after: timedelta = timedelta(), kind: str = "") -> list[str]:
        """Let the jobs run, all that matter if none is named, then the one that alerts; return what arrives.

        With a ``kind`` that is all of that kind alone.
        """
        self.bot.now += after
        for job in jobs or JOBS:
            self.worker._run_job(job)
        assert self.worker._run_job("alert") or self.worker._failures.jobs
        return [title for title in self.bot.heard() if title.removeprefix("over: ").startswith(kind)]

    def approve(self, paper: str, *, note: str = "Worth it.") -> None:
        """Let a curator approve a paper for now."""
        context = self.app.context(self.app.channel(None), Actor("ada", "test"))
        decisions.approve(context, paper, Edits(note=note), at=self.bot.now)

    def set_budget(self, usd: float) -> None:
        """Play another ``x.monthly_budget_usd`` in the channel file."""
        channel = self.app.channel(None)
        sections = channel.model_dump(include={"x"})["x"] | {"monthly_budget_usd": usd}
        self.app.channels["test"] = channel.model_copy(update={"x": type(channel.x).model_validate(sections)})


def at(text: str) -> datetime:
    """Return a moment in UTC."""
    return datetime.fromisoformat(f"{text}+00:00")
