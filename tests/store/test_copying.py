"""Backup, restore and move: every row as it was, on either kind of database, and nothing overwritten."""

import itertools
import resource
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from backups import Backup
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.heartbeat import beat, read_pulses, silent
from bot.store.copying import back_up, copy_into, copy_rows, restore
from bot.store.database import Database, DatabaseBusyError, DatabaseError
from bot.store.new_files import taking_turns
from bot.store.schema import upgrade
from bot.store.worker_tables import Heartbeat
from publishing_stage import PAPER, approved_stage
from samples import NOON, announcement, batch, channel

pytestmark = pytest.mark.slow


def _rows(database: Database) -> dict[str, list[str]]:
    """Return every row; PostgreSQL gives them in any order."""
    return {table: sorted(map(repr, rows)) for table, rows in Backup.of(database).rows.items()}


def _quiet(_: str) -> None:
    pass


@pytest.fixture
def lived(database: Database) -> Database:
    """Return a database in which a pick went out."""
    stage = approved_stage(database)
    assert stage.tick() == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}
    return database


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Return what makes empty databases."""
    made: list[Database] = []

    def make(name: str) -> Database:
        made.append(Database(f"sqlite:///{tmp_path / name}"))
        return made[-1]

    yield make
    for database in made:
        database.close()


def test_a_backup_that_is_restored_has_every_row_as_it_was(
    lived: Database, tmp_path: Path, fresh: Callable[[str], Database]
) -> None:
    rows = back_up(lived, tmp_path / "copy.picks", say=_quiet)
    again = fresh("again.db")
    assert restore(tmp_path / "copy.picks", again, say=_quiet) == rows > 0
    assert _rows(again) == _rows(lived)


def test_a_database_that_was_laid_aside_is_restored_with_its_last_changes(
    tmp_path: Path, fresh: Callable[[str], Database]
) -> None:
    old = fresh("old.db")
    upgrade(old)
    beat(old, "host:1", started_at=NOON, now=NOON)
    assert (tmp_path / "old.db-wal").stat().st_size > 0  # as after a kill: nothing has taken it over yet
    (tmp_path / "aside").mkdir()
    for name in ("old.db", "old.db-wal"):
        shutil.copyfile(tmp_path / name, tmp_path / "aside" / name)
    again = fresh("again.db")
    assert restore(tmp_path / "aside" / "old.db", again, say=_quiet) == 1
    with again.reading() as session:
        assert session.get(Heartbeat, "host:1") is not None


def test_a_worker_of_the_time_of_the_backup_is_not_called_silent(
    lived: Database, tmp_path: Path, fresh: Callable[[str], Database]
) -> None:
    beat(lived, "host:1", started_at=NOON, now=NOON)
    back_up(lived, tmp_path / "copy.picks", say=_quiet)
    later = NOON + timedelta(hours=3)
    assert [pulse.worker for pulse in silent(read_pulses(lived, now=later))] == ["host:1"]
    again = fresh("again.db")
    restore(tmp_path / "copy.picks", again, say=_quiet)
    assert read_pulses(again, now=later) == []


def test_a_copy_in_either_kind_goes_on_with_new_numbers(database: Database, fresh: Callable[[str], Database]) -> None:
    source = fresh("source.db")
    upgrade(source)
    approved_stage(source)
    copy_rows(source, database, say=_quiet)
    assert _rows(database) == _rows(source)
    late = batch(announcement("2602.00777", "Probing Late", authors=("A. Late",)), feed="cs.LG")
    ingest(database, [Capture(late, "test")], channels=[channel()], now=NOON)
    assert len(_rows(database)["candidates"]) == len(_rows(source)["candidates"]) + 1


def test_a_backup_belongs_to_its_owner_alone_and_leaves_nothing_beside_it(lived: Database, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    back_up(lived, tmp_path / "kept" / "copy.picks", say=_quiet)
    assert stat.S_IMODE((tmp_path / "kept" / "copy.picks").stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    assert [file.name for file in (tmp_path / "kept").iterdir()] == ["copy.picks"]


def test_a_backup_beside_a_writer_is_of_one_moment(lived: Database, tmp_path: Path) -> None:
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        for number in itertools.takewhile(lambda _: not done.is_set(), itertools.count()):
            with lived.connection() as connection:
                connection.exec_driver_sql(f"UPDATE papers SET title = '{number}'")
                connection.exec_driver_sql(f"UPDATE picks SET note = '{number}'")
            begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    begun.wait()
    for number in range(3):
        back_up(lived, tmp_path / f"copy{number}.picks", say=_quiet)
        copy = Database(f"sqlite:///{tmp_path / f'copy{number}.picks'}")
        rows = Backup.of(copy).rows
        copy.close()
        assert rows["picks"][0]["note"] == rows["papers"][0]["title"]
    done.set()
    writer.join()


@pytest.mark.parametrize("name", ["", "/"])
def test_a_name_that_is_none_is_refused(lived: Database, name: str) -> None:
    with pytest.raises(DatabaseError, match="exists already"):
        back_up(lived, Path(name), say=_quiet)


def test_nothing_is_overwritten(lived: Database, tmp_path: Path, fresh: Callable[[str], Database]) -> None:
    file = tmp_path / "copy.picks"
    file.write_text("mine")
    with pytest.raises(DatabaseError, match="exists already"):
        back_up(lived, file, say=_quiet)
    assert file.read_text() == "mine"
    back_up(lived, tmp_path / "other.picks", say=_quiet)
    full = fresh("full.db")
    restore(tmp_path / "other.picks", full, say=_quiet)
    before = Backup.of(full).rows
    with pytest.raises(DatabaseError, match="is not empty"):
        restore(tmp_path / "other.picks", full, say=_quiet)
    assert Backup.of(full).rows == before


def test_a_full_database_of_an_older_version_is_not_even_migrated(
    lived: Database, tmp_path: Path, fresh: Callable[[str], Database]
) -> None:
    back_up(lived, tmp_path / "copy.picks", say=_quiet)
    old = fresh("old.db")
    upgrade(old, revision="0016")
    with old.connection() as connection:
        connection.exec_driver_sql("INSERT INTO ranked_days (channel, day, batches) VALUES ('test', '2026-02-17', 1)")
    with pytest.raises(DatabaseError, match=r"old\.db is not empty: it has rows in ranked_days"):
        restore(tmp_path / "copy.picks", old, say=_quiet)
    with pytest.raises(DatabaseError, match="is not empty"):
        copy_into(old, lived, say=_quiet)
    assert old.schema_revision() == "0016"


@contextmanager
def _largest_file(size: int) -> Iterator[None]:
    """Let no file become larger, as on a disk without room."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_without_room_for_the_working_copy_its_place_is_named_and_nothing_is_made(
    lived: Database, tmp_path: Path, fresh: Callable[[str], Database]
) -> None:
    back_up(lived, tmp_path / "copy.picks", say=_quiet)
    with _largest_file(10_000), pytest.raises(DatabaseError, match=r"cannot copy the backup to /.*; name .* in TMPDIR"):
        restore(tmp_path / "copy.picks", fresh("new.db"), say=_quiet)
    assert not (tmp_path / "new.db").exists()


