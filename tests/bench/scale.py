"""What looking costs with a million papers and 20 channels, as a ratio against ten thousand papers.

Run with ``make bench``; ``python tests/bench/scale.py 200000`` takes another number. CPU seconds, the best of several
rounds, on SQLite. Each channel has the same open queue in both: what grows is what lies behind it.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.curation.search import search
from bot.domain.channels import Channel
from bot.domain.papers import AnnounceType
from bot.domain.states import CandidateState
from bot.interfaces.views.candidates import queue
from bot.interfaces.views.status import status
from bot.store.database import Database
from bot.store.schema import upgrade
from bot.store.tables import METADATA

SMALL, LARGE, CHANNELS, OPEN, ROUNDS, PORTION = 10_000, 1_000_000, 20, 40, 3, 5_000
NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(5_000)]

Row = dict[str, Any]


def channel(number: int) -> Channel:
    """Return one of the channels."""
    sections: Row = {
        "title": f"Channel {number}",
        "feeds": {"categories": ["cs.CL", "cs.LG"]},
        "ranking": {"words": {"word7": 2.0}},
        "posting": {"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]},
    }
    return Channel.model_validate({"name": f"c{number:02}", **sections})


def papers(many: int) -> Iterator[Row]:
    """Yield papers, a few hundred a day, the newest last."""
    dice = random.Random(1)
    for number in range(many):
        day = NOW.date() - timedelta(days=(many - number) // 400)
        yield {
            "arxiv_id": f"{number // 90_000:04}.{number % 90_000:05}",
            "version": 1,
            "title": " ".join(dice.choices(WORDS, k=8)),
            "abstract": " ".join(dice.choices(WORDS, k=100)),
            "authors": ["A. One", "B. Two"],
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
                "reasons": ["word7"],
                "state": CandidateState.QUEUED if is_open else CandidateState.EXPIRED,
                "queued_at": NOW,
                "by_hand": False,
            }


def batches(many: int) -> Iterator[Row]:
    """Yield the batches that announced the papers."""
    for number in range(max(1, many // 400)):
        yield {
            "id": number + 1,
            "feed": "cs.CL",
            "day": NOW.date() - timedelta(days=number),
            "digest": str(number),
            "built_at": NOW,
            "ingested_at": NOW,
            "source": "bench",
            "items": 400,
            "new_papers": 400,
            "updated_papers": 0,
            "health": "good",
            "reason": "",
            "origin": "feed",
            "cut_off": False,
            "odd": [],
            "thinned": False,
        }


def announcements(many: int) -> Iterator[Row]:
    """Yield an entry for each paper."""
    last = max(1, many // 400)
    for number in range(many):
        yield {
            "batch_id": min(last, 1 + (many - number) // 400),
            "arxiv_id": f"{number // 90_000:04}.{number % 90_000:05}",
            "type": AnnounceType.NEW,
            "version": 1,
        }


def seed(database: Database, many: int) -> None:
    """Fill an empty database."""
    upgrade(database)
    rows = {
        "papers": papers(many),
        "batches": batches(many),
        "announcements": announcements(many),
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


def cost(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest round."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def measure(many: int, folder: Path) -> dict[str, float]:
    """Return what each look costs with so many papers."""
    database = Database(f"sqlite:///{folder}/{many}.db")
    seed(database, many)
    own = channel(7)
    looks: dict[str, Callable[[], object]] = {
        "queue": lambda: queue(database, own, state=CandidateState.QUEUED, limit=20),
        "status": lambda: status(database, own, accounts={}, now=NOW),
        "search, two words": lambda: search(database, own, ["word7", "word8"], limit=20),
        "search, an arXiv id": lambda: search(database, own, ["0000.00007"], limit=20),
    }
    found = {name: cost(work) for name, work in looks.items()}
    database.close()
    return found


def report(many: int = LARGE) -> None:
    """Measure both and print the table."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = (measure(number, Path(folder)) for number in (SMALL, many))
    print(f"{CHANNELS} channels; {'CPU seconds':<24} {SMALL:>9,} {many:>11,}  ratio")
    for name, seconds in large.items():
        print(f"{name:<37} {small[name]:9.4f} {seconds:11.4f}  {seconds / small[name]:5.2f}x")


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE)
