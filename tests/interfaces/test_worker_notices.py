"""The worker's part in notices: what is wrong with one channel's addresses costs nobody else anything."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from alert_server import AlertServer
from bot.app import App
from bot.intake.ingest import Capture, ingest
from bot.interfaces.worker import Worker
from bot.settings import Settings, SettingsError
from bot.store.curator_handles import note_holder
from bot.store.database import Database
from bot.store.message_tables import Message
from morning import ANA
from samples import CONSOLE_CHANNEL, announcement, batch

pytestmark = pytest.mark.network

NAMES = ("first", "second")


@pytest.fixture
def app(tmp_path: Path, migrated_file: Path) -> Iterator[App]:
    """Return the program with two channels of one curator, in the morning of a day that is in."""
    (tmp_path / "config").mkdir()
    for name in NAMES:
        people = f'\n[[curators]]\naccount = "{ANA}"\nname = "Ana"\n'
        (tmp_path / "config" / f"{name}.toml").write_text(CONSOLE_CHANNEL + people, "utf-8")
    file = tmp_path / "picks.db"
    file.write_bytes(migrated_file.read_bytes())
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{file}"), PICKS_CONFIG=tmp_path / "config", PICKS_DATA=tmp_path
    )
    made = App(settings, clock=lambda: datetime(2026, 2, 17, 7, tzinfo=UTC), environ={})
    papers = batch(announcement("2602.00001", "Probing"))
    ingest(made.database, [Capture(papers, "test")], channels=made.channels.values(), now=made.clock())
    yield made
    made.close()


def _told(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.exec(select(Message).order_by(col(Message.channel), col(Message.recipient)))
        return [(row.channel, row.recipient) for row in rows]


def test_addresses_that_cannot_be_read_are_said_and_curators_are_told_all_the_same(app: App) -> None:
    with AlertServer().running() as service:
        urls = {"FIRST_PICKS_DIGEST_URL": "c4nary", "SECOND_PICKS_DIGEST_URL": service.url()}
        with (
            closing(App(app.settings, clock=app.clock, environ=urls)) as other,
            pytest.raises(SettingsError, match="PICKS_DIGEST_URL is wrong: number 1 of 1 is no address"),
        ):
            Worker(other).notify()
        assert _told(app.database) == [("first", ANA), ("second", ANA), ("second", "json")]
        assert [notice.title for notice in service.taken] == ["Test, Tue 17 Feb 2026: 1 candidate"]


def test_without_addresses_the_curators_alone_are_told(app: App) -> None:
    worker = Worker(app)
    worker.notify()
    worker.notify()
    assert _told(app.database) == [("first", ANA), ("second", ANA)]


def test_a_curator_listed_by_a_handle_is_told_as_soon_as_the_chat_knows_the_account(app: App) -> None:
    first = app.channels["first"]
    app.channels["first"] = first.model_copy(
        update={"curators": (first.curators[0].model_copy(update={"account": "ana.example.com"}),)}
    )
    worker = Worker(app)
    worker.notify()
    assert _told(app.database) == [("second", ANA)]
    with app.database.transaction() as session:
        note_holder(session, "ana.example.com", ANA, now=app.clock())
    worker.notify()
    assert _told(app.database) == [("first", ANA), ("second", ANA)]


def test_a_handle_that_has_come_to_somebody_else_is_told_nothing(app: App) -> None:
    first = app.channels["first"]
    app.channels["first"] = first.model_copy(
        update={"curators": (first.curators[0].model_copy(update={"account": "ana.example.com"}),)}
    )
    with app.database.transaction() as session:
        for holder in (ANA, "did:plc:" + "z" * 24):
            note_holder(session, "ana.example.com", holder, now=app.clock())
    Worker(app).notify()
    assert _told(app.database) == [("second", ANA)]
