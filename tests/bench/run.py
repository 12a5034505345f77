"""What things cost, each as a ratio against a yardstick measured in the same run.

Run with ``make bench``. CPU seconds, the best of several rounds; the ratio is what can be compared between machines.
"""

import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import feedparser

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import bluesky_batch

import sample_feeds
from bot.arxiv import entries
from bot.arxiv.feeds import parse
from bot.domain.channel_sections import ThreadStyle, XRules
from bot.domain.channels import Channel, load_channel
from bot.domain.papers import ArxivId
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, body_digest, ingest, recognise
from bot.store.database import Database
from bot.store.schema import upgrade
from bot.threads.draft import Draft
from bot.threads.measure import graphemes
from composing import compose

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 3
STARTS = 10
ENTRIES = 2000
START = "import sqlmodel"
COMPLETION = {"_PICKS_COMPLETE": "complete_bash", "COMP_WORDS": "picks qu", "COMP_CWORD": "1"}
CHANNEL = """
title = "Bench"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.001
[posting]
platforms = ["bluesky", "x"]
time_zone = "UTC"
[ranking.words]
"prob*" = 3.0
"""
NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
NOTE = " ".join(f"Sentence number {number} of this note says a little, e.g. about cs.CL." for number in range(1, 8))


@dataclass(frozen=True)
class Row:
    """One measurement beside its yardstick, in CPU seconds."""

    what: str
    seconds: float
    yardstick: str
    against: float


def cpu(work: Callable[[], object], *, rounds: int = ROUNDS) -> float:
    """Return the CPU seconds of the fastest round."""
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def feed() -> bytes:
    """Return a feed of 2,000 entries, one in four with TeX."""
    texts = ("Probing $\\alpha$-models with 99\\% recall by Poincar\\'e", "An abstract in plain words.")
    items = [
        sample_feeds.Item(
            arxiv_id=f"2602.{number:05}",
            title=f"Paper {number}: {texts[number % 4 != 0]}",
            abstract=(texts[number % 4 != 0] + " ") * 20,
            creator="A. One (Example University), B. Two, Andr\\'e Three",
            categories=("cs.CL", "cs.LG"),
        )
        for number in range(1, ENTRIES + 1)
    ]
    return sample_feeds.rss(*items)


def papers_in(channel: Channel) -> list[Row]:
    """Measure the way of a large feed into the store against parsing alone."""
    body = feed()
    yardstick = "feedparser.parse alone"
    alone = cpu(lambda: feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False))
    with tempfile.TemporaryDirectory() as folder:
        names = iter(range(100))

        def unread() -> None:
            entries.plain.cache_clear()
            entries._split.cache_clear()
            parse(body, source="bench")

        def fresh() -> None:
            entries.plain.cache_clear()
            entries._split.cache_clear()
            database = Database(f"sqlite:///{folder}/{next(names)}.db")
            upgrade(database)
            take(database)
            database.close()

        def empty() -> None:
            database = Database(f"sqlite:///{folder}/{next(names)}.db")
            upgrade(database)
            database.close()

        def take(database: Database, content: bytes = body) -> None:
            digest = body_digest(content)
            if seen := recognise(database, digest, source="bench"):
                ingest(database, [], channels=[channel], now=NOW, known=[seen])
                return
            capture = Capture(parse(content, source="bench"), "bench", digest)
            ingest(database, [capture], channels=[channel], now=NOW)

        moments = iter(range(10, 60))

        def rebuilt() -> None:
            take(known, body.replace(b"05:00:03", f"05:00:{next(moments)}".encode()))

        known = Database(f"sqlite:///{folder}/known.db")
        upgrade(known)
        take(known)
        rows = [
            Row(f"parse and make plain {ENTRIES:,} entries", cpu(unread), yardstick, alone),
            Row(f"ingest {ENTRIES:,} new entries", cpu(fresh) - cpu(empty), yardstick, alone),
            Row("ingest the same bytes again", cpu(lambda: take(known)), yardstick, alone),
            Row("ingest the same entries, built again", cpu(rebuilt), yardstick, alone),
        ]
        known.close()
    return rows


def threads_out() -> list[Row]:
    """Measure composing a thread against counting the graphemes of its note once."""
    draft = Draft(ArxivId("2602.00001"), "A Paper", "An abstract.", ("A. One", "B. Two"), NOTE)
    style, rules = ThreadStyle(), XRules()
    count = cpu(lambda: [len(graphemes(NOTE)) for _ in range(100)])
    return [
        Row(
            f"compose 100 threads for {platform}",
            cpu(lambda: [compose(draft, platform, style=style, x_rules=rules) for _ in range(100)]),  # noqa: B023
            "count their notes' graphemes",
            count,
        )
        for platform in (Platform.BLUESKY, Platform.X)
    ]


def start_up() -> list[Row]:
    """Measure whole commands, as processes, against the import of the library that none of ours can be faster than."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        picks = partial(children, folder, str(Path(sys.executable).with_name("picks")))
        (folder / "config").mkdir()
        (folder / "config" / "bench.toml").write_text(CHANNEL, "utf-8")
        (folder / "feed.xml").write_bytes(feed())
        picks("db", "upgrade")
        picks("fetch", "feed.xml")
        runs: dict[str, Callable[[], float]] = {
            START: lambda: children(folder, sys.executable, "-c", START),
            "picks queue": lambda: picks("queue"),
            "picks queue --json": lambda: picks("queue", "--json"),
            "picks --help": lambda: picks("--help"),
            "picks --version": lambda: picks("--version"),
            "completion of picks qu": lambda: picks(**COMPLETION),
            "picks with an unknown command": lambda: picks("frobnicate"),
            "picks show without its argument": lambda: picks("show"),
        }
        times = [[run() for run in runs.values()] for _ in range(STARTS)]  # in turns: what disturbs one disturbs all
    against, *others = (statistics.median(column) for column in zip(*times, strict=True))
    return [Row(what, own, START, against) for what, own in zip(list(runs)[1:], others, strict=True)]


def children(folder: Path, *words: str, **env: str) -> float:
    """Run a command; return the CPU seconds of user and system that it took."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        words,
        cwd=folder,
        env={**kept, "LANG": "C.UTF-8", "PICKS_DATA": str(folder / "data"), **env},
        capture_output=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure everything and print the table."""
    channel = load_channel(ROOT / "config" / "interpretability.toml")
    counted = f"CPU seconds, best of {ROUNDS}, of commands the median of {STARTS}"
    print(f"{datetime.now(UTC).date()}, Python {sys.version.split()[0]}; {counted}")
    print(f"{'what':<40} {'seconds':>8}  {'ratio':>6}  yardstick")
    for row in [*papers_in(channel), *threads_out(), *start_up()]:
        ratio = row.seconds / row.against
        print(f"{row.what:<40} {row.seconds:8.3f}  {ratio:5.2f}x  {row.yardstick} ({row.against:.3f})")
    bluesky_batch.report()


if __name__ == "__main__":
    main()
