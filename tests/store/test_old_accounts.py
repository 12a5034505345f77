"""Rows that knew accounts by their names learn the ids: from what they hold at once, else at the next sign-in."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import MetaData, Table
from sqlmodel import select

from bot.domain.accounts import Identity
from bot.domain.posts import Platform
from bot.store.account_tables import AccountState
from bot.store.accounts import learn
from bot.store.database import Database
from bot.store.schema import differences, upgrade
from bot.store.tables import Delivery
from samples import NOON, TUESDAY

DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
X_NAME = "x.com/i/user/42"
DELIVERIES: dict[int, dict[str, Any]] = {
    1: {"platform": "bluesky", "state": "sent", "account": "old.example.social"},
    2: {"platform": "bluesky", "state": "unknown", "account": "old.example.social", "request": {"body": {"repo": DID}}},
    3: {"platform": "bluesky", "state": "planned", "account": "old.example.social"},
    4: {"platform": "x", "state": "sent", "account": X_NAME},
    5: {"platform": "x", "state": "planned", "account": "the X account"},
    6: {"platform": "x", "state": "planned", "account": None},
}


@pytest.fixture
def old(database_address: str) -> Iterator[Database]:
    """Return a database of the version before, with deliveries in all stages."""
    database = Database(database_address)
    upgrade(database, revision="0007")
    with database.connection() as connection:

        def insert(name: str, **row: Any) -> None:
            connection.execute(Table(name, MetaData(), autoload_with=connection).insert().values(**row))

        for number, delivery in DELIVERIES.items():
            arxiv_id = f"2602.{number:05}"
            insert(
                "papers",
                arxiv_id=arxiv_id,
                version=1,
                title="A Paper",
                abstract="",
                authors=[],
                categories=[],
                text_day=TUESDAY,
                first_seen_at=NOON,
                backfilled=False,
                withdrawn=False,
            )
            insert(
                "candidates",
                id=number,
                channel="sample",
                arxiv_id=arxiv_id,
                score=0.5,
                reasons=[],
                state="approved",
                queued_at=NOON,
                by_hand=False,
            )
            insert("picks", id=number, candidate_id=number, note="")
            shared = {"fingerprint": "f" * 64, "remarks": [], "due_at": NOON, "attempts": 1, "single": False}
            insert("deliveries", id=number, pick_id=number, **shared, **delivery)
        uri = f"at://{DID}/app.bsky.feed.post/3ldg2z7tem227"
        post = {"single": False, "position": 0, "content": {}, "price_usd": 0, "sent_at": NOON}
        insert("posts", id=1, delivery_id=1, remote_id=uri, **post)
        insert("accounts", platform="x", account=X_NAME, failures=2, error="no answer")
        insert("accounts", platform="bluesky", account="old.example.social", failures=1, error="no answer")
    yield database
    database.close()


def _ids(database: Database) -> dict[int, str | None]:
    with database.reading() as session:
        return {row.id: row.account_id for row in session.exec(select(Delivery))}


def _resting(database: Database) -> set[str]:
    with database.reading() as session:
        return {row.account for row in session.exec(select(AccountState))}


def test_rows_learn_at_once_what_they_hold_themselves(old: Database) -> None:
    upgrade(old)
    assert differences(old) == []
    assert _ids(old) == {1: DID, 2: DID, 3: None, 4: "42", 5: None, 6: None}
    assert _resting(old) == {"42", "old.example.social"}


def test_the_others_learn_when_somebody_signs_in_with_their_name(old: Database) -> None:
    upgrade(old)
    with old.transaction() as session:
        learn(session, Platform.BLUESKY, Identity("old.example.social", DID), now=NOON)
        learn(session, Platform.X, Identity("the X account", "43"), now=NOON)
    assert _ids(old) == {1: DID, 2: DID, 3: DID, 4: "42", 5: "43", 6: None}
    assert _resting(old) == {"42", DID}


def test_what_is_known_does_not_follow_a_name_to_another_account(old: Database) -> None:
    upgrade(old)
    with old.transaction() as session:
        learn(session, Platform.BLUESKY, Identity("old.example.social", "did:plc:another"), now=NOON)
    assert _ids(old) == {1: DID, 2: DID, 3: "did:plc:another", 4: "42", 5: None, 6: None}
