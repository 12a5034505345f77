"""Papers in: one row a paper, the best of a day in the queue, whatever the order and repetition of captures."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from bot.arxiv.health import Health
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.channels import Channel
from bot.domain.papers import AnnounceType, Batch
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.store.base import Table
from bot.store.database import Database
from bot.store.tables import AnnouncementRow, BatchRow, Candidate, FeedDay, Origin, PaperRow, PaperText
from harness_store import KeptFile
from samples import NOON, TUESDAY, WEDNESDAY, announcement, batch, channel

THURSDAY, FRIDAY, SATURDAY = (TUESDAY + timedelta(days=number) for number in (2, 3, 4))


def _ingest(database: Database, *batches: Batch, to: Channel | None = None) -> list[tuple[int, int, bool]]:
    report = ingest(database, [Capture(item, "test") for item in batches], channels=[to or channel()], now=NOON)
    return [(item.new, item.updated, item.known) for item in report.batches]


def _queue(database: Database) -> list[tuple[str, float, str]]:
    with database.reading() as session:
        rows = session.exec(select(Candidate).order_by(Candidate.arxiv_id)).all()
    return [(row.arxiv_id, row.score, str(row.announced)) for row in rows]


def _papers(database: Database) -> list[tuple[str, int, str, str]]:
    with database.reading() as session:
        rows = session.exec(select(PaperRow).order_by(PaperRow.arxiv_id)).all()
    return [(row.arxiv_id, row.version, row.title, str(row.announced)) for row in rows]


def test_a_paper_in_two_feeds_is_one_paper(database: Database) -> None:
    probing = announcement("2602.00001", "Probing")
    cross = announcement("2602.00001", "Probing", type=AnnounceType.CROSS)
    assert _ingest(database, batch(probing), batch(cross, feed="cs.LG")) == [(1, 0, False), (0, 0, False)]
    assert _queue(database) == [("2602.00001", 0.020243, "2026-02-17")]


def test_the_same_capture_twice_changes_nothing(database: Database) -> None:
    first = batch(announcement("2602.00001", "Probing"))
    _ingest(database, first)
    assert _ingest(database, first) == [(0, 0, True)]
    with database.reading() as session:
        assert len(session.exec(select(BatchRow)).all()) == 1
        assert len(session.exec(select(AnnouncementRow)).all()) == 1


def test_a_later_version_replaces_the_text_and_is_not_offered_again(database: Database) -> None:
    _ingest(database, batch(announcement("2602.00001", "Probing")))
    newer = announcement("2602.00001", "Probing, Corrected", version=2, type=AnnounceType.REPLACE)
    assert _ingest(database, batch(newer, day=WEDNESDAY)) == [(0, 1, False)]
    assert _papers(database) == [("2602.00001", 2, "Probing, Corrected", "2026-02-17")]
    assert _queue(database) == [("2602.00001", 0.020243, "2026-02-17")]


def test_an_older_version_that_comes_late_changes_no_text(database: Database) -> None:
    newer = announcement("2602.00001", "Probing, Corrected", version=2, type=AnnounceType.REPLACE)
    _ingest(database, batch(newer, day=WEDNESDAY))
    _ingest(database, batch(announcement("2602.00001", "Probing")))
    assert _papers(database) == [("2602.00001", 2, "Probing, Corrected", "2026-02-17")]


def test_a_replacement_alone_is_stored_but_never_queued(database: Database) -> None:
    _ingest(database, batch(announcement("2601.00001", "Probing", version=3, type=AnnounceType.REPLACE)))
    assert _papers(database) == [("2601.00001", 3, "Probing", "None")]
    assert _queue(database) == []


def test_the_best_of_a_day_above_the_threshold_are_offered(database: Database) -> None:
    papers = [announcement(f"2602.0000{number}", "Probing") for number in range(1, 6)]
    dull = announcement("2602.00009", "Cooking")
    _ingest(database, batch(*papers, dull))
    assert [arxiv_id for arxiv_id, _, _ in _queue(database)] == ["2602.00001", "2602.00002", "2602.00003"]


def test_a_better_paper_from_another_feed_of_the_day_pushes_the_last_one_out(database: Database) -> None:
    _ingest(database, batch(*(announcement(f"2602.0000{number}", "Probing") for number in range(1, 4))))
    better = announcement("2602.00007", "Probing and Steering")
    _ingest(database, batch(better, feed="cs.LG"))
    assert [arxiv_id for arxiv_id, _, _ in _queue(database)] == ["2602.00001", "2602.00002", "2602.00007"]


def test_each_day_has_a_queue_of_its_own(database: Database) -> None:
    today = batch(*(announcement(f"2602.0000{number}", "Probing") for number in range(1, 4)))
    tomorrow = batch(announcement("2602.00010", "Steering"), day=WEDNESDAY)
    _ingest(database, today, tomorrow)
    assert len(_queue(database)) == 4


def test_a_feed_that_the_channel_does_not_read_queues_nothing(database: Database) -> None:
    _ingest(database, batch(announcement("2602.00001", "Probing"), feed="cs.CV"))
    assert len(_papers(database)) == 1
    assert _queue(database) == []


def test_two_channels_have_queues_of_their_own(database: Database) -> None:
    steering = channel("other", ranking={"words": {"steering": 5.0}})
    capture = Capture(batch(announcement("2602.00001", "Probing"), announcement("2602.00002", "Steering")), "test")
    ingest(database, [capture], channels=[channel(), steering], now=NOON)
    with database.reading() as session:
        found = sorted((row.channel, row.arxiv_id) for row in session.exec(select(Candidate)))
    assert found == [("other", "2602.00002"), ("sample", "2602.00001"), ("sample", "2602.00002")]


def test_a_channel_that_comes_later_gets_the_days_that_are_fetched_again(database: Database) -> None:
    capture = batch(announcement("2602.00001", "Probing"))
    _ingest(database, capture)
    _ingest(database, capture, to=channel("late"))
    with database.reading() as session:
        assert sorted(row.channel for row in session.exec(select(Candidate))) == ["late", "sample"]


@pytest.mark.parametrize(("day", "health"), [(TUESDAY, Health.EMPTY), (SATURDAY, Health.QUIET)])
def test_a_feed_without_papers_is_quiet_on_weekends_only(database: Database, day: object, health: Health) -> None:
    report = ingest(database, [Capture(batch(day=day), "test")], channels=[channel()], now=NOON)  # type: ignore[arg-type]
    assert [item.health for item in report.batches] == [health]


def _captures() -> list[Capture]:
    """Return four days of two feeds with everything that can go wrong in them."""
    probing = [announcement(f"2602.0000{number}", "Probing") for number in range(1, 4)]
    crossed = announcement("2602.00001", "Probing", type=AnnounceType.CROSS)
    better = announcement("2602.00005", "Probing and Steering")
    corrected = announcement("2602.00002", "Probing, Corrected", version=2, type=AnnounceType.REPLACE)
    reworded = announcement("2602.00003", "Steering", abstract="Other words.", type=AnnounceType.CROSS)
    late = [announcement("2602.00008", "Probing"), announcement("2602.00009", "Steering")]
    withdrawn = announcement("2602.00008", "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    batches = [
        batch(*probing),
        batch(crossed, better, feed="cs.LG"),
        batch(crossed, corrected, announcement("2602.00006", "Steering"), day=WEDNESDAY),
        batch(*probing, day=WEDNESDAY, feed="cs.LG"),
        batch(day=THURSDAY),
        replace(batch(late[0], reworded, day=THURSDAY, feed="cs.LG"), cut_off=True),
        batch(*late, reworded, day=FRIDAY),
        batch(withdrawn, announcement("2602.00011", "Probing"), day=FRIDAY, feed="cs.LG"),
    ]
    found = batch(late[1], announcement("2602.00010", "Probing"), day=THURSDAY)
    return [*(Capture(item, "test") for item in batches), Capture(found, "test", origin=Origin.API)]


def _state(captures: Iterable[Capture], kept: KeptFile) -> list[object]:
    """Return all that must not depend on the order: everything but numbers, moments and counts of what was new when."""
    with kept.lent() as database:
        for item in captures:
            ingest(database, [item], channels=[channel()], now=NOON)
            retire_withdrawn(database, channel(), now=NOON)
        with database.reading() as session:
            rows = [session.exec(select(table)).all() for table in (PaperRow, PaperText, FeedDay, BatchRow)]
            rows.append(session.exec(select(Candidate).where(Candidate.state == CandidateState.QUEUED)).all())
    return [sorted(_told(row) for row in found) for found in rows]


@cache
def _state_in_order(kept: KeptFile) -> list[object]:
    return _state(_captures(), kept)


def _told(row: Table) -> str:
    left_out = {"id", "new_papers", "updated_papers", "queued_at", "ingested_at"}
    return str(sorted((key, str(value)) for key, value in row.model_dump().items() if key not in left_out))


COUNT = len(_captures())


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.lists(st.integers(0, COUNT - 1), max_size=4).flatmap(lambda more: st.permutations([*range(COUNT), *more]))
)
def test_order_and_repetition_of_captures_make_no_difference(order: list[int], other_kept_file: KeptFile) -> None:
    captures = _captures()
    assert _state([captures[index] for index in order], other_kept_file) == _state_in_order(other_kept_file)


def test_what_a_curator_touched_stays_when_a_better_paper_comes(sqlite_database: Database) -> None:
    from bot.curation.context import Context, Edits
    from bot.curation.decisions import note
    from bot.domain.actors import Actor

    _ingest(sqlite_database, batch(*(announcement(f"2602.0000{number}", "Probing") for number in range(1, 4))))
    context = Context(sqlite_database, channel(), {}, _no_quote, Actor("a", "test"), NOON)
    note(context, "2602.00003", Edits(note="Mine."))
    _ingest(sqlite_database, batch(announcement("2602.00007", "Probing and Steering"), feed="cs.LG"))
    with sqlite_database.reading() as session:
        rows = session.exec(select(Candidate).where(Candidate.state == CandidateState.QUEUED)).all()
    assert sorted(row.arxiv_id for row in rows) == ["2602.00001", "2602.00002", "2602.00003", "2602.00007"]


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


@pytest.mark.parametrize("feed_first", [True, False])
@pytest.mark.parametrize("withdrawn", [True, False])
def test_what_only_the_api_knows_of_a_withdrawal_outlasts_the_feeds_word(
    database: Database, withdrawn: bool, feed_first: bool
) -> None:
    of_feed = announcement("2602.00001", "Probing", version=2, type=AnnounceType.REPLACE, license="CC")
    of_api = replace(of_feed, withdrawn=withdrawn, notice="Withdrawn", license=None)
    captures = [
        Capture(batch(of_feed, day=WEDNESDAY), "test"),
        Capture(batch(of_api, day=WEDNESDAY), "test", origin=Origin.API),
    ]
    for capture in captures if feed_first else reversed(captures):
        ingest(database, [capture], channels=[channel()], now=NOON)
    with database.reading() as session:
        row = session.get_one(PaperRow, "2602.00001")
        assert (row.withdrawn, row.notice) == (withdrawn, "Withdrawn")
