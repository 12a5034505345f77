"""A database that the version before left in the middle of its work: every row is kept, and the work goes on."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina
from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy import select as select_rows
from sqlmodel import Session, select

from bot.arxiv.api import Api
from bot.arxiv.client import FeedClient
from bot.curation.training_data import seen_now
from bot.curation.training_job import is_due, night_of
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.intake.backfill import Backfiller
from bot.platforms.memory import MemoryPublisher
from bot.publishing.sender import Outbox, deliver_due
from bot.store.database import SCHEMA_REVISION, Database, DatabaseError
from bot.store.learning_tables import TrainingState
from bot.store.schema import differences, upgrade
from bot.store.tables import Candidate, FeedDay
from feed_server import FeedServer
from samples import channel

DUMP = Path(__file__).parent / "data" / "schema_0005.sql"
SAMPLE = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]})
GONE = {("announcements", "fingerprint")}

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def old(database_address: str, tmp_path: Path) -> Iterator[Database]:
    """Return the database, once for each kind."""
    database = Database(database_address)
    if database_address.startswith("sqlite"):
        _load(tmp_path / "picks.db")
    else:
        _load(tmp_path / "dump.db")
        upgrade(database, revision="0005")
        _copy(tmp_path / "dump.db", database)
    yield database
    database.close()


def _load(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.executescript(DUMP.read_text("utf-8"))
    connection.close()


def _copy(file: Path, database: Database) -> None:
    """Copy the rows of a SQLite file to a database that has the same tables already."""
    source, target = MetaData(), MetaData()
    with create_engine(f"sqlite:///{file}").connect() as reading, database.connection() as writing:
        source.reflect(reading)
        target.reflect(writing)
        for table in target.sorted_tables:
            rows = [_in_utc(dict(row)) for row in reading.execute(select_rows(source.tables[table.name])).mappings()]
            if rows and table.name != "alembic_version":
                writing.execute(table.insert(), rows)
        for table in target.sorted_tables:
            if "id" in table.columns:
                name = table.name
                writing.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")


def _in_utc(row: dict[str, Any]) -> dict[str, Any]:
    """Give moments the time zone that SQLite does not keep."""
    return {name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value for name, value in row.items()}


def _rows(database: Database) -> Rows:
    metadata = MetaData()
    with database.connection() as connection:
        metadata.reflect(connection)
        return {
            name: sorted((dict(row) for row in connection.execute(select_rows(table)).mappings()), key=repr)
            for name, table in metadata.tables.items()
            if name != "alembic_version"
        }


def _without_new(rows: Rows, before: Rows) -> Rows:
    kept = {name: set(found[0]) for name, found in before.items() if found}
    return {
        name: sorted(({key: row[key] for key in row if key in kept.get(name, ())} for row in found), key=repr)
        for name, found in rows.items()
        if name in before
    }


def test_it_asks_for_an_upgrade_and_keeps_every_row(old: Database) -> None:
    with pytest.raises(DatabaseError, match=r"is at version 0005, this program needs \d{4}; run: picks db upgrade"):
        old.require_schema()
    before = _rows(old)
    assert len(before) == 19
    assert [name for name, rows in before.items() if not rows] == []
    assert upgrade(old) == ("0005", SCHEMA_REVISION)
    old.require_schema()
    assert differences(old) == []
    expected = {
        name: sorted(({key: value for key, value in row.items() if (name, key) not in GONE} for row in rows), key=repr)
        for name, rows in before.items()
    }
    assert _without_new(_rows(old), expected) == expected


def test_rows_that_belong_to_another_still_go_with_it(old: Database) -> None:
    def owners() -> list[tuple[str, str, str]]:
        with old.connection() as connection:
            looked = inspect(connection)
            return sorted(
                (table, key["referred_table"], str(key["options"].get("ondelete")))
                for table in looked.get_table_names()
                for key in looked.get_foreign_keys(table)
            )

    before = owners()
    upgrade(old)
    tables = {table for table, *_ in before}
    assert [owner for owner in owners() if owner[0] in tables] == before


def _day(session: Session, feed: str, day: int) -> FeedDay:
    return session.get_one(FeedDay, (feed, date(2026, 2, day)))


@pytest.mark.network
def test_the_repair_of_lost_days_goes_on_where_it_was(old: Database) -> None:
    upgrade(old)
    with old.reading() as session:
        repaired = {day: _day(session, "cs.CL" if day == 20 else "cs.LG", day) for day in (20, 11)}
        assert {day: row.found for day, row in repaired.items()} == {20: 2, 11: 0}
        asked = {name: _day(session, *name).asked for name in (("cs.CL", 19), ("cs.LG", 20), ("cs.LG", 18))}
    assert asked == {("cs.CL", 19): 2, ("cs.LG", 20): 5, ("cs.LG", 18): 0}
    once = stamina.RetryingCaller(attempts=1)
    now = datetime(2026, 2, 23, 21, tzinfo=UTC)
    with FeedServer().running() as server, FeedClient("tests@example.org", retrying=once) as client:
        backfiller = Backfiller(old, Api(client, server.url, page_size=50), [SAMPLE], lambda: now)
        done = backfiller.catch_up(most=50)
        by_hand = backfiller.day(date(2026, 2, 20), only=[SAMPLE])
    tried = {(item.feed, item.day.day) for item in done}
    assert tried >= {("cs.CL", 19), ("cs.LG", 18)}
    assert not tried & {("cs.LG", 20), ("cs.CL", 20), ("cs.LG", 11)}
    assert [item.error for item in by_hand] == [None, None]
    with old.reading() as session:
        row = _day(session, "cs.CL", 19)
        assert (row.asked, row.next_try_at) == (3, now + timedelta(minutes=60))
        assert row.error
        assert "asked 3 of 5 times" in row.error
        assert _day(session, "cs.CL", 20).repaired == "2 found in the API, 2 of them new"
        given_up = _day(session, "cs.LG", 20)
        assert (given_up.asked, given_up.next_try_at) == (1, now + timedelta(minutes=15))


def test_a_training_that_lacked_its_library_may_be_made_by_another_process(old: Database) -> None:
    upgrade(old)
    now = datetime(2026, 2, 21, 5, tzinfo=UTC)
    night = night_of(SAMPLE, now=now)
    with old.reading() as session:
        seen = seen_now(session, "sample")
        states = [session.get_one(TrainingState, name) for name in ("sample", "other")]
    assert [state.library_missing for state in states] == [True, False]
    assert [is_due(states[0], seen, night=night, able=able, now=now) for able in (True, False)] == [True, False]


def test_what_was_being_sent_goes_on_and_nothing_is_sent_that_waits_for_a_person(old: Database) -> None:
    upgrade(old)
    publishers = {
        Platform.BLUESKY: MemoryPublisher(Platform.BLUESKY, account="did:plc:sample"),
        Platform.X: MemoryPublisher(Platform.X, account="12345"),
    }
    outbox = Outbox(
        database=old,
        publisher_for=lambda _, platform: publishers[platform],
        clock=lambda: datetime(2026, 2, 18, 9, tzinfo=UTC),
        sleep=lambda _: False,
        worker="worker-2",
        jitter=lambda: 1.0,
    )
    reports = deliver_due(outbox, channels=["sample"])
    assert {(item.arxiv_id, str(item.platform)): item.state for item in reports} == {
        ("2602.00103", "x"): DeliveryState.SENT,
        ("2602.00106", "x"): DeliveryState.SENT,
        ("2602.00111", "bluesky"): DeliveryState.SENT,
        ("2602.00111", "x"): DeliveryState.SENT,
    }
    with old.reading() as session:
        states = {row.arxiv_id: row.state for row in session.exec(select(Candidate))}
    assert {states[f"2602.00{name}"] for name in (104, 105)} == {CandidateState.ATTENTION}
    assert {states[f"2602.00{name}"] for name in (103, 106, 111)} == {CandidateState.PUBLISHED}
    assert states["2602.00107"] is CandidateState.APPROVED