def test_a_backup_without_room_leaves_nothing(lived: Database, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    with _largest_file(10_000), pytest.raises((DatabaseError, DatabaseBusyError), match=r"copy\.picks\.part"):
        back_up(lived, tmp_path / "kept" / "copy.picks", say=_quiet)
    assert list((tmp_path / "kept").iterdir()) == []


def test_what_a_killed_backup_has_left_is_no_part_of_the_next(lived: Database, tmp_path: Path) -> None:
    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"copy.picks.part{ending}").write_bytes(b"half of another one")
    rows = back_up(lived, tmp_path / "copy.picks", say=_quiet)
    again = Database(f"sqlite:///{tmp_path / 'again.db'}")
    assert restore(tmp_path / "copy.picks", again, say=_quiet) == rows
    again.close()
    assert list(tmp_path.glob("*.part*")) == []


def test_of_two_backups_into_one_file_the_second_waits_and_then_overwrites_nothing(
    lived: Database, tmp_path: Path
) -> None:
    file = tmp_path / "copy.picks"
    with ThreadPoolExecutor(1) as pool:
        with taking_turns(tmp_path):
            second = pool.submit(back_up, lived, file, say=_quiet)
            with pytest.raises(FutureTimeoutError):
                second.result(timeout=0.3)
            assert list(tmp_path.glob("copy.picks*")) == []
            file.write_text("the first one's", "utf-8")
        with pytest.raises(DatabaseError, match="exists already"):
            second.result(timeout=30)
    assert file.read_text("utf-8") == "the first one's"


@pytest.mark.parametrize("content", [b"", b"no database at all", b"SQLite format 3\x00 damaged"])
def test_what_is_no_backup_is_refused(tmp_path: Path, fresh: Callable[[str], Database], content: bytes) -> None:
    file = tmp_path / "copy.picks"
    file.write_bytes(content)
    with pytest.raises(DatabaseError, match=r"copy\.picks is no backup of daily-picks, or not the whole of one"):
        restore(file, fresh("new.db"), say=_quiet)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, fresh: Callable[[str], Database]) -> None:
    for name in ("nowhere", ".", "nowhere/copy.picks"):
        with pytest.raises(DatabaseError, match=r"there is no file .*; name a backup"):
            restore(tmp_path / name, fresh("new.db"), say=_quiet)


def test_a_backup_that_cannot_be_read_is_said_so(tmp_path: Path, fresh: Callable[[str], Database]) -> None:
    with pytest.raises(DatabaseError, match=r"cannot read .*: File name too long"):
        restore(tmp_path / ("n" * 300), fresh("new.db"), say=_quiet)


def test_a_folder_that_cannot_be_written_is_named(lived: Database, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match=r"cannot write .*No such file"):
        back_up(lived, tmp_path / "no" / "folder.picks", say=_quiet)


def test_a_backup_of_an_older_version_is_migrated(tmp_path: Path, fresh: Callable[[str], Database]) -> None:
    old = fresh("old.db")
    upgrade(old, revision="0016")
    old.close()
    new = fresh("new.db")
    restore(tmp_path / "old.db", new, say=_quiet)
    new.require_schema()
    assert old.schema_revision() == "0016"  # the backup itself stays as it is


def test_each_table_is_said_while_it_is_copied(lived: Database, tmp_path: Path) -> None:
    said: list[str] = []
    back_up(lived, tmp_path / "copy.picks", say=said.append)
    assert "copying papers" in said
    assert PAPER not in " ".join(said)
