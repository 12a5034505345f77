"""The whole job on a bundled sample, for whoever sees the project for the first time.

Runs the real verbs on a temporary database, offline and without an account; what it prints is what they print.
"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.console import Console
from rich.rule import Rule

from bot import views
from bot.app import App
from bot.arxiv.captures import read
from bot.arxiv.feeds import parse
from bot.commands import VERBS, Reply
from bot.desk import Actor
from bot.display import VIEWS
from bot.ingest import Capture, ingest
from bot.posts import Platform
from bot.publishing import deliver_due
from bot.settings import Settings
from bot.store.schema import upgrade

_SAMPLE: Final = Path(__file__).with_name("sample")
_FEED: Final = _SAMPLE / "2026-02-17-cs-cl.xml"
_PAPER: Final = "2602.99901"
_NOTE: Final = (
    "Where does a small language model keep the number of a noun? Activation patching over 1,200 minimal pairs points "
    "to two attention heads in the middle layers, e.g. head 5.2, and to one induction head that copies the feature to "
    "the verb. Ablating the three lowers agreement accuracy from 97% to 58% and leaves perplexity alone. The circuit "
    "forms early in training and then stays. Code in README.md; a result for cs.CL and cs.LG readers alike."
)


def run(console: Console) -> None:
    """Show ingest, queue, note, preview, approval, publishing and history, each as the command that does it."""
    with tempfile.TemporaryDirectory(prefix="daily-picks-demo-") as folder:
        app = App(_settings(Path(folder)), environ={})
        try:
            upgrade(app.database)
            _tour(app, console)
        finally:
            app.close()


def _settings(folder: Path) -> Settings:
    return Settings(
        database_url=SecretStr(f"sqlite:///{folder / 'demo.db'}"),
        PICKS_CONFIG=_SAMPLE,
        PICKS_DATA=folder,
        PICKS_CURATOR="you",
    )


def _tour(app: App, console: Console) -> None:
    channel = app.channel(None)
    console.print("A day of Daily Picks, on a sample feed with invented papers.", style="bold")

    _step(console, f"fetch {_FEED.name}", "arXiv's feed comes in; TeX becomes plain text")
    report = ingest(
        app.database, [Capture(parse(read(_FEED), source=_FEED.name), _FEED.name)], channels=[channel], now=_now()
    )
    _print(console, "fetch", views.intake(report.batches, queued=report.queued))

    _step(console, "queue", "the best candidates, with the reasons")
    _print(console, "queue", _say(app, "queue").data)

    _step(console, f"note {_PAPER} '...' --code https://example.org/plural-nouns", "the curator's words")
    console.print(_say(app, "note", paper=_PAPER, text=_NOTE, code="https://example.org/plural-nouns").summary)

    _step(console, f"preview {_PAPER}", "exactly what would go out, and what it costs")
    shown = _say(app, "preview", paper=_PAPER).data
    shown["platforms"].pop(Platform.CONSOLE)  # the same words again
    _print(console, "preview", shown)

    _step(console, f"approve {_PAPER} --now", "nothing is ever posted without this")
    console.print(_say(app, "approve", paper=_PAPER, now=True).summary)

    _step(console, "publish", "the worker does this at the slot; here it goes to standard output")
    outbox = app.outbox(sleep=lambda _: False)
    reports = deliver_due(outbox, channels=[channel.name])
    _print(console, "publish", views.outgoing(reports))

    _step(console, "history", "what went out")
    _print(console, "history", _say(app, "history").data)
    console.print("That was all of it. Next: README.md, 'The curator's day' and 'Deploying'.", style="bold")


def _say(app: App, verb: str, **values: object) -> Reply:
    desk = app.desk(app.channel(None), Actor(app.settings.curator, "shell"))
    return VERBS[verb].run(desk, **values)


def _step(console: Console, command: str, why: str) -> None:
    console.print()
    console.print(Rule(align="left"))
    console.print(f"$ picks {command}", style="bold green", markup=False)
    console.print(f"# {why}", style="dim", markup=False)
    console.print()


def _print(console: Console, view: str, data: object) -> None:
    console.print(VIEWS[view](data, ZoneInfo("UTC")))


def _now() -> datetime:
    return datetime.now(UTC)
