"""The whole job on a bundled sample, for whoever sees the project for the first time.

Runs the real verbs on a temporary database, offline and without an account; what it prints is what they print.
"""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from rich.rule import Rule
from rich.text import Text

from bot.app import App
from bot.archive.build import build
from bot.arxiv.captures import read
from bot.arxiv.feeds import parse
from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import VERBS, Reply, make_call
from bot.interfaces.display import VIEWS
from bot.interfaces.views.intake import intake
from bot.settings import Settings
from bot.store.schema import upgrade

_SAMPLE: Final = Path(__file__).with_name("sample")
_FEED: Final = _SAMPLE / "2026-02-17-cs-cl.xml"
_PAPER: Final = "2602.99901"
_YOU: Final = Actor("you", "shell")
_NOTE: Final = (
    "Where does a small language model keep the number of a noun? Activation patching over 1,200 minimal pairs points "
    "to two attention heads in the middle layers, e.g. head 5.2, and to one induction head that copies the feature to "
    "the verb. Ablating the three lowers agreement accuracy from 97% to 58% and leaves perplexity alone. The circuit "
    "forms early in training and then stays. Code and data are public; a result for cs.CL and cs.LG readers alike."
)


Show = Callable[..., None]
"""Prints what it is given, below each other."""


def run(show: Show) -> None:
    """Show ingest, queue, note, preview, approval, publishing and history, each as the command that does it."""
    with tempfile.TemporaryDirectory(prefix="daily-picks-demo-") as folder:
        app = App(_settings(Path(folder)), environ={})
        try:
            upgrade(app.database)
            _tour(app, show)
        finally:
            app.close()


def _settings(folder: Path) -> Settings:
    # Made of these lines alone: whatever the environment says, and however wrong it is, the demo runs.
    return Settings.model_construct(
        database_url=SecretStr(f"sqlite:///{folder / 'demo.db'}"), config=_SAMPLE, data=folder, curator=_YOU.name
    )


def _tour(app: App, show: Show) -> None:
    """Go through a day: each step as the command that does it, and what the command says."""
    channel = app.channel(None)
    show(Text("A day of Daily Picks, on a sample feed with invented papers.", style="bold"))

    _step(show, f"fetch {_FEED.name}", "arXiv's feed comes in; TeX becomes plain text")
    report = ingest(
        app.database, [Capture(parse(read(_FEED), source=_FEED.name), _FEED.name)], channels=[channel], now=_now()
    )
    _print(show, "fetch", intake(report.batches, queued=report.queued))

    _step(show, "queue", "the best candidates, with the reasons")
    _print(show, "queue", _say(app, "queue").data)

    _step(show, f"note {_PAPER} '...' --code https://example.org/plural-nouns", "the curator's words")
    show(_say(app, "note", paper=_PAPER, text=_NOTE, code="https://example.org/plural-nouns").summary)

    _step(show, f"preview {_PAPER}", "exactly what would go out, and what it costs")
    preview = _say(app, "preview", paper=_PAPER).data
    # The console would show the same words again.
    shown = {item: thread for item, thread in preview.platforms.items() if item is not Platform.CONSOLE}
    _print(show, "preview", replace(preview, platforms=shown))

    _post_here_alone(app)
    _step(show, f"approve {_PAPER} --now", "nothing is ever posted without this")
    show(_say(app, "approve", paper=_PAPER, now=True).summary)

    _step(show, "publish", "the worker does this at the slot; here it goes to standard output")
    _print(show, "publish", _say(app, "publish").data)

    _step(show, "history", "what went out")
    _print(show, "history", _say(app, "history").data)

    _step(show, "archive build DIR", "every pick at an address of its own, in feeds and in a search")
    page = _archive(app)
    show(
        Text("To look at it, open this file in a browser; delete it when you like:"),
        Text(f"{page}", style="bold"),
        Text(),
    )
    show(Text("That was all of it. Next: README.md, 'First steps', 'The curator's day' and 'Deploying'.", style="bold"))


def _post_here_alone(app: App) -> None:
    """Let the channel post to standard output and nowhere else: the other platforms were there to be looked at."""
    for name, channel in app.channels.items():
        posting = channel.posting.model_copy(update={"platforms": (Platform.CONSOLE,)})
        app.channels[name] = channel.model_copy(update={"posting": posting})


def _archive(app: App) -> Path:
    """Build the archive in a place that stays, and return its first page."""
    folder = Path(tempfile.mkdtemp(prefix="daily-picks-archive-"))
    with ExitStack() as unless_whole:
        unless_whole.callback(shutil.rmtree, folder)
        build(app.database, list(app.channels.values()), folder / "site")
        unless_whole.pop_all()
    return folder / "site" / "index.html"


def _say(app: App, verb: str, **values: object) -> Reply:
    return VERBS[verb].run(make_call(app, _YOU), **values)


def _step(show: Show, command: str, why: str) -> None:
    show(Text(), Rule(characters="-"))
    show(Text(f"$ picks {command}", style="bold green"), Text(f"# {why}", style="dim"), Text())


def _print(show: Show, view: str, data: object) -> None:
    show(VIEWS[view](data, ZoneInfo("UTC")))


def _now() -> datetime:
    return datetime.now(UTC)
