"""A database in which everything has happened once, at fixed moments, and what every command says of it in JSON.

The commands run in this process with a clock that stands still. Threads go out through platforms in memory, which fail
as ordered; all else is done by the commands themselves.
"""

import json
import logging
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
import time_machine
from pydantic import SecretStr
from typer.testing import CliRunner

import ranking_samples
import sample_feeds
from bot.app import App
from bot.curation import decisions
from bot.curation.context import Context, Edits
from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Quote
from bot.interfaces.cli.program import cli
from bot.interfaces.heartbeat import beat
from bot.platforms.memory import MemoryPublisher, Moment
from bot.platforms.publisher import ReplyRefusedError
from bot.publishing.retract import retract
from bot.publishing.sender import Outbox, deliver_due
from bot.ranking.model import Calibration, Counts, Model
from bot.settings import Settings
from bot.store.learning_tables import WeightsRow
from feed_server import FeedServer
from sample_api import ApiPaper

MORNING: Final = datetime(2026, 2, 17, 6, 30, tzinfo=UTC)
ADA: Final = Actor("ada", "shell")
QUOTED: Final = "https://bsky.app/profile/one.example/post/3kabc"
NOTE: Final = " ".join(f"This is sentence number {number}, which says nothing new at all." for number in range(1, 9))
CONFIG: Final = """
title = "Sample"
[feeds]
categories = ["cs.CL", "cs.LG"]
[ranking.words]
"probing" = 2.0
"steering" = 1.0
[ranking.authors]
"A. Watched" = 3.0
[queue]
size = 12
threshold = 0.001
[posting]
platforms = ["bluesky", "x", "console"]
time_zone = "Europe/Berlin"
days = ["mon", "tue", "wed", "thu", "fri"]
times = ["10:00", "16:00"]
daily_cap = 6
[thread]
form = "title"
hashtags = ["sample"]
note_limit = 2000
[card]
on_bluesky = false # a picture's bytes, and with them the fingerprints, are those of one version of its library
[x]
pause_seconds = 0
"""
_ENVIRONMENT: Final = {
    "COLUMNS": "80",
    "LANG": "C.UTF-8",
    "DATABASE_URL": "sqlite:///picks.db",
    "PICKS_DATA": ".",
    "PICKS_CONFIG": "config",
    "PICKS_CURATOR": "ada",
    "BLUESKY_SERVICE": "http://127.0.0.1:9",
    "BLUESKY_HANDLE": "picks.test",
    "BLUESKY_APP_PASSWORD": "password",
    "X_CONSUMER_KEY": "key",
    "X_CONSUMER_SECRET": "key-secret",
    "X_ACCESS_TOKEN": "1234567-token",
    "X_ACCESS_TOKEN_SECRET": "token-secret",
    "X_API_URL": "http://127.0.0.1:9",
}
_CHANCE: Final = {
    re.compile(r"console:[0-9a-f]{16}"): "console:0123456789abcdef",
    re.compile(r"127\.0\.0\.1:\d{3,5}/rss"): "127.0.0.1:80/rss",
}
"""The console's ids and a local server's port are drawn by chance."""

_LIKED: Final = tuple(f"2602.{number:05}" for number in range(1, 11))


@dataclass
class Scene:
    """A folder with a channel and a database; ``said`` is what the commands said, by the name of the golden file."""

    folder: Path
    clock: time_machine.Traveller
    as_json: bool = True
    said: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=lambda: dict(_ENVIRONMENT))

    def run(self, *words: str, name: str = "", exit_code: int = 0) -> None:
        """Run a command; with a name its answer is kept."""
        given = [*words, "--json"] if name and self.as_json else list(words)
        random.seed(0)  # spreads next tries
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        try:
            result = CliRunner().invoke(cli, given, env=self.environment, catch_exceptions=False)
        finally:
            # A command sets up the log of its process, and other tests run in this one.
            structlog.reset_defaults()
            root.handlers[:] = handlers
            root.setLevel(level)
        assert result.exit_code == exit_code, (given, result.output)
        if name:
            self.said[name] = _without_chance(result.stdout)

    def at(self, moment: datetime) -> None:
        """Set the clock."""
        self.clock.move_to(moment, tick=False)


