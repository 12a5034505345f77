"""What an archive of 5,000 picks costs: seconds, bytes and memory. Run with ``make bench``; it takes some minutes.

The picks are invented: titles, notes and names of common words, five categories, four authors of some thousands each.
Each build runs in a process of its own, so that its memory can be told.
"""

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.archive.build import read_site, write
from bot.archive.cards import cards_of, no_cards
from bot.domain.channels import Channel, load_channel
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.schema import upgrade

ROOT = Path(__file__).resolve().parents[2]
PICKS = 5000
PEOPLE = 8000
CATEGORIES = ("cs.CL", "cs.LG", "cs.AI", "cs.CV", "stat.ML")
COMMON = (
    "attention head circuit neuron probing sparse autoencoder steering vector residual stream layer token "
    "feature model language transformer representation causal patching ablation faithful explanation "
    "knowledge editing recall syntax agreement number gender memory copying induction logit lens"
)
PAGES = "all pages, no cards"
WORDS = COMMON.split()
RARE = [f"{first}{second}" for first in ("morph", "poly", "trans", "inter", "meta", "para") for second in WORDS]


def fill(database: Database, channel: Channel, picks: int = PICKS) -> None:
    """Store invented picks, two a weekday."""
    chance = random.Random(5)
    first = date(2020, 1, 1)
    with database.transaction() as session:
        for number in range(picks):
            day = first + timedelta(days=number // 2)
            session.add(
                KnownPick(
                    channel=channel.name,
                    arxiv_id=f"{day:%y%m}.{number % 100_000:05}",
                    title=_words(chance, 9).title(),
                    day=day,
                    imported_at=datetime(2026, 2, 17, tzinfo=UTC),
                    note=". ".join(_words(chance, 14).capitalize() for _ in range(4)) + ".",
                    abstract=". ".join(_words(chance, 20).capitalize() for _ in range(8)) + ".",
                    authors=[f"{name % 90} Person {chr(65 + name % 26)}{name}" for name in _people(chance)],
                    categories=sorted(chance.sample(CATEGORIES, 2)),
                    thread_url="https://bsky.app/profile/example.org/post/3k",
                    code_url="https://example.org/code",
                )
            )


def _words(chance: random.Random, count: int) -> str:
    return " ".join([*chance.choices(WORDS, k=count - 2), *chance.choices(RARE, k=2)])


def _people(chance: random.Random) -> list[int]:
    return [int(PEOPLE * chance.random() ** 2) for _ in range(4)]


def one(what: str, folder: Path) -> None:
    """Build in this process, and print what it took as JSON."""
    channel = load_channel(ROOT / "config" / "interpretability.toml")
    database = Database(f"sqlite:///{folder / 'picks.db'}")
    begun, cpu = time.monotonic(), time.process_time()
    site = read_site(database, [channel])
    cards = no_cards if what == PAGES else cards_of(database, site.channels)
    written = write(site, folder / "site", stamp="bench", anew=what in {PAGES, "and all cards"}, cards=cards).written
    took = {"seconds": time.monotonic() - begun, "cpu": time.process_time() - cpu, "written": written}
    print(json.dumps({**took, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def publish_one(folder: Path) -> None:
    """Store one more pick, as a publication would."""
    database = Database(f"sqlite:///{folder / 'picks.db'}")
    channel = load_channel(ROOT / "config" / "interpretability.toml")
    with database.transaction() as session:
        session.add(
            KnownPick(
                channel=channel.name,
                arxiv_id="2612.00001",
                title="One more",
                day=date(2026, 12, 1),
                imported_at=datetime(2026, 12, 1, tzinfo=UTC),
                authors=["Ana Person", "Ben Person"],
                categories=["cs.CL"],
            )
        )
    database.close()


def main() -> None:
    """Measure four builds and what lies there afterwards; each card is drawn once in its life."""
    print(f"archive of {PICKS:,} invented picks; CPU seconds, and seconds by the clock")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        database = Database(f"sqlite:///{folder / 'picks.db'}")
        upgrade(database)
        fill(database, load_channel(ROOT / "config" / "interpretability.toml"))
        database.close()
        for what, before in (
            (PAGES, None),
            ("and all cards", None),
            ("after one publication", publish_one),
            ("nothing new", None),
        ):
            if before:
                before(folder)
            done = subprocess.run(
                [sys.executable, __file__, what, place], check=True, capture_output=True, text=True, cwd=ROOT
            )
            took = json.loads(done.stdout)
            print(
                f"{what:<24} {took['cpu']:6.1f} CPU  {took['seconds']:6.1f} s  {took['megabytes']:5.0f} MB memory  "
                f"{took['written']:,} files written"
            )
        files = [file for file in (folder / "site").rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        words = (folder / "site/search-data.js").read_bytes()
        print(
            f"{len(files):,} files, {size / 1e6:,.0f} MB; words to search {len(words) / 1e6:.1f} MB, "
            f"packed {len(gzip.compress(words)) / 1e6:.1f} MB"
        )


if __name__ == "__main__":
    one(sys.argv[1], Path(sys.argv[2])) if sys.argv[1:] else main()
