"""Old batches become thin, and nobody loses a paper by it."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from bot.domain.papers import AnnounceType
from bot.intake.announcement_days import mark_outdated
from bot.intake.ingest import Capture, ingest, recognise
from bot.intake.queue import rank
from bot.intake.thinning import thin
from bot.store.database import Database
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