def tell(folder: Path, *, as_json: bool = True) -> Mapping[str, str]:
    """Play the scene in an empty folder; return what each command printed."""
    with ExitStack() as stack:
        stack.enter_context(chdir(folder))
        clock = stack.enter_context(time_machine.travel(MORNING, tick=False))
        scene = Scene(folder, clock, as_json)
        _lay_out(folder)
        scene.run("db", "upgrade")
        _papers_come_in(scene)
        _curators_decide(scene)
        _threads_go_out(scene)
        _people_look(scene)
        _threads_come_down(scene)
        _files_are_judged(scene)
        return scene.said


def _without_chance(text: str) -> str:
    for pattern, instead in _CHANCE.items():
        text = pattern.sub(instead, text)
    return text


def _lay_out(folder: Path) -> None:
    (folder / "config").mkdir()
    (folder / "config" / "sample.toml").write_text(CONFIG, "utf-8")
    (folder / "cs-cl.xml").write_bytes(sample_feeds.rss(*_entries()))
    (folder / "cs-lg.xml").write_bytes(sample_feeds.rss(*_entries(), category="cs.LG"))
    for name, feed in (
        ("stale.xml", sample_feeds.rss(*_entries(), category="cs.LG")),
        ("next.xml", sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00020", title="Grasping"))),
    ):
        (folder / name).write_bytes(feed.replace(b"Tue, 17 Feb 2026", b"Wed, 18 Feb 2026"))
    known = [
        {"arxiv_id": "2602.00012", "title": "Cooking with Probes", "announced": "2026-02-16"},
        {"title": "nothing"},
    ]
    (folder / "known.jsonl").write_text("".join(json.dumps(item) + "\n" for item in known), "utf-8")
    examples = list(ranking_samples.examples(12))
    listed = [
        {
            "arxiv_id": str(item.paper.arxiv_id),
            "title": item.paper.title,
            "abstract": item.paper.abstract,
            "authors": list(item.paper.authors),
            "categories": list(item.paper.categories),
            "announce_type": "new",
            "announced": item.day.isoformat(),
        }
        for item in examples
    ]
    wanted = [{"arxiv_id": str(item.paper.arxiv_id)} for item in examples if item.label.wanted]
    (folder / "papers.jsonl").write_text("".join(json.dumps(item) + "\n" for item in listed), "utf-8")
    chosen = [*wanted[:8], {"arxiv_id": "2601.99999"}]
    (folder / "picks.jsonl").write_text("".join(json.dumps(item) + "\n" for item in chosen), "utf-8")
    (folder / "related.jsonl").write_text("".join(json.dumps(item) + "\n" for item in wanted[8:]), "utf-8")


def _entries() -> Iterator[sample_feeds.Item]:
    subjects = ("heads", "features", "neurons", "circuits", "layers", "tokens", "numbers", "facts", "grammar", "truth")
    for arxiv_id, subject in zip(_LIKED, subjects, strict=True):
        yield sample_feeds.Item(
            arxiv_id=arxiv_id,
            title=f"Probing for {subject}: $\\mu$-probes [bold]now[/bold]",
            abstract=f"We find {subject} by probing, also in Zoë's “models” of {subject}.",
            creator="A. Watched, B. Två" if subject == "heads" else "A. One, B. Two",
            categories=("cs.CL", "cs.LG"),
        )
    yield sample_feeds.Item(arxiv_id="2602.00011", title="Steering", abstract="Steering by vectors.")
    yield sample_feeds.Item(arxiv_id="2602.00012", title="Cooking with Probes", abstract="Probes for cooks.")
    yield sample_feeds.Item(
        arxiv_id="2602.00013", title="Probing, Taken Back", abstract="This paper has been withdrawn by the authors."
    )
    yield sample_feeds.Item(arxiv_id="2601.00002", version=2, type="replace", title="Old Probes")


def _papers_come_in(scene: Scene) -> None:
    scene.run("fetch", "cs-cl.xml", "cs-lg.xml", name="fetch")
    scene.run("fetch", "cs-cl.xml", "missing.xml", name="fetch-known-and-missing", exit_code=1)
    scene.at(MORNING + timedelta(days=1))
    scene.run("fetch", "stale.xml", "next.xml", name="fetch-stale")
    with FeedServer().running() as server:
        late = datetime(2026, 2, 17, 15, tzinfo=UTC)
        server.papers = [ApiPaper("2602.00021", late, "Probing, Found Late", categories=("cs.LG",))]
        server.bodies = {"cs.CL": Path("next.xml").read_bytes(), "cs.LG": Path("stale.xml").read_bytes()}
        scene.environment |= {"ARXIV_API_URL": server.url, "ARXIV_RSS_URL": server.url, "ARXIV_API_PAUSE": "0"}
        scene.run("fetch", "--since", "2026-02-18", name="fetch-since")


def _curators_decide(scene: Scene) -> None:
    scene.at(MORNING + timedelta(days=1, hours=1))
    scene.run("import", "known.jsonl", name="import", exit_code=1)
    scene.run("queue", name="queue")
    scene.run("queue", "--state", "held", name="queue-empty")
    scene.run("digest", "--day", "2026-02-17", name="digest")
    scene.run("digest", "--day", "2026-02-16", name="digest-nothing")
    scene.run("show", "1", name="show-queued")
    scene.run("show", "2601.00002", name="show-no-candidate")
    scene.run("preview", "2602.00003", name="preview-draft")
    scene.run("note", "2602.00003", NOTE, "--code", "https://example.org/code", name="note")
    scene.run("approve", "2602.00003", "--thread", "https://x.com/one/status/17", name="approve")
    scene.run("approve", "2602.00004", "--note", "Short.", "--at", "2026-02-20 10:00", name="approve-at")
    scene.run("reject", "2602.00008", "--reason", "[b]seen[/b]", name="reject")
    scene.run("hold", "2602.00009", "--until", "2026-03-02", name="hold")
    scene.run("approve", "2602.00010", "--note", "Changed my mind.")
    scene.run("undo", "2602.00010", name="undo")
    scene.run("preview", "2602.00003", name="preview-frozen")
    scene.run("publish", "--dry-run", name="dry-run-nothing")
    app = _app(scene)
    for arxiv_id in _LIKED[:2] + _LIKED[4:7]:
        own_words = NOTE.replace("number", f"row {arxiv_id[-2:]}")  # X takes no words twice
        edits = Edits(
            note=f"{own_words} It is about {arxiv_id}.", thread_url=QUOTED, code_url="https://example.org/code"
        )
        decisions.approve(_context(app), arxiv_id, edits, at=app.clock())
    app.close()
    scene.run("preview", "2602.00001", name="preview-card-and-quote")
    scene.run("publish", "--dry-run", name="dry-run")


def _threads_go_out(scene: Scene) -> None:
    """Send five picks: one well, one half and then as its single post, one lost, one refused, one that waits."""
    app = _app(scene)
    account = next(item.name for name, item in app.accounts(app.channel(None)).items() if name is Platform.X)
    bluesky, x = MemoryPublisher(Platform.BLUESKY), _known_on_x(account)
    outbox = _outbox(app, {Platform.BLUESKY: bluesky, Platform.X: x})
    one, two, five, six, seven = *_LIKED[:2], *_LIKED[4:7]
    deliver_due(outbox, channels=["sample"], arxiv_id=one)
    x.fail(Moment.BEFORE, None, ReplyRefusedError("X does not let the account reply"))
    bluesky.fail(Moment.BEFORE, PermanentError("the server wants no such post; reword the note"))
    deliver_due(outbox, channels=["sample"], arxiv_id=two)
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer from X"))
    x.fail(Moment.FIND, UnknownOutcomeError("no answer from X again"))
    deliver_due(outbox, channels=["sample"], arxiv_id=five)
    scene.at(MORNING + timedelta(days=1, hours=1, minutes=1))
    x.fail(Moment.BEFORE, *[TransientError("X is busy")] * 3)
    bluesky.fail(Moment.BEFORE, TransientError("the server is busy"))
    for _ in range(3):
        deliver_due(outbox, channels=["sample"], arxiv_id=six)
    scene.run("status", name="status-in-trouble")
    scene.run("publish", "2602.00002", "--single", name="publish-single-not-possible", exit_code=1)
    scene.at(MORNING + timedelta(days=1, hours=2))
    deliver_due(outbox, channels=["sample"], arxiv_id=two, single=True)
    app.close()
    scene.run("publish", seven, name="publish", exit_code=1)


def _known_on_x(account: str | None) -> MemoryPublisher:
    """Return the account of the environment's token, whose number is a part of its name."""
    name = account or ""
    return MemoryPublisher(Platform.X, account=name, account_id=name.rpartition("/")[2])


def _people_look(scene: Scene) -> None:
    scene.run("healthcheck", name="healthcheck-no-worker", exit_code=1)
    app = _app(scene)
    beat(app.database, "w1", started_at=MORNING, now=app.clock(), failing="poll, publish")
    scene.run("healthcheck", name="healthcheck-failing", exit_code=1)
    beat(app.database, "w1", started_at=MORNING, now=app.clock())
    scene.run("queue", name="queue-with-likes")
    for arxiv_id in _LIKED:
        scene.run("show", arxiv_id, name=f"show-{arxiv_id[-2:]}")
    scene.run("why", "2602.00003", name="why-words")
    with app.database.transaction() as session:
        session.add(_weights())
    app.close()
    scene.run("why", "2602.00001", name="why-learned")
    scene.run("why", "2602.00012", name="why-no-candidate")
    scene.run("healthcheck", name="healthcheck")
    scene.run("status", name="status")
    scene.run("history", name="history")
    scene.run("log", "--limit", "5", name="log")
    scene.run("search", "probing", "--limit", "5", name="search")
    scene.run("search", "nowhere", name="search-nothing")
    scene.run("similar", "2602.00003", "--limit", "3", name="similar")


def _threads_come_down(scene: Scene) -> None:
    app = _app(scene)
    account = next(item.name for name, item in app.accounts(app.channel(None)).items() if name is Platform.X)
    known = {Platform.BLUESKY: MemoryPublisher(Platform.BLUESKY), Platform.X: _known_on_x(account)}
    retract(_outbox(app, known), app.channel(None), "2602.00001", actor=ADA)
    app.close()
    scene.run("resolve", "2602.00002", "--give-up", "--platform", "bluesky", name="resolve")
    scene.environment |= dict.fromkeys((name for name in _ENVIRONMENT if name.startswith(("BLUESKY_", "X_"))), "")
    scene.run("retract", "2602.00005", name="retract", exit_code=1)
    scene.run("show", "2602.00001", name="show-retracted")
    scene.run("status", name="status-after-retractions")
    for platform in ("x", "console"):
        scene.run("resolve", "2602.00006", "--give-up", "--platform", platform)
    scene.run("correct", "2602.00006", "--note", "Corrected words.", "--form", "reply", name="correct")


def _files_are_judged(scene: Scene) -> None:
    files = ("backtest", "--listings", "papers.jsonl", "--picks", "picks.jsonl", "--related", "related.jsonl")
    (scene.folder / "weights.json").write_text(_model(date(2026, 1, 6)).to_json(), "utf-8")
    scene.run(*files, "--model", "words", name="backtest-words")
    scene.run(*files, "--model", "weights.json", "--from", "2026-01-08", name="backtest-weights")
    scene.run(*files, "--learn", name="backtest-learn")
    scene.run("train", *files[1:], "--out", "trained.json", name="train")
    scene.said["train"] = re.sub(r'("digest": "|"weights": )[0-9a-f]+', r"\1...", scene.said["train"])


def _app(scene: Scene) -> App:
    """Return the application as the commands have it; close it after use."""
    settings = Settings.model_construct(
        database_url=SecretStr(scene.environment["DATABASE_URL"]), config=Path("config"), data=Path(), curator=ADA.name
    )
    return App(settings, environ=scene.environment)


def _context(app: App) -> Context:
    quote = Quote(QUOTED, "at://did:plc:one/app.bsky.feed.post/3kabc", "bafyone")
    context = app.context(app.channel(None), ADA)
    return replace(context, resolve_quote=lambda _: quote)


def _outbox(app: App, publishers: Mapping[Platform, MemoryPublisher]) -> Outbox:
    return Outbox(
        database=app.database,
        publisher_for=lambda _, platform: publishers.get(platform),
        clock=app.clock,
        sleep=lambda _: False,
        worker="w1",
        jitter=lambda: 1.0,
    )


def _weights() -> WeightsRow:
    model = _model(date(2026, 2, 17))
    return WeightsRow(
        channel="sample",
        digest=model.digest,
        trained_at=MORNING,
        trained_until=model.trained_until,
        content=model.to_json(),
    )


def _model(until: date) -> Model:
    return Model(
        created=until,
        trained_until=until,
        data=Counts(pick=4, related=2, approved=1, unlabelled=93),
        calibration=Calibration(bias=-6.0, words=0.95, authors=0.5),
        vocabulary=("probing", "heads", "circuits", "patching", "cooking"),
        idf=(4.0, 6.0, 5.0, 6.0, 7.0),
        coefficients=(1.5, 4.0, 2.0, 1.0, -2.0),
        authors={"a. watched": 1.0},
    )
