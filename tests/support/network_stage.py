"""The program on a whole network: a bot account, a channel, and picks that the worker really posts."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

import warm_process
from bot.app import App
from bot.domain.actors import Actor
from bot.domain.papers import Announcement
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import VERBS, make_call
from bot.interfaces.views.json import to_json
from bot.interfaces.worker import Worker
from bot.settings import Settings
from harness_network import Network, NotShownError
from harness_pds import Account
from samples import batch

CHANNEL: Final = """
title = "A test channel"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["bluesky"]
time_zone = "UTC"
[thread]
note_limit = 2000
hashtags = ["interpretability", "NLP"]
[profile]
name = "Picks"
description = "A paper a day."
[ranking.words]
"probing" = 2.0
"""


@dataclass(frozen=True)
class Words:
    """A curator's part of a pick."""

    note: str
    thread: str | None = None
    code: str | None = None


@dataclass
class NetworkStage:
    """An account of the bot's own, and the program that posts as it; ``now`` is what its clock shows."""

    network: Network
    account: Account
    folder: Path
    now: datetime
    app: App

    @property
    def environ(self) -> dict[str, str]:
        """Return the variables that a deployed program would have."""
        return _environ(self.network, self.account)

    def publish(self, paper: Announcement, words: Words) -> list[dict[str, Any]]:
        """Let a curator approve a paper, and the worker post it; return the posts as ``picks show`` has them."""
        ingest(self.app.database, [Capture(batch(paper), "test")], channels=[self.app.channel(None)], now=self.now)
        number = paper.arxiv_id.value
        self.say("approve", paper=number, note=words.note, thread=words.thread, code=words.code, now=True)
        Worker(self.app).publish()
        [delivery] = self.say("show", paper=number)["deliveries"]
        assert delivery["state"] == "sent", delivery
        self.now += timedelta(hours=1)
        return list(delivery["posts"])

    def set_profile(self) -> None:
        """Set the account's profile as the channel's file has it, by the command."""
        home = {"PICKS_DATA": str(self.folder), "HOME": str(self.folder)}
        done = warm_process.run(["profile"], cwd=self.folder, env={**self.environ, **home})
        assert done.returncode == 0, done.stderr

    def say(self, verb: str, **values: object) -> Any:
        """Do what a curator's command does, and return its JSON."""
        return to_json(VERBS[verb].run(make_call(self.app, Actor("ada", "test")), **values).data)


@contextmanager
def staged(
    network: Network, folder: Path, *, database: Path, channel: str = CHANNEL, handle: str | None = None
) -> Iterator[NetworkStage]:
    """Set a stage in an empty folder, with a copy of a migrated database and a channel's file."""
    (folder / "config").mkdir()
    (folder / "config" / "test.toml").write_text(channel, "utf-8")
    shutil.copyfile(database, folder / "picks.db")
    account = network.create_account(handle=handle)
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{folder / 'picks.db'}"), PICKS_CONFIG=folder / "config", PICKS_DATA=folder
    )
    app = App(settings, clock=lambda: stage.now, environ=_environ(network, account))
    stage = NetworkStage(network, account, folder, datetime.now(UTC) - timedelta(days=1), app)
    yield stage
    app.close()


def down(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a post of a thread as the AppView has it and what is below it, as long as there is one answer to each."""
    below = view.get("replies", [])
    assert len(below) <= 1
    return [view["post"], *(down(below[0]) if below else [])]


def posted(network: Network, posts: Sequence[Mapping[str, Any]], *, reader: Account | None = None) -> dict[str, Any]:
    """Return a thread from its first post on, as soon as the AppView shows all of it."""

    def ask() -> dict[str, Any]:
        try:
            return network.thread(posts[0]["remote_id"], reader=reader)
        except NotShownError:
            return {}

    return network.when(ask, lambda view: bool(view) and len(down(view)) == len(posts))


def _environ(network: Network, account: Account) -> dict[str, str]:
    return {
        "BLUESKY_SERVICE": network.url,
        "BLUESKY_APPVIEW": network.appview_url,
        "BLUESKY_HANDLE": account.handle,
        "BLUESKY_APP_PASSWORD": account.app_password,
    }
