"""Looking costs the same however many papers lie behind: no large table is read through, and no queue's whole past."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.curation.context import Account
from bot.curation.housekeeping import expire_candidates, release_held, retire_withdrawn
from bot.curation.search import search
from bot.domain.actors import WORKER
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.views.candidates import queue
from bot.interfaces.views.status import status
from bot.publishing.corrections import due_corrections
from bot.publishing.endings import replan_looks
from bot.publishing.rounds import would_be_sent
from bot.store.database import Database
from bot.store.schema import upgrade
from bot.store.search_index import EVERYTHING
from bot.store.tables import PaperRow
from samples import NOON, TUESDAY, channel

LARGE = ("papers", "paper_texts", "announcements", "candidates", "decisions", "posts", "deliveries", "picks")
WHOLE_CHANNEL = "ix_candidates_channel_state (channel=?)"
FEW = "ix_papers_withdrawn"
"""An index of few papers alone."""

CHANNEL = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]})
ACCOUNTS = dict.fromkeys((Platform.BLUESKY, Platform.X), Account("picks.test"))

Look = Callable[[Database], object]


def _queue(database: Database) -> object:
    return queue(database, CHANNEL, state=CandidateState.QUEUED, limit=20)


def _status(database: Database) -> object:
    return status(database, CHANNEL, accounts=ACCOUNTS, now=NOON)


def _search(database: Database) -> object:
    return search(database, CHANNEL, ["probing", "zoë", "2602.00001"], limit=20)


def _round(database: Database) -> None:
    """Do what a worker with nothing to do does every half a minute."""
    retire_withdrawn(database, CHANNEL, now=NOON)
    due_corrections(database, [CHANNEL.name], now=NOON)
    would_be_sent(database, [CHANNEL.name], now=NOON)
    replan_looks(database, actor=WORKER, now=NOON)


def _tidying(database: Database) -> None:
    expire_candidates(database, CHANNEL, now=NOON)
    release_held(database, CHANNEL, now=NOON)


def _paper(arxiv_id: str, title: str) -> PaperRow:
    return PaperRow(
        arxiv_id=arxiv_id,
        version=1,
        title=title,
        abstract="",
        authors=["A. One"],
        categories=["cs.CL"],
        announced=TUESDAY,
        text_day=TUESDAY,
        first_seen_at=NOON,
    )


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/picks.db")
    upgrade(database)
    yield database
    database.close()


def _plan(database: Database, look: Look) -> list[str]:
    """Return the steps of all queries that a look asks."""
    asked: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))

    with database.connection() as connection:
        engine = connection.engine
    event.listen(engine, "before_cursor_execute", note)
    look(database)
    event.remove(engine, "before_cursor_execute", note)
    with database.connection() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values) for words, values in asked]
        return [str(row[3]) for plan in plans for row in plan]


def _read_through(steps: list[str]) -> list[str]:
    return [
        step
        for step in steps
        if (step.startswith("SCAN ") and step.split()[1] in LARGE and FEW not in step)
        or (WHOLE_CHANNEL in step and "SEARCH" in step)
    ]


@pytest.mark.parametrize("look", [_queue, _status, _search, _round, _tidying])
def test_a_look_reads_no_large_table_through(sqlite: Database, look: Look) -> None:
    assert _read_through(_plan(sqlite, look)) == []


def test_the_queue_is_found_by_channel_and_state(sqlite: Database) -> None:
    assert "SEARCH candidates USING INDEX ix_candidates_channel_state (channel=? AND state=?)" in _plan(sqlite, _queue)


def test_a_search_asks_the_index_for_the_newest_and_reads_the_papers_that_it_names(sqlite: Database) -> None:
    steps = _plan(sqlite, _search)
    named = [number for number, step in enumerate(steps) if step.startswith("SCAN search_t")]
    assert [steps[number].split()[1] for number in named] == ["search_titles", "search_texts"] * (len(named) // 2)
    assert len(named) >= 2
    assert all("papers" in steps[number + 2] and "SEARCH" in steps[number + 2] for number in named)
    assert not [step for number in named for step in steps[number : number + 3] if "B-TREE" in step]


def test_a_search_for_signs_alone_reads_all_papers_as_it_says(sqlite: Database) -> None:
    steps = _plan(sqlite, lambda database: search(database, CHANNEL, ["%"], limit=20))
    assert [step.split()[1] for step in _read_through(steps)] == ["papers"]


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_words_are_found_by_the_index_of_postgres(database: Database) -> None:
    with database.transaction() as session:
        for number in range(300):
            session.add(_paper(f"2602.{number:05}", f"Paper about subject{number}"))
    words = {"words": "'subject17':*"}
    with database.connection() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        for filed in ("papers.title", EVERYTHING):
            asked = f"EXPLAIN SELECT 1 FROM papers WHERE picks_words({filed}) @@ CAST(:words AS tsquery)"
            steps = " ".join(row[0] for row in connection.execute(text(asked), words))
            assert "Bitmap Index Scan on search_t" in steps
    assert len(search(database, CHANNEL, ["subject17"], limit=None)) == 11
