"""What looking costs with a million papers and 20 channels, as a ratio against ten thousand papers.

Run with ``make bench`` (``SIZE=200000`` takes another number), or ``python tests/bench/scale.py 200000 postgres``.
Counted are CPU seconds on SQLite, and those that pass on PostgreSQL, whose server works elsewhere: the best of several
rounds that take turns between the two databases. Both get as many papers a day, so that a million are seven years, and
each channel has the same open queue: what grows is what lies behind it. The looks are measured in a process that has
loaded everything, and as whole commands. The upgrade from the version before the index, and what a writing transaction
pays for asking the database's version, are measured beside them.
"""

import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session

from bot.curation.search import search
from bot.domain.channels import Channel
from bot.domain.papers import AnnounceType
from bot.domain.states import CandidateState
from bot.interfaces.views.candidates import queue
from bot.interfaces.views.status import status
from bot.store.database import Database
from bot.store.schema import upgrade
from bot.store.tables import METADATA

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from harness_store import running_postgres

SMALL, LARGE, CHANNELS, OPEN, ROUNDS, PORTION, A_DAY = 10_000, 1_000_000, 20, 40, 7, 5_000, 385
NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
SYLLABLES = (
    "ba",
    "de",
    "fi",
    "go",
    "lu",
    "mar",
    "nes",
    "pro",
    "ti",
    "vor",
    "sta",
    "ken",
    "ra",
    "so",
    "lin",
    "pe",
    "qu",
)
WORDS = ["".join(random.Random(number).choices(SYLLABLES, k=2 + number % 4)) for number in range(5_000)]
USUAL = [1 / (rank + 3) for rank in range(len(WORDS))]
"""As in any language: some words are in most texts, most words in few."""

COMMON, MIDDLING, RARE = WORDS[5], WORDS[400], "zyxomatic"
BEFORE = "0024"
PICKS = Path(sys.executable).with_name("picks")

Row = dict[str, Any]


def channel_file(number: int) -> str:
    """Return the text of a channel file."""
    return f"""
title = "Channel {number}"
[feeds]
categories = ["cs.CL", "cs.LG"]
[ranking.words]
{COMMON} = 2.0
[posting]
platforms = ["bluesky", "x"]
time_zone = "UTC"
times = ["10:00"]
"""


def channel(number: int) -> Channel:
    """Return one of the channels."""
    return Channel.model_validate({"name": f"c{number:02}", **tomllib.loads(channel_file(number))})


