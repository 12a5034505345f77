"""Old batches become thin, and nobody loses a paper by it."""

from datetime import date, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import col, delete, select

from bot.curation.search import search
from bot.domain.papers import AnnounceType
from bot.intake.announcement_days import mark_outdated
from bot.intake.ingest import Capture, ingest, recognise
from bot.intake.queue import rank
from bot.intake.thinning import pack, thin
from bot.store.copying import back_up
from bot.store.database import Database
from bot.store.packing import packed, unpacked
from bot.store.schema import upgrade
from bot.store.search_index import read_odd
from bot.store.tables import AnnouncementRow, BatchRow, Candidate, FeedBody, PaperRow, PaperText
from samples import NOON, TUESDAY, announcement, batch, channel

CHANNEL = channel()
LATER = NOON + timedelta(days=200)
BEFORE = LATER - timedelta(days=180)
PAPER = "2602.00001"


def _version(number: int, *, arxiv_id: str = PAPER) -> Capture:
    """Return the capture of a day on which a new version came, beside a new paper."""
    kind = AnnounceType.NEW if number == 1 else AnnounceType.REPLACE
    paper = announcement(arxiv_id, f"Probing, version {number}", version=number, type=kind)
    other = announcement(f"2602.1000{number}", "Probing another")
    day = TUESDAY + timedelta(days=number - 1)
    return Capture(batch(paper, other, day=day), "test", digest=f"body {number}")


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database that has seen four versions of a paper, a day each."""
    ingest(database, [_version(number) for number in (1, 2, 3, 4)], channels=[CHANNEL], now=NOON)
    return database


def test_new_versions_bodies_and_texts_between_go_and_what_announced_a_paper_stays(filled: Database) -> None:
    assert thin(filled, before=BEFORE) == 4
    with filled.reading() as session:
        kinds = session.exec(select(AnnouncementRow.type)).all()
        assert set(kinds) == {AnnounceType.NEW}
        assert len(kinds) == 5
        assert session.exec(select(FeedBody)).all() == []
        assert session.exec(select(PaperText.version)).all() == [1]
        paper = session.get_one(PaperRow, PAPER)
        assert (paper.version, paper.title, paper.announced) == (4, "Probing, version 4", TUESDAY)
        assert len(session.exec(select(PaperRow)).all()) == 5
    assert thin(filled, before=BEFORE) == 0


def test_queues_are_chosen_as_before_from_thin_batches(filled: Database) -> None:
    def queue() -> list[tuple[str, float, date | None]]:
        with filled.reading() as session:
            rows = session.exec(select(Candidate).order_by(Candidate.arxiv_id)).all()
            return [(row.arxiv_id, row.score, row.announced) for row in rows]

    before = queue()
    assert before
    thin(filled, before=BEFORE)
    with filled.transaction() as session:
        for row in session.exec(select(Candidate)).all():
            session.delete(row)
        days = [TUESDAY + timedelta(days=number) for number in range(4)]
        mark_outdated(session, days)
    rank(filled, [CHANNEL], days=days, now=NOON)
    assert queue() == before


def test_a_capture_of_a_thin_day_that_comes_again_changes_nothing(filled: Database) -> None:
    thin(filled, before=BEFORE)
    assert recognise(filled, "body 2", source="test") is None
    report = ingest(filled, [_version(2)], channels=[CHANNEL], now=LATER)
    [again] = report.batches
    assert (again.known, again.new) == (True, 0)
    with filled.reading() as session:
        assert len(session.exec(select(BatchRow)).all()) == 4
        assert session.get_one(PaperRow, PAPER).version == 4


def test_young_batches_and_old_captures_that_came_in_just_now_are_left_whole(database: Database) -> None:
    ingest(database, [_version(1), _version(2)], channels=[CHANNEL], now=LATER)
    assert thin(database, before=BEFORE) == 0
    assert thin(database, before=NOON - timedelta(days=1)) == 0
    assert thin(database, before=LATER + timedelta(days=1)) == 2


def test_one_run_thins_a_bounded_number_of_batches(database: Database) -> None:
    captures = [
        Capture(batch(announcement(f"2602.{number:05}"), day=TUESDAY + timedelta(days=number)), "test")
        for number in range(1, 26)
    ]
    ingest(database, captures, channels=[CHANNEL], now=NOON)
    assert [thin(database, before=LATER) for _ in range(3)] == [20, 5, 0]


LONG = "An abstract of a hundred words and more, with naïve letters: " + "we probe the residual stream of models; " * 12


def _stored(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.execute(text("SELECT typeof(abstract) FROM papers")).scalars())


@pytest.fixture
def long(sqlite_database: Database) -> Database:
    """Return a database with three papers of long abstracts."""
    papers = [announcement(f"2602.0000{number}", f"Probing {number}", abstract=LONG) for number in (1, 2, 3)]
    ingest(sqlite_database, [Capture(batch(*papers), "test")], channels=[CHANNEL], now=NOON)
    return sqlite_database


def _found(database: Database, *words: str) -> list[str]:
    return [item.arxiv_id for item in search(database, CHANNEL, words, limit=None)]


def test_old_abstracts_are_packed_and_read_and_found_as_before(long: Database) -> None:
    assert pack(long, before=NOON - timedelta(days=1)) == 0
    assert pack(long, before=BEFORE) == 3
    assert pack(long, before=BEFORE) == 0
    assert _stored(long) == {"blob"}
    with long.reading() as session:
        assert {row.abstract for row in session.exec(select(PaperRow))} == {LONG}
        size = session.execute(text("SELECT max(length(abstract)) FROM papers")).scalar_one()
        assert size < len(LONG) / 2
    assert _found(long, "naive", "residual") == ["2602.00003", "2602.00002", "2602.00001"]


def test_a_new_version_of_a_packed_paper_is_found_by_its_words_alone(long: Database) -> None:
    pack(long, before=BEFORE)
    newer = announcement(
        "2602.00002", "Probing 2", version=2, abstract="Now of steering, señor.", type=AnnounceType.REPLACE
    )
    ingest(long, [Capture(batch(newer, day=TUESDAY + timedelta(days=1)), "test")], channels=[CHANNEL], now=NOON)
    assert _found(long, "senor", "steering") == ["2602.00002"]
    assert _found(long, "residual") == ["2602.00003", "2602.00001"]
    with long.transaction() as session:
        session.get_one(PaperRow, "2602.00003").title = "Renamed"
    assert _found(long, "renamed", "residual") == ["2602.00003"]
    with long.transaction() as session:
        read_odd(session, most=10)
        for row in (AnnouncementRow, Candidate):
            session.execute(delete(row).where(col(row.arxiv_id) == "2602.00001"))
        session.delete(session.get_one(PaperRow, "2602.00001"))
    assert _found(long, "renamed", "residual") == ["2602.00003"]
    assert _found(long, "residual") == ["2602.00003"]
    assert _stored(long) == {"text"}


def test_a_backup_of_packed_papers_is_whole(long: Database, tmp_path: Path) -> None:
    pack(long, before=BEFORE)
    back_up(long, tmp_path / "backup.db", say=lambda _: None)
    copy = Database(f"sqlite:///{tmp_path}/backup.db")
    with copy.reading() as session:
        assert {row.abstract for row in session.exec(select(PaperRow))} == {LONG}
    copy.close()


@pytest.mark.parametrize("words", ["", "a", "Σ \x00 \ud800 𝐀", LONG, "x" * 100_000])
def test_what_is_packed_is_unpacked_to_the_letter(words: str) -> None:
    assert unpacked(packed(words)) == words
    assert unpacked(words) == words


def test_the_phrases_that_are_a_part_of_the_format_never_change() -> None:
    assert sha256(files("bot.store").joinpath("packed_phrases.txt").read_bytes()).hexdigest() == (
        "09b1f64d58c2861c27a6f585a45f0959bacffb21836f9840871f542f889a47a4"
    )


def test_a_file_becomes_smaller_once_much_of_it_is_free(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/picks.db")
    upgrade(database)
    with database.connection() as connection:
        connection.exec_driver_sql("CREATE TABLE ballast (words TEXT)")
        connection.exec_driver_sql("INSERT INTO ballast VALUES (zeroblob(4000000))")
    database.close()
    full = (tmp_path / "picks.db").stat().st_size
    with database.connection() as connection:
        connection.exec_driver_sql("DROP TABLE ballast")
    database.give_back()
    database.close()
    assert (tmp_path / "picks.db").stat().st_size < full - 3_500_000
