"""What both databases must do alike: migrate, keep values exactly, let one writer at a time through."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlmodel import select

from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.store.database import SCHEMA_REVISION, Database, DatabaseError
from bot.store.schema import differences, newest_revision, upgrade
from bot.store.tables import (
    AnnouncementRow,
    BatchRow,
    Candidate,
    Delivery,
    FeedDay,
    FeedState,
    Origin,
    PaperRow,
    Pick,
)
from bot.store.worker_tables import Heartbeat
from harness_store import PostgresCluster
from samples import NOON, TUESDAY

UNIQUE = "(?i)did not accept this: .*unique constraint"
FOREIGN = "(?i)did not accept this: .*foreign key"

FIRST_VERSION = (
    (
        "INSERT INTO papers (arxiv_id, version, title, abstract, authors, categories, text_day, first_seen_at)"
        " VALUES ('2602.00001', 1, 'A Paper', '', '[]', '[]', '2026-02-17', '2026-02-17 12:00:00')"
    ),
    (
        "INSERT INTO batches (id, feed, day, digest, built_at, ingested_at, source, items, new_papers, updated_papers,"
        " health) VALUES"
        " (1, 'cs.CL', '2026-02-17', 'x', '2026-02-17 05:00:00', '2026-02-17 12:00:00', 'a', 1, 1, 0, 'fresh')"
    ),
    "INSERT INTO announcements (batch_id, arxiv_id, type, version) VALUES (1, '2602.00001', 'new', 1)",
)


def _paper(arxiv_id: str = "2602.00001") -> PaperRow:
    return PaperRow(
        arxiv_id=arxiv_id,
        version=1,
        title="A Paper",
        abstract="$0<a<b$",
        authors=["Ä. One"],
        categories=["cs.CL"],
        announced=TUESDAY,
        text_day=TUESDAY,
        first_seen_at=NOON,
    )


def _candidate(**changes: Any) -> Candidate:
    given: dict[str, Any] = {
        "channel": "sample",
        "arxiv_id": "2602.00001",
        "score": 1.5,
        "reasons": ["probing +1.5"],
        "state": CandidateState.QUEUED,
        "queued_at": NOON,
    }
    return Candidate(**{**given, **changes})


def test_a_migrated_database_has_exactly_the_tables_of_the_code(database: Database) -> None:
    assert differences(database) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert upgrade(database) == (SCHEMA_REVISION, SCHEMA_REVISION)


def test_what_the_first_version_stored_is_kept_by_the_second(database_address: str) -> None:
    database = Database(database_address)
    upgrade(database, revision="0001")
    with database.connection() as connection:
        for statement in FIRST_VERSION:
            connection.execute(text(statement))
    assert upgrade(database) == ("0001", SCHEMA_REVISION)
    with database.reading() as session:
        [batch], [day] = session.exec(select(BatchRow)).all(), session.exec(select(FeedDay)).all()
        listed = [row.arxiv_id for row in session.exec(select(AnnouncementRow))]
        paper = session.get_one(PaperRow, "2602.00001")
    assert (batch.highest, batch.origin, batch.cut_off, batch.reason) == ("2602.00001", Origin.FEED, False, "")
    assert (day.feed, day.day, day.health, listed) == ("cs.CL", TUESDAY, "fresh", ["2602.00001"])
    assert (paper.backfilled, paper.withdrawn) == (False, False)
    assert differences(database) == []
    database.close()


def test_the_code_needs_the_newest_migration() -> None:
    assert newest_revision() == SCHEMA_REVISION


def test_a_database_that_was_never_set_up_names_the_command_that_does_it(database_address: str) -> None:
    database = Database(database_address)
    with pytest.raises(DatabaseError, match="run: picks db upgrade"):
        database.require_schema()
    database.close()


def test_values_come_back_as_they_went_in(database: Database) -> None:
    with database.transaction() as session:
        session.add(_paper())
        session.flush()
        session.add(_candidate())
    with database.reading() as session:
        paper, candidate = session.get_one(PaperRow, "2602.00001"), session.exec(select(Candidate)).one()
    assert (paper.abstract, paper.authors, paper.announced) == ("$0<a<b$", ["Ä. One"], TUESDAY)
    assert (candidate.state, candidate.reasons, candidate.queued_at) == (CandidateState.QUEUED, ["probing +1.5"], NOON)


def test_times_in_any_zone_come_back_in_utc(database: Database) -> None:
    berlin = datetime(2026, 2, 17, 13, tzinfo=timezone(timedelta(hours=1)))
    with database.transaction() as session:
        session.add(FeedState(feed="cs.CL", polled_at=berlin))
    with database.reading() as session:
        assert session.get_one(FeedState, "cs.CL").polled_at == datetime(2026, 2, 17, 12, tzinfo=UTC)


def test_a_time_without_zone_is_refused(database: Database) -> None:
    with pytest.raises(DatabaseError, match=r"did not accept this: .*timezone"), database.transaction() as session:
        session.add(Heartbeat(worker="w", started_at=datetime(2026, 2, 17), beat_at=NOON))  # noqa: DTZ001


def test_a_state_that_does_not_exist_never_reaches_the_table(database: Database) -> None:
    with database.transaction() as session:
        session.add(_paper())
    with pytest.raises(DatabaseError, match="dreaming"), database.transaction() as session:
        session.add(_candidate(state="dreaming"))


def test_one_paper_stands_once_in_a_channels_queue(database: Database) -> None:
    with database.transaction() as session:
        session.add(_paper())
        session.flush()
        session.add(_candidate())
    with pytest.raises(DatabaseError, match=UNIQUE), database.transaction() as session:
        session.add(_candidate())


def test_a_row_never_points_at_nothing(database: Database) -> None:
    with (
        pytest.raises(DatabaseError, match=FOREIGN),
        database.transaction() as session,
    ):
        session.add(_candidate(arxiv_id="2602.99999"))


def test_an_exception_rolls_the_whole_transaction_back(database: Database) -> None:
    def interrupted() -> None:
        with database.transaction() as session:
            session.add(_paper())
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        interrupted()
    with database.reading() as session:
        assert session.exec(select(PaperRow)).all() == []


def test_what_is_written_while_reading_is_not_kept(database: Database) -> None:
    with database.reading() as session:
        session.add(_paper())
        session.flush()
    with database.reading() as session:
        assert session.exec(select(PaperRow)).all() == []


def test_read_modify_write_loses_no_update_with_four_writers(database: Database) -> None:
    with database.transaction() as session:
        session.add(FeedState(feed="cs.CL"))

    def count_up() -> None:
        for _ in range(25):
            with database.transaction() as session:
                session.get_one(FeedState, "cs.CL").failures += 1

    writers = [threading.Thread(target=count_up) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.reading() as session:
        assert session.get_one(FeedState, "cs.CL").failures == 100


def test_a_reader_is_not_held_up_by_a_writer(database: Database) -> None:
    with database.transaction() as writing:
        writing.add(_paper())
        writing.flush()
        with database.reading() as reading:
            assert reading.exec(select(PaperRow)).all() == []


def test_a_number_that_people_saw_is_not_given_again(tmp_path: Path, database: Database) -> None:
    with database.transaction() as session:
        session.add_all([_paper("2602.00001"), _paper("2602.00002")])
        session.flush()
        session.add(_candidate())
    with database.transaction() as session:
        first = session.exec(select(Candidate)).one()
        number = first.id
        session.delete(first)
    with database.transaction() as session:
        session.add(_candidate(arxiv_id="2602.00002"))
    with database.reading() as session:
        assert session.exec(select(Candidate)).one().id > number


def test_the_address_is_shown_without_its_password() -> None:
    database = Database("postgres://bot:s3cret@127.0.0.1:1/picks?password=s3cret")
    assert database.display == "postgresql://127.0.0.1:1/picks"


@pytest.mark.parametrize(
    "address", ["not an address", "mysql://root:s3cret@host/db", "://s3cret", "sqlite://", "sqlite:///:memory:"]
)
def test_an_impossible_address_is_an_error_without_the_password(address: str) -> None:
    with pytest.raises(DatabaseError) as caught:
        Database(address)
    assert "s3cret" not in str(caught.value)


def test_a_file_that_is_no_database_is_an_error_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("These are notes, and long enough to be read as a page of a database. " * 20)
    with pytest.raises(DatabaseError, match="is not usable as a database: file is not a database; check DATABASE_URL"):
        Database(f"sqlite:///{file}").require_schema()


def test_looking_at_a_database_that_is_not_there_makes_nothing(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="picks db upgrade"):
        Database(f"sqlite:///{tmp_path}/deep/picks.db").require_schema()
    assert list(tmp_path.iterdir()) == []


def test_a_pick_has_one_present_delivery_on_a_platform_and_any_number_of_former_ones(database: Database) -> None:
    def delivery(*, former: bool) -> Delivery:
        state, platform = DeliveryState.PLANNED, Platform.X
        return Delivery(
            pick_id=1, platform=platform, state=state, fingerprint="f", remarks=[], due_at=NOON, former=former
        )

    with database.transaction() as session:
        session.add(_paper())
        session.flush()
        session.add(_candidate(id=1))
        session.flush()
        session.add(Pick(id=1, candidate_id=1))
        session.flush()
        session.add_all(delivery(former=former) for former in (True, True, False))
    with pytest.raises(DatabaseError, match=UNIQUE), database.transaction() as session:
        session.add(delivery(former=False))


@pytest.mark.parametrize(("said", "seconds"), [("", "10"), ("?connect_timeout=7", "7")])
def test_a_server_that_vanishes_is_noticed_and_the_address_may_say_another_patience(
    postgres: PostgresCluster, said: str, seconds: str
) -> None:
    database = Database(postgres.create_database() + said)
    with database.connection() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        used = driver.info.get_parameters()
    database.close()
    assert (used["connect_timeout"], used["tcp_user_timeout"], used["keepalives_idle"]) == (seconds, "60000", "30")
