"""Looking at the queue and the status costs the same however many papers lie behind: no large table is read through."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.curation.context import Account
from bot.curation.search import search
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.views.candidates import queue
from bot.interfaces.views.status import status
from bot.store.database import Database
from bot.store.schema import upgrade
from samples import NOON, channel

LARGE = ("papers", "paper_texts", "announcements", "candidates", "decisions")
CHANNEL = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]})
ACCOUNTS = dict.fromkeys((Platform.BLUESKY, Platform.X), Account("picks.test"))

Look = Callable[[Database], object]


def _queue(database: Database) -> object:
    return queue(database, CHANNEL, state=CandidateState.QUEUED, limit=20)


def _status(database: Database) -> object:
    return status(database, CHANNEL, accounts=ACCOUNTS, now=NOON)


def _search(database: Database) -> object:
    return search(database, CHANNEL, ["probing"], limit=20)


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
    return [step for step in steps if step.startswith("SCAN ") and step.split()[1] in LARGE]


@pytest.mark.parametrize("look", [_queue, _status])
def test_a_look_reads_no_large_table_through(sqlite: Database, look: Look) -> None:
    assert _read_through(_plan(sqlite, look)) == []


def test_the_queue_is_found_by_channel_and_state(sqlite: Database) -> None:
    assert "SEARCH candidates USING INDEX ix_candidates_channel_state (channel=? AND state=?)" in _plan(sqlite, _queue)


def test_a_search_reads_all_papers_as_it_says(sqlite: Database) -> None:
    assert _read_through(_plan(sqlite, _search)) != []
