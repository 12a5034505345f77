"""Workers of two versions for a minute: whenever the newer one migrates the database, each post goes out once."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest

from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.memory import MemoryPublisher
from bot.platforms.publisher import Receipt, Request
from bot.publishing.outbox import LEASE
from bot.store.database import SCHEMA_REVISION, Database, DatabaseError
from publishing_stage import Stage, approved_stage

NEXT = "9999"
"""The migration of the version after this one."""

REFUSED = rf"is at version {NEXT}, newer than this program knows \({SCHEMA_REVISION}\); update daily-picks"


def _migrate(database: Database, revision: str) -> None:
    with database.migrating() as connection:
        connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{revision}'")


class _MigratedMeanwhile(MemoryPublisher):
    """Takes posts; the newer version's ``picks db upgrade`` runs while the answer to one of them is under way."""

    def __init__(self, platform: Platform, database: Database, *, at: int, requests: Iterator[int]) -> None:
        super().__init__(platform)
        self._database, self._at, self._requests = database, at, requests

    def send(self, request: Request) -> tuple[Receipt, ...]:
        receipts = super().send(request)
        if next(self._requests) == self._at:
            _migrate(self._database, NEXT)
        return receipts


@pytest.fixture
def stage(database: Database) -> Iterator[Stage]:
    """Return a stage on which one pick is due; the schema's version is put back afterwards."""
    yield approved_stage(database)
    _migrate(database, SCHEMA_REVISION)


def _newer(stage: Stage) -> Iterator[Stage]:
    """Give the stage as a worker of the next version has it: the same accounts, and code for the next schema."""
    database = Database(stage.database.url.render_as_string(hide_password=False), revision=NEXT)
    yield replace(stage, database=database)
    database.close()


def test_whenever_the_newer_version_migrates_a_thread_goes_out_once_and_whole(stage: Stage) -> None:
    approved = {platform: stage.approved(platform) for platform in stage.publishers}
    at = len(approved[Platform.X]) // 2 + 1
    requests = count()
    stage.publishers = {
        item: _MigratedMeanwhile(item, stage.database, at=at, requests=requests) for item in stage.publishers
    }
    with pytest.raises(DatabaseError, match=REFUSED):
        stage.tick("old")
    out = sum(len(stage.out(platform)) for platform in stage.publishers)
    assert 0 < out < sum(map(len, approved.values()))
    for newer in _newer(stage):
        newer.now += LEASE
        with pytest.raises(DatabaseError, match=REFUSED):  # the old one still ticks beside it, and touches nothing
            replace(stage, now=newer.now).tick("old")
        newer.tick("new")
        newer.now += LEASE
        newer.tick("new")
        assert {platform: newer.out(platform) for platform in approved} == approved
        assert set(newer.states().values()) == {DeliveryState.SENT}


def test_a_worker_of_the_version_before_sends_nothing_once_the_database_is_migrated(stage: Stage) -> None:
    _migrate(stage.database, NEXT)
    with pytest.raises(DatabaseError, match=REFUSED):
        stage.tick("old")
    assert [stage.out(platform) for platform in stage.publishers] == [[], []]


def test_a_worker_of_the_next_version_sends_nothing_before_the_database_is_migrated(stage: Stage) -> None:
    for newer in _newer(stage):
        with pytest.raises(DatabaseError, match=rf"this program needs {NEXT}; run: picks db upgrade"):
            newer.tick("new")
    assert [stage.out(platform) for platform in stage.publishers] == [[], []]
    assert stage.tick("old") == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}


def test_nothing_is_written_halfway_when_the_version_changes(stage: Stage) -> None:
    _migrate(stage.database, NEXT)
    entered = []
    with pytest.raises(DatabaseError, match=REFUSED), stage.database.transaction():
        entered.append("the block")
    assert entered == []
