"""A channel learns from its curators, once a night and in one process, and its next queues show it."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

import json_views as views
from bot.curation.training_data import Seen
from bot.curation.training_job import (
    FIRST_PICKS,
    LibraryMissingError,
    begin_anew,
    build_on,
    import_picks,
    is_due,
    night_of,
    train_channel,
    train_nightly,
)
from bot.domain.papers import Batch
from bot.intake.ingest import Capture, ingest
from bot.intake.listings import ListingError
from bot.intake.weights import Origin, weights_of
from bot.ranking.examples import TrainingError
from bot.ranking.model import load_default
from bot.store.database import Database
from bot.store.learning_tables import KnownPick, TrainingState, WeightsRow
from ranking_samples import KINDS, paper
from samples import NOON, TUESDAY, announcement, batch, channel

TONIGHT = datetime(2026, 2, 18, 4, tzinfo=UTC)
RULES = channel(ranking={"words": {"patients": 0.1}})


def _day(number: int) -> Batch:
    """Return a batch of two papers of each kind, with ids of their own."""
    numbers = range(number * 100, number * 100 + 2 * len(KINDS))
    found = (paper(list(KINDS)[place % len(KINDS)], place) for place in numbers)
    return batch(
        *(
            announcement(str(item.arxiv_id), item.title, abstract=item.abstract, authors=(f"A. {item.arxiv_id}",))
            for item in found
        ),
        day=TUESDAY - timedelta(days=number),
    )


def _liked(days: int) -> list[str]:
    """Return the ids of the papers on circuits of these days, one a day."""
    return [f"2601.{number * 100:05}" for number in range(days)]


def _lines(papers: list[str], folder: Path) -> Path:
    file = folder / "picks.jsonl"
    file.write_text("".join(json.dumps({"arxiv_id": name, "title": "A Title"}) + "\n" for name in papers), "utf-8")
    return file


@pytest.fixture
def taught(database: Database, tmp_path: Path) -> Database:
    """Return a database with ten days of papers, of each of which one on circuits is a known pick."""
    return _teach(database, tmp_path)


@pytest.fixture
def taught_file(sqlite_database: Database, tmp_path: Path) -> Database:
    """Return the same as a SQLite file, for what the kind of database makes no difference to."""
    return _teach(sqlite_database, tmp_path)


def _teach(database: Database, folder: Path) -> Database:
    ingest(database, [Capture(_day(number), "test") for number in range(10)], channels=[RULES], now=NOON)
    import_picks(database, RULES, _lines(_liked(10), folder), now=NOON)
    return database


def _name_another(database: Database, *, at: datetime) -> None:
    """Make news for the next night: one more known pick."""
    with database.transaction() as session:
        known = len(session.exec(select(KnownPick)).all())
        session.add(KnownPick(channel="sample", arxiv_id=f"2601.{known * 100 + 3:05}", title="", imported_at=at))


def _no_time(_: float) -> bool:
    return True


def _lesson(database: Database) -> TrainingState:
    with database.reading() as session:
        return session.get_one(TrainingState, "sample")


def test_a_file_of_picks_is_remembered_once(database: Database, tmp_path: Path) -> None:
    file = _lines(["2601.00001", "https://arxiv.org/abs/2601.00002v3"], tmp_path)
    first, again = (import_picks(database, channel(), file, now=NOON) for _ in range(2))
    assert ((first.named, first.new), (again.named, again.new)) == ((2, 2), (2, 0))
    with database.reading() as session:
        rows = session.exec(select(KnownPick).order_by(KnownPick.arxiv_id)).all()
    assert [(row.channel, row.arxiv_id, row.title) for row in rows] == [
        ("sample", "2601.00001", "A Title"),
        ("sample", "2601.00002", "A Title"),
    ]


def test_a_collection_of_hugging_face_is_read_too(sqlite_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "collection.json"
    items = [{"type": "paper", "id": "2601.00001", "title": "One"}, {"type": "model", "id": "some/model"}]
    file.write_text(json.dumps({"title": "A list", "items": items}), "utf-8")
    assert import_picks(sqlite_database, channel(), file, now=NOON).new == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"arxiv_id": "nonsense"}\n{}\n', "line 1: 'nonsense' is not an arXiv id"),
        (b"", "picks.jsonl names no paper"),
        (b'{"arxiv_id": "2601.00001"}\n' + b" " * 50_000_000, "it is no list of"),
    ],
)
def test_a_file_that_is_no_list_of_picks_leaves_nothing_behind(
    sqlite_database: Database, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "picks.jsonl"
    file.write_bytes(content)
    with pytest.raises(ListingError, match=reason):
        import_picks(sqlite_database, channel(), file, now=NOON)
    with sqlite_database.reading() as session:
        assert session.exec(select(KnownPick)).all() == []


def test_a_wrong_line_hinders_no_other_and_is_taken_when_it_was_mended(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "picks.jsonl"
    file.write_text('{"arxiv_id": "2601.00001"}\n{"arxiv_id": "nonsense"}\n{"arxiv_id": "2601.00003"}\n', "utf-8")
    report = import_picks(database, channel(), file, now=NOON)
    assert (report.named, report.new, [str(error)[len(str(file)) :][:20] for error in report.wrong]) == (
        2,
        2,
        [", line 2: 'nonsense'"],
    )
    file.write_text(file.read_text("utf-8").replace("nonsense", "2601.00002"), "utf-8")
    again = import_picks(database, channel(), file, now=NOON)
    assert (again.named, again.new, again.wrong) == (3, 1, ())


@pytest.mark.slow
def test_what_the_curators_like_rises_in_queues_that_wait(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    before = views.why(taught_file, RULES, _liked(1)[0])["score"]
    model = train_channel(taught_file, RULES, now=NOON)
    assert (model.data.pick, model.data.unlabelled) == (10, 90)
    with taught_file.reading() as session:
        assert weights_of(session, RULES).origin is Origin.OWN
        assert session.exec(select(WeightsRow.digest)).all() == [model.digest]
    after = views.why(taught_file, RULES, _liked(1)[0])
    other = views.why(taught_file, RULES, "2601.00002")
    assert after["score"] > max(before, other["score"])
    assert after["offered"] == after["score"]


@pytest.mark.slow
def test_to_learn_twice_from_the_same_gives_the_same_weights(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    assert train_channel(taught_file, RULES, now=NOON).digest == train_channel(taught_file, RULES, now=NOON).digest


@pytest.mark.slow
def test_the_shipped_weights_are_the_base_where_a_channel_uses_them(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    shipped = channel(ranking={"weights": "interpretability"})
    assert train_channel(taught_file, shipped, now=NOON).data.related > 0


@pytest.mark.slow
def test_weights_from_files_stay_the_base_of_every_night_until_they_are_forgotten(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    build_on(taught_file, RULES, load_default(), now=NOON)
    with taught_file.reading() as session:
        assert weights_of(session, RULES).digest == load_default().digest
    for night in (TONIGHT, TONIGHT + timedelta(days=1)):
        _name_another(taught_file, at=night - timedelta(hours=5))
        model = train_nightly(taught_file, RULES, worker="one", now=night, wait=time.sleep)
        assert model is not None
        assert model.data.related == load_default().data.related
    begin_anew(taught_file, RULES)
    with taught_file.reading() as session:
        assert weights_of(session, RULES).origin is Origin.WORDS
    assert train_channel(taught_file, RULES, now=NOON).data.related == 0


@pytest.mark.slow
def test_weights_from_files_that_cannot_be_read_any_more_are_not_built_on(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    build_on(taught_file, RULES, load_default(), now=NOON)
    with taught_file.transaction() as session:
        session.get_one(WeightsRow, "sample").base = "{}"
    assert train_channel(taught_file, RULES, now=NOON).data.related == 0
    assert "picks train --listings FILE --picks FILE; until then nothing builds on it" in str(
        _lesson(taught_file).error
    )
    build_on(taught_file, RULES, load_default(), now=NOON)
    assert _lesson(taught_file).error is None


@pytest.mark.slow
def test_a_training_without_new_decisions_keeps_what_the_last_one_with_some_has_learned(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    with taught_file.transaction() as session:
        session.merge(TrainingState(channel="sample", decision_id=7, previous_decision_id=3, taught_at=NOON))
    later = NOON + timedelta(hours=3)
    train_channel(taught_file, RULES, now=later)
    first = _lesson(taught_file)
    assert (first.decision_id, first.previous_decision_id, first.taught_at) == (0, 7, later)
    train_channel(taught_file, RULES, now=later + timedelta(hours=1))
    again = _lesson(taught_file)
    assert (again.decision_id, again.previous_decision_id, again.taught_at) == (0, 7, later)


def test_picks_that_the_weights_know_are_nothing_new_to_learn(database: Database, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    shipped = channel(ranking={"weights": "interpretability"})
    import_picks(database, shipped, _lines(list(load_default().chosen[:7]), tmp_path), now=NOON)
    with pytest.raises(TrainingError, match=r"sample has 0 of the 2 picks .* beyond the 7 that its weights know; app"):
        train_channel(database, shipped, now=NOON)


def test_few_picks_are_not_enough_to_learn_from(database: Database, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    import_picks(database, RULES, _lines(_liked(FIRST_PICKS - 1), tmp_path), now=NOON)
    with pytest.raises(TrainingError, match=r"sample has 4 of the 5 picks .* picks import FILE"):
        train_channel(database, RULES, now=NOON)
    # A night has been asked for nothing, and is no failure for anybody to read of.
    assert train_nightly(database, RULES, worker="one", now=TONIGHT, wait=time.sleep) is None
    assert _lesson(database).error is None


def test_without_scikit_learn_the_message_names_what_to_install(taught_file: Database) -> None:
    with pytest.raises(TrainingError, match="pip install scikit-learn"):
        train_channel(taught_file, RULES, now=NOON, able=lambda: False)


def _tonight(database: Database, *, now: datetime = TONIGHT, **changes: Callable[..., object]) -> bool:
    given: dict[str, Any] = {"wait": time.sleep, **changes}
    return train_nightly(database, RULES, worker="one", now=now, **given) is not None


@pytest.mark.slow
def test_a_night_teaches_once_and_the_next_only_what_is_new(taught: Database, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    tomorrow = TONIGHT + timedelta(days=1)
    assert [_tonight(taught), _tonight(taught), _tonight(taught, now=tomorrow)] == [True, False, False]
    import_picks(taught, RULES, _lines(["2601.00105"], tmp_path), now=NOON)
    assert [_tonight(taught), _tonight(taught, now=tomorrow)] == [False, True]


@pytest.mark.slow
def test_without_scikit_learn_a_night_says_so_once_and_another_worker_may_still_learn(taught_file: Database) -> None:
    with pytest.raises(TrainingError):
        _tonight(taught_file, able=lambda: False)
    assert not _tonight(taught_file, able=lambda: False)
    with taught_file.reading() as session:
        assert views.learning(session, RULES, now=NOON)["error"] == str(LibraryMissingError())
    pytest.importorskip("sklearn")
    assert _tonight(taught_file)
    assert _lesson(taught_file).error is None


@pytest.mark.slow
def test_a_worker_that_is_asked_to_end_leaves_the_lesson_to_the_next(taught: Database) -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(TrainingError, match="because the worker ended"):
        _tonight(taught, wait=_no_time)
    assert _lesson(taught).lease_until is None
    assert _tonight(taught)


@pytest.mark.parametrize(
    ("lesson", "able", "due"),
    [
        ({}, True, True),
        ({"decision_id": 7, "known_picks": 2}, True, False),
        ({"decision_id": 7, "known_picks": 1}, True, True),
        ({"tried_at": TONIGHT - timedelta(days=1)}, True, True),
        ({"tried_at": TONIGHT - timedelta(minutes=30)}, True, False),
        ({"tried_at": TONIGHT - timedelta(minutes=30), "library_missing": True}, True, True),
        ({"tried_at": TONIGHT - timedelta(minutes=30), "library_missing": True}, False, False),
        ({"lease_until": TONIGHT + timedelta(minutes=1)}, True, False),
        ({"lease_until": TONIGHT - timedelta(minutes=1)}, True, True),
    ],
)
def test_a_lesson_is_due_when_there_is_something_new(lesson: dict[str, object], able: bool, due: bool) -> None:
    row = TrainingState.model_validate({"channel": "sample", **lesson})
    night = night_of(RULES, now=TONIGHT)
    assert is_due(row, Seen(7, 2), night=night, able=able, now=TONIGHT) is due


@pytest.mark.parametrize("column", ["tried_at", "lease_until"])
@pytest.mark.parametrize(("ahead", "due"), [(timedelta(minutes=20), False), (timedelta(days=60), True)])
def test_a_training_that_a_clock_ahead_noted_keeps_nobody_from_learning(
    column: str, ahead: timedelta, due: bool
) -> None:
    row = TrainingState.model_validate({"channel": "sample", column: TONIGHT + ahead})
    night = night_of(RULES, now=TONIGHT)
    assert is_due(row, Seen(7, 2), night=night, able=True, now=TONIGHT) is due


def test_a_night_begins_at_three_in_the_channels_time_zone() -> None:
    there = channel(posting={"time_zone": "America/New_York"})
    assert night_of(there, now=datetime(2026, 2, 18, 7, 59, tzinfo=UTC)) == datetime(2026, 2, 17, 8, tzinfo=UTC)
    assert night_of(there, now=datetime(2026, 2, 18, 8, 0, tzinfo=UTC)) == datetime(2026, 2, 18, 8, tzinfo=UTC)


@pytest.mark.slow
def test_weights_of_an_older_version_are_set_aside_and_learned_anew(taught_file: Database) -> None:
    pytest.importorskip("sklearn")
    assert _tonight(taught_file)
    with taught_file.transaction() as session:
        row = session.get_one(WeightsRow, "sample")
        # What version 1 wrote; its digest stands for weights that this process has not read yet.
        row.content, row.digest = '{"digest":"0","model":{"format":1,"weights":{"probing":1.0}}}', "of version 1"
    tomorrow = TONIGHT + timedelta(days=1)
    assert _tonight(taught_file, now=tomorrow), "though nothing was decided since"
    with taught_file.reading() as session:
        assert weights_of(session, RULES).origin is Origin.OWN
    assert not _tonight(taught_file, now=tomorrow + timedelta(days=1))
