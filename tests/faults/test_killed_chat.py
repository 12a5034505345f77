"""A worker killed at any step of handling messages: every decision once, every answer once, none left out."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from sqlmodel import col, select

from bot.app import App
from bot.intake.ingest import Capture, ingest
from bot.store.tables import Candidate, Decision
from chat_server import ChatServer
from chat_standin import ChatService
from harness_faults import ChildProcess
from harness_pds import Account, Pds
from killable_chat import Life, life_to_json, settings_for
from samples import announcement, batch

ADA: Final = f"did:plc:{'ada':2<24}"
CONFIG: Final = f"""
title = "A test channel"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.0001
[posting]
platforms = ["bluesky"]
time_zone = "UTC"
[ranking.words]
"probing" = 3.0
[[curators]]
account = "{ADA}"
name = "Ada"
"""
NOTE: Final = "Sparse probes find what attention hides, and it is neat to read."
COMMANDS: Final = (f"note 1 {NOTE}", "approve 1", "reject 2 survey", "show 3", "undo 2", "hold 3 2099-01-01")
DECISIONS: Final = [
    ("2602.00001", "note"),
    ("2602.00001", "approve"),
    ("2602.00002", "reject"),
    ("2602.00002", "undo"),
    ("2602.00003", "hold"),
]
LONG_AFTER: Final = 400.0  # seconds: every lease of a dead worker is over


@dataclass
class ChatScene:
    """A database with papers, a bot that listens, and a curator who has written."""

    folder: Path
    database: str
    account: Account
    pds: Pds
    service: ChatService
    nursery: ChildProcess

    @property
    def life(self) -> Life:
        environ = {
            "BLUESKY_SERVICE": self.pds.url,
            "BLUESKY_HANDLE": self.account.handle,
            "BLUESKY_APP_PASSWORD": self.account.app_password,
        }
        return Life(self.folder, self.database, environ)

    def run(self, *, death: tuple[str, str, int] | None = None, ahead: float = 0.0) -> int:
        life = self.life
        order = Life(life.folder, life.database, life.environ, ahead=ahead, death=death)
        return int(self.nursery.ask({"run": life_to_json(order)})["status"])

    def crossed(self) -> list[tuple[str, str, int]]:
        return [(side, name, number) for side, name, number in json.loads((self.folder / "crossed").read_text("utf-8"))]

    def write(self, commands: Sequence[str]) -> None:
        for command in commands:
            self.service.write(ADA, self.account.did, command)

    def decisions(self) -> list[tuple[str, str]]:
        with closing(App(settings_for(self.life), environ={})) as app, app.database.reading() as session:
            rows = session.exec(
                select(Candidate.arxiv_id, Decision)
                .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
                .where(Decision.mouth == "chat")
                .order_by(col(Decision.id))
            ).all()
        return [(arxiv_id, str(row.action)) for arxiv_id, row in rows]

    def answers(self) -> list[str]:
        return [said.text for said in self.service.said_by(self.account.did, ADA)]


@pytest.fixture(scope="session")
def chat_nursery() -> Iterator[ChildProcess]:
    """Load the program once for all lives of the run."""
    with ChildProcess("killable_chat.py") as nursery:
        yield nursery


@pytest.fixture(scope="session")
def bot_account(pds: Pds) -> Account:
    """Return the bot's account."""
    return pds.create_account(messages=True)


@pytest.fixture
def new_scene(
    request: pytest.FixtureRequest, tmp_path: Path, chat_server: ChatServer, chat_nursery: ChildProcess
) -> Callable[[Sequence[str]], ChatScene]:
    """Return what makes a scene in which a curator has written some commands."""
    pds: Pds = request.getfixturevalue("pds")
    bot_account: Account = request.getfixturevalue("bot_account")
    migrated_file: Path = request.getfixturevalue("migrated_file")
    folders = (tmp_path / f"scene-{number}" for number in count(1))

    def make(commands: Sequence[str]) -> ChatScene:
        folder = next(folders)
        (folder / "config").mkdir(parents=True)
        (folder / "data").mkdir()
        (folder / "config" / "test.toml").write_text(CONFIG, "utf-8")
        shutil.copyfile(migrated_file, folder / "data" / "picks.db")
        service = chat_server.new_service()
        service.allow(ADA, "all")
        scene = ChatScene(folder, f"sqlite:///{folder / 'data' / 'picks.db'}", bot_account, pds, service, chat_nursery)
        with closing(App(settings_for(scene.life), environ={})) as app:
            papers = [announcement(f"2602.{number:05}", f"Probing Number {number}") for number in range(1, 5)]
            now = datetime.now(UTC)
            ingest(app.database, [Capture(batch(*papers), "test")], channels=list(app.channels.values()), now=now)
        assert scene.run(ahead=-LONG_AFTER) == 0  # begins to listen
        scene.write(commands)
        return scene

    return make


STEP: Final = "write candidates chat_accounts decisions"
END: Final = "write chat_accounts chat_handled messages"
SAMPLE: Final = (
    ("before", STEP, 1),
    ("after", STEP, 1),
    ("before", END, 1),
    ("after", END, 1),
    ("before", "send", 1),
    ("after", "send", 1),
)


@pytest.mark.parametrize("death", SAMPLE, ids=lambda death: "-".join(map(str, death)).replace(" ", "-"))
def test_a_killed_worker_leaves_one_decision_and_one_answer(
    new_scene: Callable[[Sequence[str]], ChatScene], death: tuple[str, str, int]
) -> None:
    scene = new_scene(["reject 2 survey"])
    assert scene.run(death=death) == -signal.SIGKILL
    assert scene.run(ahead=LONG_AFTER) == 0
    assert scene.decisions() == [("2602.00002", "reject")]
    [answer] = scene.answers()
    assert "2602.00002" in answer
    interrupted = death in {("after", STEP, 1), ("before", END, 1)}
    assert answer.startswith("reject: I was interrupted" if interrupted else "rejected 2602.00002")


@pytest.mark.faults
@pytest.mark.node
def test_a_worker_killed_at_every_step_leaves_every_decision_and_every_answer_once(
    new_scene: Callable[[Sequence[str]], ChatScene],
) -> None:
    whole = new_scene(COMMANDS)
    assert whole.run() == 0
    assert whole.decisions() == DECISIONS
    expected, deaths = whole.answers(), whole.crossed()
    assert len(deaths) > 60
    for death in deaths:
        scene = new_scene(COMMANDS)
        assert scene.run(death=death) == -signal.SIGKILL, death
        assert scene.run(ahead=LONG_AFTER) == 0, death
        assert scene.decisions() == DECISIONS, death
        answers = scene.answers()
        assert len(answers) == len(expected), (death, answers)
        odd = [answer for answer in answers if answer not in expected]
        assert all("I was interrupted after this" in answer for answer in odd), (death, odd)
        assert len(odd) <= 1, death
