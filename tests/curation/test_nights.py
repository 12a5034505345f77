"""Nights of learning, from what the curators decide to the queue of the next day, and what may come between."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import col, select

import learning_life
from bot.app import App
from bot.curation import decisions, housekeeping
from bot.curation.context import Account, Context, Edits
from bot.curation.training_job import train_nightly
from bot.domain.actors import Actor
from bot.domain.posts import Quote
from bot.intake.ingest import Capture, ingest
from bot.intake.queue import rank
from bot.intake.weights import weights_of
from bot.interfaces.worker import Worker
from bot.ranking.examples import TrainingError
from bot.ranking.model import Model
from bot.settings import Settings
from bot.store.database import Database
from bot.store.learning_tables import KnownPick, TrainingState, WeightsRow
from bot.store.tables import Candidate, RankedDay
from json_views import why
from learning_life import TAUGHT, TOMORROW, TONIGHT, Death, day_of_kinds, kind_of
from ranking_samples import KINDS
from samples import NOON, TUESDAY, WEDNESDAY

pytestmark = pytest.mark.slow

EVERYTHING = TAUGHT.model_copy(update={"queue": TAUGHT.queue.model_copy(update={"size": 50, "expire_after_days": 30})})
DAYS = 5


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


def _context(database: Database, curator: str = "ada") -> Context:
    accounts = dict.fromkeys(EVERYTHING.posting.platforms, Account("an account"))
    return Context(database, EVERYTHING, accounts, _no_quote, Actor(curator, "test"), NOON)


def _of_kind(kind: str, *, days: int) -> list[str]:
    """Return the ids of the first paper of a kind of every day."""
    return [f"2601.{number * 100 + list(KINDS).index(kind):05}" for number in range(days)]


@pytest.fixture
def taught(database: Database) -> Database:
    """Return a database with some days of papers, of each of which one on circuits is a known pick."""
    ingest(database, [Capture(day_of_kinds(number), "test") for number in range(DAYS)], channels=[TAUGHT], now=NOON)
    with database.transaction() as session:
        session.add_all(
            KnownPick(channel="sample", arxiv_id=name, imported_at=NOON) for name in _of_kind("circuits", days=DAYS)
        )
    return database


def _address(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def _learn(
    database: Database, *, worker: str = "one", wait: Callable[[float], object] = time.sleep, tomorrow: bool = False
) -> Model | None:
    return train_nightly(database, TAUGHT, worker=worker, now=TOMORROW if tomorrow else TONIGHT, wait=wait)


def _stored_weights(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.exec(select(WeightsRow.digest)))


def _is_by_its_weights(database: Database) -> bool:
    """Say whether every queue was chosen, and every candidate scored, by the weights that the channel has."""
    with database.reading() as session:
        digest = weights_of(session, TAUGHT).digest
        names = session.exec(select(Candidate.arxiv_id)).all()
        chosen = set(session.exec(select(RankedDay.weights)))
    scores = [why(database, TAUGHT, name) for name in names]
    return chosen == {digest} and all(item["score"] == item["offered"] for item in scores)


def _learned_parts(database: Database, name: str) -> list[str]:
    return [part["label"] for part in why(database, EVERYTHING, name)["learned"]["parts"]]


def test_a_kind_that_is_approved_rises_and_one_that_is_rejected_sinks(sqlite_database: Database) -> None:
    pytest.importorskip("sklearn")
    days = 12
    ingest(
        sqlite_database,
        [Capture(day_of_kinds(number), "test") for number in range(days)],
        channels=[EVERYTHING],
        now=NOON,
    )
    context = _context(sqlite_database)
    for name in _of_kind("circuits", days=days):
        decisions.approve(context, name, Edits())
    for name in _of_kind("vision", days=days):
        decisions.reject(context, name, reason="not our field")
    for name in _of_kind("robots", days=days):
        decisions.reject(context, name)
        decisions.undo(_context(sqlite_database, "bob"), name)
    model = train_nightly(sqlite_database, EVERYTHING, worker="one", now=TONIGHT, wait=time.sleep)
    assert model is not None
    assert (model.data.approved, model.data.rejected, model.data.unlabelled) == (days, days, days * 8)

    ingest(sqlite_database, [Capture(day_of_kinds(90, day=WEDNESDAY), "test")], channels=[EVERYTHING], now=TONIGHT)
    with sqlite_database.reading() as session:
        best_first = select(Candidate).where(Candidate.announced == WEDNESDAY).order_by(col(Candidate.score).desc())
        queue = session.exec(best_first).all()
    assert [kind_of(row.arxiv_id) for row in queue[:2]] == ["circuits"] * 2
    assert [kind_of(row.arxiv_id) for row in queue[-2:]] == ["vision"] * 2
    assert any(
        reason.startswith("because you approved") for reason in _learned_parts(sqlite_database, queue[0].arxiv_id)
    )
    assert any(
        reason.startswith("because you rejected") for reason in _learned_parts(sqlite_database, queue[-1].arxiv_id)
    )


def test_what_was_decided_keeps_its_state_and_is_offered_once_whatever_is_learned(taught: Database) -> None:
    pytest.importorskip("sklearn")
    first, second, third, *_ = _of_kind("medicine", days=DAYS)
    context = _context(taught)
    decisions.reject(context, first)
    decisions.note(context, second, Edits(note="Worth a second look."))
    later = NOON + timedelta(days=TAUGHT.queue.expire_after_days)
    decisions.hold(context, third, until=TUESDAY + timedelta(days=60))
    housekeeping.expire_candidates(taught, TAUGHT, now=later)
    with taught.reading() as session:
        before = {row.arxiv_id: (row.id, row.state) for row in session.exec(select(Candidate))}
    _learn(taught)
    with taught.reading() as session:
        after = {row.arxiv_id: (row.id, row.state) for row in session.exec(select(Candidate))}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("death", list(Death))
def test_a_worker_that_is_killed_while_it_learns_harms_nothing(taught: Database, death: Death) -> None:
    pytest.importorskip("sklearn")
    done = learning_life.run(_address(taught), death)
    if death is Death.NEVER:
        assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr
    else:
        assert (done.returncode, done.stdout) == (-signal.SIGKILL, ""), done.stderr
    has_learned = death in {Death.LEARNED, Death.CHOOSING, Death.NEVER}
    assert len(_stored_weights(taught)) == has_learned
    assert _learn(taught) is None, "not twice in a night"
    assert (_learn(taught, tomorrow=True) is None) is has_learned
    rank(taught, [TAUGHT], days=[], now=TOMORROW)  # as the worker does at every look
    assert _is_by_its_weights(taught)


def test_of_several_workers_one_learns(taught: Database) -> None:
    workers = 4
    start = Barrier(workers)

    def live(name: str) -> str:
        with closing(Database(_address(taught))) as own:
            start.wait()
            try:
                train_nightly(own, TAUGHT, worker=name, now=TONIGHT, wait=time.sleep, able=lambda: False)
            except TrainingError:
                return "tried"
            return "left it"

    with ThreadPoolExecutor(workers) as pool:
        assert sorted(pool.map(live, "abcd")) == ["left it"] * 3 + ["tried"]


def test_while_one_trains_the_others_go_on_and_no_transaction_is_open(taught: Database) -> None:
    pytest.importorskip("sklearn")
    found = set[tuple[Model | None, int]]()
    with closing(Database(_address(taught))) as other:

        def wait(seconds: float) -> None:
            if seconds:
                found.add((_learn(other, worker="two"), _open_transactions(other)))
            time.sleep(seconds)

        assert _learn(taught, wait=wait) is not None
    assert found == {(None, 0)}


def _open_transactions(database: Database) -> int:
    """Return how many others hold a transaction; a reader keeps SQLite from taking its journal in."""
    with database.connection() as connection:
        if connection.dialect.name == "postgresql":
            counted = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
            )
            return int(connection.execute(text(counted)).scalar_one())
        connection.execute(text("UPDATE lessons SET error = error"))
        connection.commit()
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return int(cursor.fetchall()[0][0])


def test_a_training_that_gets_the_same_signal_as_its_worker_is_made_up_for_the_same_night(taught: Database) -> None:
    pytest.importorskip("sklearn")
    children = [task / "children" for task in Path("/proc/self/task").iterdir()]
    if not all(file.exists() for file in children):
        pytest.skip("needs a system that names the children of a process")
    ours = {name for file in children for name in file.read_text("ascii").split()}

    def wait(seconds: float) -> None:
        for file in children:
            for name in set(file.read_text("ascii").split()) - ours:
                os.kill(int(name), signal.SIGTERM)
        time.sleep(seconds)

    with pytest.raises(TrainingError, match="because the worker ended"):
        _learn(taught, wait=wait)
    assert _learn(taught) is not None


def test_a_worker_takes_on_weights_that_came_otherwise_although_there_is_nothing_to_learn(
    taught: Database, tmp_path: Path
) -> None:
    pytest.importorskip("sklearn")
    learning_life.run(_address(taught), Death.LEARNED)
    assert not _is_by_its_weights(taught)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sample.toml").write_text(_CHANNEL, "utf-8")
    settings = Settings(
        database_url=SecretStr(_address(taught)), PICKS_CONFIG=tmp_path / "config", PICKS_DATA=tmp_path / "data"
    )
    app = App(settings, clock=lambda: TONIGHT, environ={})
    assert app.channel(None).ranking == TAUGHT.ranking
    Worker(app).learn()
    app.close()
    assert _is_by_its_weights(taught)
    with taught.reading() as session:
        assert session.get_one(TrainingState, "sample").error is None


_CHANNEL = """
title = "Sample"
[feeds]
categories = ["cs.CL", "cs.LG"]
[ranking.words]
patients = 0.1
[queue]
size = 4
threshold = 0.0
expire_after_days = 7
"""
