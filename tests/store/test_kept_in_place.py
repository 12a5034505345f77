"""A SQLite file that is moved, removed or replaced under a running program is noticed; nothing is written beside it."""

import shutil
from pathlib import Path

import pytest

from bot.interfaces.heartbeat import beat, read_pulses
from bot.store.database import Database, DatabaseError
from samples import NOON


def _workers(database: Database) -> list[str | None]:
    return [pulse.worker for pulse in read_pulses(database, now=NOON)]


def test_a_file_that_is_moved_away_is_said_and_not_made_anew_until_it_is_back(
    sqlite_database: Database, tmp_path: Path
) -> None:
    file = Path(str(sqlite_database.url.database))
    beat(sqlite_database, "here:1:a", started_at=NOON, now=NOON)
    away = file.rename(tmp_path / "away.db")
    for _ in range(2):
        with pytest.raises(DatabaseError, match="was moved or removed meanwhile"):
            beat(sqlite_database, "here:2:b", started_at=NOON, now=NOON)
    assert not file.exists()
    away.rename(file)
    assert _workers(sqlite_database) == ["here:1:a"]


def test_another_file_in_its_place_is_used_from_then_on(sqlite_database: Database, tmp_path: Path) -> None:
    file = Path(str(sqlite_database.url.database))
    sqlite_database.close()  # so that the copy is whole
    copy = Path(shutil.copyfile(file, tmp_path / "copy.db"))
    beat(sqlite_database, "here:1:a", started_at=NOON, now=NOON)
    sqlite_database.close()
    assert _workers(sqlite_database) == ["here:1:a"]
    copy.replace(file)
    assert _workers(sqlite_database) == []
