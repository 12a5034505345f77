"""A database of an older version keeps every row on its way to the newest one, on both databases."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, select

from bot.store.database import SCHEMA_REVISION, Database
from bot.store.schema import differences, upgrade
from bot.store.tables import Candidate, Pick
from samples import NOON, TUESDAY

_DAY_ONE: dict[str, dict[str, Any]] = {
    "papers": {
        "arxiv_id": "2602.00001",
        "version": 1,
        "title": "A Paper",
        "abstract": "An abstract.",
        "authors": ["A. One"],
        "categories": ["cs.CL"],
        "announced": TUESDAY,
        "text_day": TUESDAY,
        "first_seen_at": NOON,
    },
    "batches": {
        "id": 1,
        "feed": "cs.CL",
        "day": TUESDAY,
        "digest": "d" * 64,
        "built_at": NOON,
        "ingested_at": NOON,
        "source": "test",
        "items": 1,
        "new_papers": 1,
        "updated_papers": 0,
        "health": "fresh",
    },
    "announcements": {"batch_id": 1, "arxiv_id": "2602.00001", "type": "new", "version": 1},
    "feeds": {"feed": "cs.CL", "last_day": TUESDAY, "failures": 0},
    "candidates": {
        "id": 7,
        "channel": "sample",
        "arxiv_id": "2602.00001",
        "announced": TUESDAY,
        "score": 2.5,
        "reasons": ["probing +2.5"],
        "state": "published",
        "queued_at": NOON,
        "by_hand": False,
    },
    "picks": {"id": 5, "candidate_id": 7, "note": "Worth reading.", "slot_at": NOON},
    "deliveries": {
        "id": 3,
        "pick_id": 5,
        "platform": "x",
        "state": "sent",
        "fingerprint": "f" * 64,
        "remarks": [],
        "due_at": NOON,
        "attempts": 1,
    },
    "posts": {
        "id": 2,
        "delivery_id": 3,
        "position": 0,
        "content": {"text": "A Paper"},
        "price_usd": "0.0150",
        "remote_id": "123",
        "sent_at": NOON,
    },
    "decisions": {
        "id": 4,
        "candidate_id": 7,
        "at": NOON,
        "action": "approve",
        "before": "queued",
        "after": "approved",
        "by": "ada",
        "mouth": "shell",
        "detail": "",
    },
}
"""One row of every table of the first version that holds what people would miss."""


@pytest.fixture
def old(database_address: str) -> Database:
    """Return a database of the first version with a row in every table."""
    database = Database(database_address)
    upgrade(database, revision="0001")
    with database.connection() as connection:
        for name, row in _DAY_ONE.items():
            connection.execute(Table(name, MetaData(), autoload_with=connection).insert().values(**row))
    return database


def _rows(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.connection() as connection:
        tables = {name: Table(name, MetaData(), autoload_with=connection) for name in _DAY_ONE}
        return {
            name: [dict(row) for row in connection.execute(select(table)).mappings()] for name, table in tables.items()
        }


def test_every_row_of_the_first_version_is_there_after_the_upgrade(old: Database) -> None:
    before = _rows(old)
    assert upgrade(old) == ("0001", SCHEMA_REVISION)
    after = _rows(old)
    kept = {
        name: [{key: row[key] for key in was} for row, was in zip(after[name], rows, strict=True)]
        for name, rows in before.items()
    }
    [scored] = before["candidates"]
    before["candidates"] = [{**scored, "score": 0.005352}]  # 2.5 points, as a probability
    assert kept == before
    assert differences(old) == []
    old.close()


def test_what_was_known_of_withdrawals_and_of_who_wrote_a_note_is_taken_over(old: Database) -> None:
    given = {"candidate_id": 7, "at": NOON, "before": "queued", "after": "queued", "mouth": "worker"}
    notices = [
        {**given, "action": "withdraw", "by": "worker", "detail": f"version {version} is a notice of withdrawal"}
        for version in (2, 4)
    ]
    with old.connection() as connection:
        connection.execute(Table("decisions", MetaData(), autoload_with=connection).insert(), notices)
    upgrade(old)
    with old.reading() as session:
        assert session.get_one(Candidate, 7).withdrawn_version == 4
        pick = session.get_one(Pick, 5)
        assert pick.writers == {"note": {"by": "ada", "at": NOON.isoformat()}}
        assert pick.slot_chosen is False
    old.close()


def test_the_number_of_a_delivery_that_is_gone_is_not_given_again_after_the_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/picks.db")
    upgrade(database, revision="0007")
    with database.connection() as connection:
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('deliveries', 41)")
    upgrade(database)
    with database.connection() as connection:
        last = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'").scalar()
    database.close()
    assert last == 41


def test_numbers_that_people_or_old_lists_hold_are_never_given_again(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/picks.db")
    upgrade(database)
    with database.connection() as connection:
        rows = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        assert sorted(name for (name,) in rows) == ["candidates", "deliveries", "picks"]
    database.close()
