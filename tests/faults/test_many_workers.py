"""Eight workers on PostgreSQL with two thousand deliveries that are due at once: none goes out twice, none is lost."""

from pathlib import Path

import pytest

from bot.store.database import Database
from harness_store import PostgresCluster
from many_workers import approve_many, send_all


@pytest.mark.parametrize(
    ("workers", "picks"), [(3, 10), pytest.param(8, 1_000, marks=[pytest.mark.faults, pytest.mark.timeout(3_600)])]
)
def test_each_thread_goes_out_once_whoever_sends_it(
    postgres: PostgresCluster, migrated_template: str, tmp_path: Path, workers: int, picks: int
) -> None:
    database = Database(postgres.create_database(template=migrated_template))
    approve_many(database, picks)
    sent = send_all(database, tmp_path, workers=workers)
    print(f"{workers} workers, {2 * picks:,} deliveries: {sent.seconds:.1f} s")
    assert sent.states == {"sent": 2 * picks}
    assert len(sent.threads) == 2 * picks
    assert set(sent.threads.values()) == {1}
    database.close()
