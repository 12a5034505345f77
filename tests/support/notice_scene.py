"""Notices for addresses in memory, which fail as ordered, and a clock that tests set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import col, select

from bot.publishing.alerts import Alerts
from bot.store.database import Database
from bot.store.message_tables import Message, MessageService, MessageState
from bot.store.messages import plan
from samples import NOON


@dataclass
class Box:
    """An address in memory: what it was sent, and how it fails, once each."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None

    def send(self, title: str, body: str) -> None:
        self.meanwhile()
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append((title, body))


@dataclass
class Scene:
    """A database with notices for two addresses, and a clock that tests set."""

    database: Database
    boxes: dict[str, Box] = field(default_factory=lambda: {"json": Box(), "mailto": Box()})
    now: datetime = NOON

    def plan(self, key: str = "digest 2026-02-17", *, address: str = "json") -> None:
        with self.database.transaction() as session:
            plan(
                session,
                channel="sample",
                service=MessageService.APPRISE,
                recipient=address,
                key=key,
                parts=["A title\n\nA first line\nand a last one"],
                now=self.now,
            )

    def tick(self, worker: str = "w1") -> int:
        return Alerts(self.database, lambda _: self.boxes, worker=worker, clock=lambda: self.now).send_due("sample")

    def rows(self) -> list[Message]:
        with self.database.reading() as session:
            return list(session.exec(select(Message).order_by(col(Message.id))))

    def states(self) -> list[tuple[str, MessageState]]:
        return [(row.recipient, row.state) for row in self.rows()]