def papers(many: int) -> Iterator[Row]:
    """Yield papers, the newest last; a dozen have a rare word, one in seven an author with an accent."""
    dice = random.Random(1)
    for number in range(many):
        day = NOW.date() - timedelta(days=(many - number) // A_DAY)
        yield {
            "arxiv_id": f"{number // 90_000:04}.{number % 90_000:05}",
            "version": 1,
            "title": " ".join(dice.choices(WORDS, USUAL, k=8)),
            "abstract": " ".join(dice.choices(WORDS, USUAL, k=100))
            + (f" {RARE}" if number % (many // 12) == 7 else ""),
            "authors": ["A. One", "Zoë Two" if number % 7 == 0 else "B. Two"],
            "categories": ["cs.CL"],
            "announced": day,
            "text_day": day,
            "first_seen_at": NOW,
            "backfilled": False,
            "withdrawn": False,
        }


def candidates(many: int) -> Iterator[Row]:
    """Yield what lies in the queues: in each the same few open ones, and one in 50 papers behind them."""
    for owner in range(CHANNELS):
        chosen = [*range(owner, many - OPEN, 50), *range(many - OPEN, many)]
        for number in chosen:
            is_open = number >= many - OPEN
            yield {
                "channel": f"c{owner:02}",
                "arxiv_id": f"{number // 90_000:04}.{number % 90_000:05}",
                "announced": date(2026, 2, 16),
                "score": number / many,
                "reasons": [COMMON],
                "state": CandidateState.QUEUED if is_open else CandidateState.EXPIRED,
                "queued_at": NOW,
                "by_hand": False,
            }


def batches(many: int) -> Iterator[Row]:
    """Yield the batches that announced the papers."""
    for number in range(_days(many)):
        yield {
            "id": number + 1,
            "feed": "cs.CL",
            "day": NOW.date() - timedelta(days=number),
            "digest": str(number),
            "built_at": NOW,
            "ingested_at": NOW,
            "source": "bench",
            "items": A_DAY,
            "new_papers": A_DAY,
            "updated_papers": 0,
            "health": "good",
            "reason": "",
            "origin": "feed",
            "cut_off": False,
            "odd": [],
            "thinned": False,
        }


def feed_days(many: int) -> Iterator[Row]:
    """Yield what became of each feed on each day."""
    for number in range(_days(many)):
        for feed in ("cs.CL", "cs.LG"):
            day = NOW.date() - timedelta(days=number)
            yield {"feed": feed, "day": day, "health": "fresh", "reason": "", "tries": 0, "asked": 0}


def _days(many: int) -> int:
    return many // A_DAY + 1


def announcements(many: int) -> Iterator[Row]:
    """Yield an entry for each paper."""
    for number in range(many):
        yield {
            "batch_id": 1 + (many - number) // A_DAY,
            "arxiv_id": f"{number // 90_000:04}.{number % 90_000:05}",
            "type": AnnounceType.NEW,
            "version": 1,
        }


def seed(database: Database, many: int) -> float:
    """Fill an empty database of the version before the index, upgrade it, and return the upgrade's CPU seconds."""
    upgrade(database, revision=BEFORE)
    rows = {
        "papers": papers(many),
        "batches": batches(many),
        "announcements": announcements(many),
        "feed_days": feed_days(many),
        "candidates": candidates(many),
    }
    for name, source in rows.items():
        portion: list[Row] = []
        with database.connection() as connection:
            for row in source:
                portion.append(row)
                if len(portion) == PORTION:
                    connection.execute(insert(METADATA.tables[name]), portion)
                    portion = []
            if portion:
                connection.execute(insert(METADATA.tables[name]), portion)
    begun = time.process_time()
    upgrade(database)
    return time.process_time() - begun


@dataclass(frozen=True)
class Kind:
    """A kind of database, and what is counted there, in seconds: in this process, and for whole commands."""

    name: str
    counted: str
    here: Callable[[], float]
    of_commands: Callable[[], float]

    @contextmanager
    def empty(self) -> Iterator[tuple[str, str]]:
        """Yield the addresses of two empty databases."""
        if self.name == "postgres":
            with running_postgres() as cluster:
                yield cluster.create_database(), cluster.create_database()
            return
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/small.db", f"sqlite:///{folder}/large.db"

    def size(self, database: Database) -> float:
        """Return the bytes of a database; PostgreSQL counts its rows then, as its autovacuum would."""
        with database.connection() as connection:
            if self.name == "postgres":
                connection.execute(text("ANALYZE"))
                return float(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
            asked = text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
            return float(connection.execute(asked).scalar_one())


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


KINDS = {
    "sqlite": Kind("sqlite", "CPU milliseconds", time.process_time, _of_children),
    "postgres": Kind("postgres", "milliseconds", time.perf_counter, time.perf_counter),
}


def cost(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds of one round."""
    begun = clock()
    work()
    return clock() - begun


def looks(database: Database) -> dict[str, Callable[[], object]]:
    """Return what people look at, in this process."""
    own = channel(7)

    def find(*words: str) -> Callable[[], object]:
        return lambda: search(database, own, words, limit=20)

    return {
        "queue": lambda: queue(database, own, state=CandidateState.QUEUED, limit=20),
        "status": lambda: status(database, own, accounts={}, now=NOW),
        "search, a common word": find(COMMON),
        "search, two words of the middle": find(COMMON, MIDDLING),
        "search, a word of a dozen papers": find(RARE),
        "search, a name with an accent": find("zoe"),
        "search, an arXiv id": find("0000.00007"),
    }


def commands(address: str, folder: Path) -> dict[str, Callable[[], object]]:
    """Return whole commands."""
    for number in range(CHANNELS):
        (folder / f"c{number:02}.toml").write_text(channel_file(number), "utf-8")
    asked = {
        "picks queue": ("queue", "--channel", "c07"),
        "picks status": ("status", "--channel", "c07"),
        "picks status, all channels": ("status",),
        "picks search": ("search", "--channel", "c07", COMMON, MIDDLING),
    }
    env = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": address,
        "LANG": "C.UTF-8",
        "PICKS_DATA": str(folder),
    }

    def runner(words: tuple[str, ...]) -> Callable[[], object]:
        return lambda: subprocess.run((PICKS, "--config", folder, *words), env=env, capture_output=True, check=True)

    return {name: runner(words) for name, words in asked.items()}


def in_turns(*works: Callable[[], float]) -> list[float]:
    """Return the best of several rounds of each; they take turns, so what disturbs one disturbs all."""
    rounds = [[work() for work in works] for _ in range(ROUNDS)]
    return [min(column) for column in zip(*rounds, strict=True)]


def version_check(database: Database, *, times: int = 300) -> None:
    """Print what a writing transaction pays for asking the database's version."""
    change = text("UPDATE turns SET free_at = free_at WHERE service = 'none'")

    def checked() -> None:
        for _ in range(times):
            with database.transaction() as session:
                session.execute(change)

    def unchecked() -> None:
        for _ in range(times):
            with Session(database._engine, expire_on_commit=False) as session, session.begin():
                session.execute(change)

    with_it, without = in_turns(lambda: cost(checked), lambda: cost(unchecked))
    print(
        f"a writing transaction: {with_it / times * 1e6:.0f} µs, {(with_it - without) / times * 1e6:.0f} µs of it ask ",
        end="",
    )
    print(f"for the version ({with_it / without:.2f}x)")


def report(many: int = LARGE, kind: Kind = KINDS["sqlite"]) -> None:
    """Measure both and print the table."""
    with kind.empty() as addresses, tempfile.TemporaryDirectory() as folder:
        small, large = databases = [Database(address) for address in addresses]
        _, upgrade_took = (seed(database, number) for database, number in ((small, SMALL), (large, many)))
        print(f"upgrade of {many:,} papers to the index: {upgrade_took:.0f} CPU seconds of this process")
        kind.size(small)
        print(f"the database has {kind.size(large) / 1e6:,.0f} MB")
        title = f"{CHANNELS} channels, {kind.name}; {kind.counted}"
        print(f"{title:<40} {SMALL:>9,} {many:>11,}  ratio; load {os.getloadavg()[0]:.1f}")
        for name, works in _pairs(*(looks(database) for database in databases)):
            _row(name, [partial(cost, work, kind.here) for work in works])
        for name, works in _pairs(*(commands(address, Path(folder)) for address in addresses)):
            _row(name, [partial(cost, work, kind.of_commands) for work in works])
        if kind.name == "sqlite":
            version_check(small)
        for database in databases:
            database.close()


Works = dict[str, Callable[[], object]]


def _pairs(small: Works, large: Works) -> Iterator[tuple[str, list[Callable[[], object]]]]:
    for name, work in small.items():
        yield name, [work, large[name]]


def _row(name: str, works: Sequence[Callable[[], float]]) -> None:
    seconds = in_turns(*works)
    print(f"{name:<40} {seconds[0] * 1e3:9.1f} {seconds[1] * 1e3:11.1f}  {seconds[1] / seconds[0]:5.2f}x", flush=True)


if __name__ == "__main__":
    number, *named = sys.argv[1:] or [str(LARGE)]
    report(int(number), KINDS[named[0] if named else "sqlite"])
