"""Messages to people: one of a key for each recipient, its parts in order."""

from datetime import UTC, datetime

from sqlmodel import col, select

from bot.store.database import Database
from bot.store.message_tables import Message, MessageService
from bot.store.messages import plan

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _plan(database: Database, *, recipient: str = "did:plc:ana", key: str = "digest 2026-11-24") -> bool:
    with database.transaction() as session:
        return plan(
            session,
            channel="mine",
            service=MessageService.BLUESKY,
            recipient=recipient,
            key=key,
            parts=["one", "two"],
            now=NOW,
        )


def _texts(database: Database) -> list[str]:
    with database.reading() as session:
        return [row.text for row in session.exec(select(Message).order_by(col(Message.id)))]


def test_a_message_is_planned_once_for_each_recipient(database: Database) -> None:
    assert _plan(database)
    assert not _plan(database)
    assert _plan(database, recipient="did:plc:ben")
    assert _plan(database, key="digest 2026-11-25")
    assert _texts(database) == ["one", "two"] * 3
