"""A year of real feeds replayed by one worker: whether its memory grows, and what thinning gives back afterwards.

Run with ``make bench``; ``python tests/bench/year.py --days 60 --feeds cs.CL cs.LG`` takes others. The captures of June
2024 come again and again, each time under a later date and as other papers. Every working day the worker does all its
jobs, in one process and with the clock of that night. Needs the folder of real data beside the project.
"""

import argparse
import gc
import gzip
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from bot.app import App
from bot.interfaces import logs
from bot.interfaces.worker import Worker
from bot.settings import Settings
from bot.store.database import Database
from bot.store.schema import upgrade
from feed_server import FeedServer

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = ROOT.parent / "shared" / "data" / "arxiv" / "rss"
TRUE_DAYS = (10, 11, 12, 14, 17, 18, 20, 21, 24, 25)
BEGIN = date(2024, 7, 1)
_FIRST_LISTED = re.compile(rb"\b2406\.(\d)")


class Year:
    """The worker with its feeds and its clock."""

    def __init__(self, folder: Path, feeds: FeedServer, names: list[str]) -> None:
        self.names, self.feeds = names, feeds
        self.file = folder / "picks.db"
        self.now = datetime.combine(BEGIN, datetime.min.time(), UTC)
        (folder / "config").mkdir()
        (folder / "config" / "bench.toml").write_text(_channel(names), "utf-8")
        self.settings = Settings(
            database_url=SecretStr(f"sqlite:///{self.file}"),
            PICKS_CONFIG=folder / "config",
            PICKS_DATA=folder,
            arxiv_rss_url=feeds.url,
            arxiv_api_url=feeds.url,
            arxiv_api_pause=0,
            PICKS_KEEP_FEED_DAYS=36_500,
        )
        upgrade(Database(f"sqlite:///{self.file}"))
        self.worker = self.start()

    def start(self, **changes: object) -> Worker:
        """Start a worker, with other settings where some are named."""
        settings = self.settings.model_copy(update=changes)
        return Worker(App(settings, clock=lambda: self.now, environ={}))

    def live(self, number: int, day: date) -> None:
        """Let a night's feeds come, and the worker do all it does."""
        for name in self.names:
            self.feeds.bodies[name] = body(name, number, day)
        self.now = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=5, minutes=30)
        for job in self.worker.jobs.values():
            job.run()


def _channel(names: list[str]) -> str:
    words = '[ranking.words]\n"interpretab*" = 3.0\n"probing" = 2.0\n"sparse autoencoder*" = 4.0\n'
    posting = '[posting]\nplatforms = ["bluesky", "x"]\ntime_zone = "UTC"\ntimes = ["10:00"]\n'
    return f'title = "Bench"\n[feeds]\ncategories = {names}\n{posting}{words}'.replace("'", '"')


def body(name: str, number: int, day: date) -> bytes:
    """Return a capture under another date, its papers under other ids."""
    source = TRUE_DAYS[number % len(TRUE_DAYS)]
    file = CAPTURES / f"2024-06-{source + 1:02}-{name.lower().replace('.', '-')}.xml.gz"
    again = number // len(TRUE_DAYS) % 3 * 3  # a month has room for a capture three times
    renamed = _FIRST_LISTED.sub(
        lambda match: f"{day:%y%m}.{int(match[1]) + again}".encode(), gzip.decompress(file.read_bytes())
    )
    built = rf"\1{day:%a, %d %b %Y}".encode()
    return re.sub(rb"(<(?:pubDate|lastBuildDate)>)\w{3}, \d\d \w{3} \d{4}", built, renamed)


def working_days(many: int) -> Iterator[date]:
    """Yield so many days from Monday to Friday."""
    day = BEGIN
    while many:
        if day.weekday() < 5:
            many -= 1
            yield day
        day += timedelta(days=1)


def resident() -> float:
    """Return this process's memory in MB."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 / 1e6


def megabytes(database: Database, file: Path) -> float:
    """Return how large the file is with nothing left beside it."""
    with database.connection() as connection:
        engine = connection.engine
    with engine.connect() as connection:
        cursor = connection.connection.cursor()
        connection.rollback()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        cursor.close()
    return file.stat().st_size / 1e6


def largest(database: Database) -> str:
    """Say which tables and indexes take most."""
    query = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 6"
    with database.connection() as connection:
        rows = connection.exec_driver_sql(query).all()
    return ", ".join(f"{name} {size / 1e6:.1f}" for name, size in rows)


def main() -> None:
    """Replay the year, thin it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=260)
    parser.add_argument("--feeds", nargs="+", default=["cs.CL"])
    asked = parser.parse_args()
    if not CAPTURES.is_dir():
        print(f"a year of feeds: left out, needs the real captures in {CAPTURES}")
        return
    logs.configure(form="text", level=50)
    with tempfile.TemporaryDirectory() as folder, FeedServer().running() as feeds:
        year = Year(Path(folder), feeds, asked.feeds)
        begun = time.process_time()
        for number, day in enumerate(working_days(asked.days)):
            year.live(number, day)
            if number % 20 == 9:
                print(
                    f"{day}: {resident():7.1f} MB resident, {time.process_time() - begun:6.1f} CPU seconds", flush=True
                )
        _thin(year)


def _thin(year: Year) -> None:
    """Let the worker thin everything as a year later, and print the sizes."""
    database = Database(f"sqlite:///{year.file}")
    print(f"before thinning: {megabytes(database, year.file):.1f} MB: {largest(database)}")
    year.now += timedelta(days=365)
    worker = year.start(keep_feed_days=30)
    rounds, before = 0, -1.0
    while before != (before := megabytes(database, year.file)) or rounds < 5:
        for _ in range(20):
            worker.tidy()
        rounds += 20
    print(f"after {rounds} rounds: {before:.1f} MB: {largest(database)}; {resident():.1f} MB resident")
    database.close()


if __name__ == "__main__":
    main()
