"""Every real capture there is, replayed: the papers of each day, what each feed was worth, and nothing twice."""

import random
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.arxiv.client import FeedClient
from bot.domain.channels import load_channel
from bot.intake.replay import IntakeReport, replay
from bot.store.database import Database
from bot.store.tables import Candidate, FeedDay, PaperRow

pytestmark = pytest.mark.slow

CHANNEL = load_channel(Path(__file__).resolve().parents[2] / "config" / "interpretability.toml")
NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 9, 1, 12, tzinfo=UTC)
"""After the last odd capture: one that lies ahead is refused."""
FEEDS = ("cs.CL", "cs.LG", "cs.AI")

# day, new and cross-listed papers of the three feeds together, health of cs.CL, cs.LG and cs.AI
JUNE_2024 = """
2024-05-31 307 fresh fresh fresh
2024-06-01   0 quiet quiet quiet
2024-06-02   0 quiet quiet quiet
2024-06-03 259 fresh fresh fresh
2024-06-04 487 fresh fresh fresh
2024-06-05 318 fresh fresh fresh
2024-06-06 290 fresh fresh stale
2024-06-07 281 fresh fresh fresh
2024-06-08   0 quiet quiet quiet
2024-06-09   0 quiet quiet quiet
2024-06-10 260 fresh fresh fresh
2024-06-11 413 fresh fresh fresh
2024-06-12 363 fresh fresh fresh
2024-06-13 185 fresh stale fresh
2024-06-14 297 fresh fresh fresh
2024-06-15   0 quiet quiet quiet
2024-06-16   0 quiet quiet quiet
2024-06-17 232 fresh fresh fresh
2024-06-18 594 fresh fresh fresh
2024-06-19 397 fresh fresh fresh
2024-06-20   0 stale quiet quiet
2024-06-21 573 double double double
2024-06-22   0 quiet quiet quiet
2024-06-23   0 quiet quiet quiet
2024-06-24 241 fresh fresh fresh
2024-06-25 348 fresh fresh stale
2024-06-26 295 fresh fresh fresh
2024-06-27 224 fresh fresh fresh
2024-06-28 226 fresh fresh fresh
2024-06-29   0 quiet quiet quiet
"""

ODD = {
    ("cs.AI", "2024-04-09"): "late",
    ("cs.CL", "2024-01-16"): "quiet",
    ("cs.CL", "2024-05-23"): "empty",
    ("cs.CL", "2024-05-24"): "double",
    ("cs.CL", "2024-06-20"): "stale",
    ("cs.CL", "2024-06-21"): "double",
    ("cs.CL", "2024-06-22"): "quiet",
    ("cs.LG", "2024-06-20"): "quiet",
}


def take(database: Database, files: Iterable[Path], *, now: datetime = NOW) -> IntakeReport:
    with FeedClient("tests@example.org") as client:
        return replay(database, [str(file) for file in files], channels=[CHANNEL], client=client, now=now)


def table(database: Database) -> list[str]:
    papers = select(col(PaperRow.announced), func.count()).group_by(col(PaperRow.announced))
    with database.reading() as session:
        counts = dict(session.exec(papers).all())
        health = {(row.feed, row.day): row.health for row in session.exec(select(FeedDay))}
    days = sorted({day for _, day in health})
    return [f"{day} {counts.get(day, 0):>3} {' '.join(health[feed, day] for feed in FEEDS)}" for day in days]


def everything(database: Database) -> list[list[dict[str, object]]]:
    with database.reading() as session:
        papers = session.exec(select(PaperRow).order_by(col(PaperRow.arxiv_id))).all()
        candidates = session.exec(select(Candidate).order_by(col(Candidate.id))).all()
        days = session.exec(select(FeedDay).order_by(col(FeedDay.feed), col(FeedDay.day))).all()
        return [[row.model_dump() for row in rows] for rows in (papers, candidates, days)]


@pytest.mark.timeout(300)
def test_a_month_of_feeds_has_the_papers_and_the_health_it_had(sqlite_database: Database, shared_data: Path) -> None:
    files = sorted((shared_data / "arxiv" / "rss").glob("*.xml.gz"))
    report = take(sqlite_database, files)
    assert (len(report.batches), report.errors) == (90, [])
    assert table(sqlite_database) == JUNE_2024.strip().splitlines()
    before = everything(sqlite_database)
    again = take(sqlite_database, reversed(files))
    assert (len(again.batches), {item.known for item in again.batches}) == (90, {True})
    assert everything(sqlite_database) == before


@pytest.mark.timeout(300)
def test_odd_captures_are_told_from_ordinary_ones(sqlite_database: Database, shared_data: Path) -> None:
    june = [shared_data / "arxiv" / "rss" / f"2024-06-{day}-cs-cl.xml.gz" for day in (19, 20, 22)]
    report = take(sqlite_database, [*june, *(shared_data / "arxiv" / "odd").glob("*.xml.gz")], now=LATER)
    assert report.errors == []
    found = {(item.feed, str(item.day)): str(item.health) for item in report.batches if item.health != "fresh"}
    assert found == ODD


def test_a_paper_stands_on_the_day_on_which_a_feed_listed_it_first(
    sqlite_database: Database, shared_data: Path
) -> None:
    names = ("2024-06-07-cs-ai", "2024-06-06-cs-ai")  # the first repeats the second under its own date
    for name in names:
        take(sqlite_database, [shared_data / "arxiv" / "rss" / f"{name}.xml.gz"])
    with sqlite_database.reading() as session:
        days = session.exec(select(col(PaperRow.announced)).distinct()).all()
        health = [row.health for row in session.exec(select(FeedDay).order_by(col(FeedDay.day)))]
    assert (set(days), health) == ({None, date(2024, 6, 5)}, ["fresh", "stale"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_real_captures_in_any_order_end_alike(
    seed: int, sqlite_database: Database, migrated_file: Path, tmp_path: Path, shared_data: Path
) -> None:
    days = ("05", "06", "07", "13", "14")
    files = [shared_data / "arxiv" / "rss" / f"2024-06-{day}-cs-{feed}.xml.gz" for day in days for feed in ("ai", "lg")]
    take(sqlite_database, files)
    shuffled = [*files, *files[::3]]
    random.Random(seed).shuffle(shuffled)
    (tmp_path / "other").mkdir()
    shutil.copyfile(migrated_file, tmp_path / "other" / "picks.db")
    other = Database(f"sqlite:///{tmp_path / 'other' / 'picks.db'}")
    for file in shuffled:
        take(other, [file])
    assert outcome(other) == outcome(sqlite_database)
    other.close()


def outcome(database: Database) -> list[object]:
    """Return what must not depend on the order: all but the numbers of candidates."""
    papers, candidates, days = everything(database)
    numberless = [{key: value for key, value in row.items() if key != "id"} for row in candidates]
    return [papers, sorted(numberless, key=lambda row: str(row["arxiv_id"])), days]
