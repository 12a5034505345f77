"""``picks status`` asks the database for what it shows, and reads no years through."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import event

from bot.arxiv.health import Health
from bot.curation.context import Account
from bot.interfaces.views.status import status
from bot.store.base import Table
from bot.store.database import Database
from bot.store.message_tables import Message, MessageService, MessageState
from bot.store.tables import FeedDay
from samples import NOON, channel

CHANNEL = channel(feeds={"categories": ["cs.CL", "cs.LG"]})


@pytest.fixture
def loaded() -> Iterator[Counter[str]]:
    """Count the rows that are loaded, by table."""
    counted: Counter[str] = Counter()

    def count(row: Table, _: object) -> None:
        counted[type(row).__name__] += 1

    event.listen(Table, "load", count, propagate=True)
    yield counted
    event.remove(Table, "load", count)


def _years(database: Database, *, days: int) -> None:
    with database.transaction() as session:
        for number in range(days):
            day = NOON.date() - timedelta(days=number)
            session.add_all(FeedDay(feed=feed, day=day, health=Health.FRESH) for feed in CHANNEL.feeds.categories)
            session.add(_digest(day))


def _digest(day: date) -> Message:
    return Message(
        channel=CHANNEL.name,
        service=MessageService.APPRISE,
        recipient="mailto",
        key=f"digest {day}",
        text="The papers of the day.",
        state=MessageState.SENT,
        planned_at=NOON,
        attempts=1,
    )


def test_years_of_feeds_and_digests_are_not_loaded(sqlite_database: Database, loaded: Counter[str]) -> None:
    _years(sqlite_database, days=1_000)
    accounts = dict.fromkeys(CHANNEL.posting.platforms, Account("an account"))
    found = status(sqlite_database, CHANNEL, accounts=accounts, now=NOON)
    assert {item.last_batch for item in found.feeds} == {NOON.date()}
    assert found.notices.digest is not None
    assert loaded["FeedDay"] < 100
    assert loaded["Message"] < 10
