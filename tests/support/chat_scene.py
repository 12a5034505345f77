"""A channel with curators, papers in its queue, and the program's chat before the stand-in for the chat service."""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import SecretStr
from sqlmodel import col, select

from bot.app import App
from bot.intake.ingest import Capture, ingest
from bot.interfaces.chat.job import ChatJob
from bot.platforms.direct_messages import DirectMessages
from bot.settings import BlueskyAccount, Settings
from bot.store.chat_tables import ChatAccount
from bot.store.message_tables import MessageService
from bot.store.messages import plan
from bot.store.tables import Candidate, Decision
from chat_standin import ChatService, Said
from chat_wire import Server
from samples import announcement, batch

MORNING: Final = datetime(2026, 2, 17, 12, 30, tzinfo=UTC)
BOT: Final = f"did:plc:{'bot':2<24}"
ADA: Final = f"did:plc:{'ada':2<24}"
BEN: Final = f"did:plc:{'ben':2<24}"
OLA: Final = f"did:plc:{'ola':2<24}"
VIC: Final = f"did:plc:{'vic':2<24}"
EVE: Final = f"did:plc:{'eve':2<24}"
CONFIG: Final = """
title = "A test channel"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.0001
[posting]
platforms = ["bluesky"]
time_zone = "UTC"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
times = ["15:00"]
[thread]
hashtags = ["sample"]
[ranking.words]
"probing" = 3.0
{more}
[[curators]]
account = "ada.test"
name = "Ada"
[[curators]]
account = "{ben}"
name = "Ben"
[[curators]]
account = "ola.test"
name = "Ola"
role = "operator"
[[curators]]
account = "vic.test"
name = "Vic"
role = "viewer"
"""
PAPERS: Final = tuple(f"2602.{number:05}" for number in range(1, 7))
_HANDLES: Final = {
    "picks.test": BOT,
    "ada.test": ADA,
    "ben.test": BEN,
    "ola.test": OLA,
    "vic.test": VIC,
    "eve.test": EVE,
}


class ChatApp(App):
    """The program's wiring, with the stand-in's server in place of the network."""

    server: Server

    def _direct_messages(self, account: BlueskyAccount) -> DirectMessages:
        made = self.server.messages(account.handle)
        self._chats.append(made)
        return made


@dataclass
class Scene:
    """The program and the people; ``now`` is what its clock shows."""

    folder: Path
    service: ChatService
    server: Server
    now: datetime = MORNING
    app: ChatApp = field(init=False)
    job: ChatJob = field(init=False)

    def __post_init__(self) -> None:
        self.service.now = lambda: self.now
        for did in (ADA, BEN, OLA, VIC):
            self.service.allow(did, "all")
        self.app = self.new_app()
        self.job = self.new_job()

    def new_app(self) -> ChatApp:
        """Return the program as another process would make it."""
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{self.folder / 'picks.db'}"),
            PICKS_CONFIG=self.folder / "config",
            PICKS_DATA=self.folder,
        )
        environ = {
            "BLUESKY_SERVICE": "http://127.0.0.1:9",
            "BLUESKY_HANDLE": "picks.test",
            "BLUESKY_APP_PASSWORD": "app-password",
        }
        app = ChatApp(settings, clock=lambda: self.now, environ=environ)
        app.server = self.server
        return app

    def new_job(self, app: ChatApp | None = None) -> ChatJob:
        """Return the chat of a worker."""
        return ChatJob(app or self.app, sleep=lambda _: False)

    def ingest(self, *titles: str) -> None:
        """Let papers come in; the queue numbers them from 1 in the order of their scores."""
        papers = [
            announcement(number, title, abstract=f"Probing {title}. It finds things.", authors=(f"Ann No{number[-1]}",))
            for number, title in zip(PAPERS, titles, strict=False)
        ]
        channels = list(self.app.channels.values())
        ingest(self.app.database, [Capture(batch(*papers), "test")], channels=channels, now=self.now)

    def tick(self) -> None:
        """Let the worker's chat do a round, a few seconds later."""
        self.now += timedelta(seconds=5)
        self.job.run()

    def say(self, sender: str, text: str, *, reply_to: str | None = None) -> list[str]:
        """Write to the bot and return what it answers."""
        before = len(self.service.said_by(BOT, sender))
        self.service.write(sender, BOT, text, reply_to=reply_to)
        self.tick()
        return [said.text for said in self.service.said_by(BOT, sender)[before:]]

    def plan(self, did: str, *texts: str, key: str = "digest 2026-02-17") -> None:
        """Plan a message, as others of the program do."""
        with self.app.database.transaction() as session:
            plan(
                session,
                channel="sample",
                service=MessageService.BLUESKY,
                recipient=did,
                key=key,
                parts=texts,
                now=self.now,
            )

    def told(self, person: str) -> list[Said]:
        """Return what the bot has written to somebody."""
        return self.service.said_by(BOT, person)

    def react(self, person: str, said: Said, emoji: str) -> list[str]:
        """React to a message of the bot and return what it answers."""
        before = len(self.told(person))
        self.service.react(person, said.id, emoji)
        self.tick()
        return [item.text for item in self.told(person)[before:]]

    def number(self, paper: str) -> int:
        """Return the number of a paper in the queue."""
        with self.app.database.reading() as session:
            return session.exec(select(Candidate.id).where(Candidate.arxiv_id == paper)).one()

    def state(self, paper: str) -> str:
        """Return the state of a candidate."""
        with self.app.database.reading() as session:
            return str(session.exec(select(Candidate.state).where(Candidate.arxiv_id == paper)).one())

    def log(self, paper: str | None = None) -> list[tuple[str, str, str]]:
        """Return who decided what through which mouth, without what the machine did."""
        query = select(Decision, Candidate.arxiv_id).join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        with self.app.database.reading() as session:
            rows = session.exec(query.order_by(col(Decision.id))).all()
        return [
            (str(row.action), row.by, row.mouth) for row, name in rows if row.by != "worker" and paper in {None, name}
        ]

    def account(self) -> ChatAccount:
        """Return how far messages were handled."""
        with self.app.database.reading() as session:
            return session.get_one(ChatAccount, BOT)

    def database_text(self) -> str:
        """Return everything that is stored, as text."""
        with self.app.database.connection() as connection:
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
            return "\n".join(
                str(row) for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
            )


@contextmanager
def scene_in(folder: Path, migrated: Path, *, more: str = "", ben: str = BEN) -> Iterator[Scene]:
    """Give a scene whose bot listens already, with four papers in the queue."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "sample.toml").write_text(CONFIG.format(more=more, ben=ben), "utf-8")
    shutil.copyfile(migrated, folder / "picks.db")
    service = ChatService()
    server = Server(service, dict(_HANDLES))
    scene = Scene(folder, service, server)
    with closing(scene.app):
        scene.ingest("Probing One", "Probing Two", "Probing Three", "Probing Four")
        scene.tick()
        yield scene
