"""What the tests of faults need: workers that can be killed, a scene with picks that are due, and the truth afterwards.

The truth about posts is never read from the program: Bluesky's stands in the real server (listRecords), X's and
Mastodon's in the stand-ins' own logs. A plugin.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import IO, Any, Final, Self

import httpx2
import pytest
from sqlmodel import col, select, update

import json_views as views
from bot.app import App
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.store.tables import Delivery
from fault_tables import Tally
from harness_pds import Account, Pds
from harness_store import PostgresCluster
from harness_tally import tally_of
from killable_worker import Death, Errand, Job, job_to_json, settings_for
from mastodon_account import NUMBER as MASTODON_NUMBER
from platform_truth import Outcome, Seen, records, threads
from samples import announcement, batch
from x_account import NUMBER

_FOLDER: Final = Path(__file__).resolve().parent
_CONFIG: Final = """
title = "A test channel"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = {platforms}
time_zone = "UTC"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
times = ["10:00"]
[thread]
note_limit = 2000
hashtags = ["sample"]
[x]
pause_seconds = 0
monthly_budget_usd = {budget}
[ranking.words]
"probing" = 3.0
"""
_SENTENCES: Final = 9
_MADE: Final = ("create", HTTPStatus.OK)


class ChildProcess:
    """A script of this folder that talks in lines of JSON."""

    def __init__(self, script: str, *arguments: str) -> None:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_FOLDER.parent), str(_FOLDER)])}
        self._process = subprocess.Popen(
            [sys.executable, str(_FOLDER / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environ,
        )
        self.first = self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe(self._process.stdin).close()
        self._process.wait(timeout=10)
        self._pipe(self._process.stdout).close()

    def ask(self, order: Mapping[str, Any]) -> Any:
        """Send an order and return the answer."""
        stdin = self._pipe(self._process.stdin)
        stdin.write(json.dumps(order) + "\n")
        stdin.flush()
        return self._read()

    def _read(self) -> Any:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError("the process ended; its reason stands above, on standard error")
        return json.loads(line)

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise RuntimeError("the process was started without pipes")
        return pipe


class Nursery(ChildProcess):
    """Starts workers and buries them."""

    def __init__(self) -> None:
        super().__init__("killable_worker.py")

    def start(self, job: Job) -> int:
        """Start a worker and return its process id."""
        return int(self.ask({"start": job_to_json(job)})["pid"])

    def wait(self, pid: int) -> int:
        """Wait for a worker's end and return its exit status, the negated signal if one ended it."""
        return int(self.ask({"wait": pid})["status"])

    def poll(self, pid: int) -> int | None:
        """Return a worker's exit status, None while it runs."""
        status: int | None = self.ask({"poll": pid})["status"]
        return status

    def run(self, job: Job) -> int:
        """Let a worker live its life, and return its exit status."""
        return self.wait(self.start(job))


class XProcess(ChildProcess):
    """The stand-in for X as a process of its own."""

    def __init__(self, *, limited: bool = True, number: str = NUMBER) -> None:
        if limited:
            super().__init__("x_standin.py", "--number", number)
        else:
            super().__init__("roomy_x_standin.py")
        self.environ: dict[str, str] = self.first["env"]

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return what the stand-in wrote down: ``accepted``, ``live`` or ``requests``."""
        answer = httpx2.get(f"{self.first['url']}/_log").raise_for_status()
        found: list[dict[str, Any]] = answer.json()[kind]
        return found


class MastodonProcess(ChildProcess):
    """The stand-in for Mastodon as a process of its own."""

    def __init__(self, *, limited: bool = True, number: str = MASTODON_NUMBER) -> None:
        super().__init__("mastodon_standin.py", "--number", number, *([] if limited else ["--roomy"]))
        self.environ: dict[str, str] = self.first["env"]

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return what the stand-in wrote down: ``accepted``, ``live`` or ``requests``."""
        answer = httpx2.get(f"{self.first['url']}/_log").raise_for_status()
        found: list[dict[str, Any]] = answer.json()[kind]
        return found


@dataclass(frozen=True)
class Plan:
    """What a scene is to be: ``kind`` is the database's, ``limited`` says whether X and Mastodon count requests.

    All picks are due at once, unless they were approved at a time, ``approved_at``: then each has the slot of a day.
    """

    kind: str
    platforms: tuple[Platform, ...]
    picks: int = 1
    limited: bool = True
    budget: float = 100_000.0
    approved_at: datetime | None = None


@dataclass
class Scene:
    """A database, accounts of its own on the platforms, and picks that are due on them."""

    folder: Path
    database_address: str
    plan: Plan
    pds: Pds
    account: Account
    x: XProcess | None
    mastodon: MastodonProcess | None = None
    app: App = field(init=False)
    approved: dict[tuple[str, Platform], list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        config = _CONFIG.format(platforms=json.dumps(list(self.plan.platforms)), budget=self.plan.budget)
        (self.folder / "config" / "test.toml").write_text(config, "utf-8")
        now = self.plan.approved_at or datetime.now(UTC) - timedelta(hours=1)  # due, whatever the workers' clocks show
        self.app = App(settings_for(self.job()), clock=lambda: now, environ=self._environ)

    @property
    def _environ(self) -> dict[str, str]:
        return {
            "BLUESKY_SERVICE": self.pds.url,
            "BLUESKY_HANDLE": self.account.handle,
            "BLUESKY_APP_PASSWORD": self.account.app_password,
            **(self.x.environ if self.x else {}),
            **(self.mastodon.environ if self.mastodon else {}),
        }

    def job(
        self,
        *,
        death: Death | None = None,
        behind: float = 0.0,
        patient: bool = False,
        errand: Errand = Errand.DELIVER,
        paper: str = "",
    ) -> Job:
        """Return a worker's life in this scene."""
        return Job(self.folder, self.database_address, self._environ, death, behind, patient, errand, paper)

    @property
    def papers(self) -> list[str]:
        """Return the arXiv ids of the picks, in the order in which they were approved."""
        return [f"2602.{number:05}" for number in range(1, self.plan.picks + 1)]

    def approve(self) -> None:
        """Approve the picks, with words of their own in every post."""
        numbers = self.papers
        papers = [announcement(number, f"Probing Number {number.partition('.')[2]}") for number in numbers]
        channel, now = self.app.channel(None), self.app.clock()
        ingest(self.app.database, [Capture(batch(*papers), "test")], channels=[channel], now=now)
        context = self.app.context(channel, Actor("ada", "test"))
        for number in numbers:
            decisions.approve(context, number, Edits(note=_note(number)), at=None if self.plan.approved_at else now)
            for delivery in views.show(self.app.database, channel, number)["deliveries"]:
                key = (number, Platform(delivery["platform"]))
                self.approved[key] = [post["text"] for post in delivery["posts"]]

    def lapse(self, pid: int) -> list[str]:
        """Let the leases of a dead worker end, as five minutes would; say for each what else it left behind."""
        mine = (col(Delivery.claimed_by).like(f"%:{pid}:%"), col(Delivery.state) == DeliveryState.SENDING)
        with self.app.database.transaction() as session:
            found = session.exec(select(Delivery.request).where(*mine)).all()
            session.execute(update(Delivery).where(*mine).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
        return ["a request" if request else "a claim" for request in found]

    def open(self) -> int:
        """Return how many deliveries are planned or in hand."""
        with self.app.database.reading() as session:
            states = session.exec(select(Delivery.state)).all()
        return sum(state in {DeliveryState.PLANNED, DeliveryState.SENDING} for state in states)

    def counts(self) -> Counter[str]:
        """Return how often the workers that came to their end took each step."""
        found: Counter[str] = Counter()
        for file in self.folder.glob("*.counts"):
            found.update(json.loads(file.read_text("utf-8")))
        return found

    def outcome(self) -> Outcome:
        """Return what came of everything."""
        return sum(map(self.outcome_on, self.plan.platforms), Outcome())

    def outcome_on(self, platform: Platform) -> Outcome:
        """Return what came of the deliveries to one platform."""
        owners = {
            text: number for (number, where), texts in self.approved.items() if where is platform for text in texts
        }
        found: dict[str | None, list[list[Seen]]] = {}
        for thread in threads(self._posts_on(platform)):
            found.setdefault(owners.get(thread[0].text), []).append(thread)
        strays = Outcome(wrong=len(found.get(None, [])) + self._second_attempts(platform))
        mine = (number for number, where in self.approved if where is platform)
        return sum((self._outcome_of(number, platform, found.get(number, [])) for number in mine), strays)

    def _outcome_of(self, number: str, platform: Platform, found: Sequence[Sequence[Seen]]) -> Outcome:
        approved = self.approved[number, platform]
        shown = views.show(self.app.database, self.app.channel(None), number)
        [delivery] = [item for item in shown["deliveries"] if item["platform"] == platform]
        recorded = [post["remote_id"] for post in delivery["posts"] if post["remote_id"]]
        posts = [post for thread in found for post in thread]
        out = [post.text for post in posts]
        sent = delivery["state"] == DeliveryState.SENT
        waiting = delivery["state"] == DeliveryState.UNKNOWN and shown["state"] == CandidateState.ATTENTION
        whole = out == approved and recorded == [post.id for post in posts]
        begun = out == approved[: len(out)]
        return Outcome(
            posts=len(out),
            sent=sent and whole and shown["state"] in {CandidateState.PUBLISHED, CandidateState.ATTENTION},
            waiting=waiting and begun,
            doubled=len(out) - len(set(out)),
            lost=not (sent or waiting) or (sent and not set(approved) <= set(out)),
            wrong=len(found) > 1 or not (whole if sent else begun),
        )

    def up(self, platform: Platform) -> list[Seen]:
        """Return the posts that are up, oldest first."""
        return self._posts_on(platform, kept="live")

    def sent_at(self) -> dict[str, datetime]:
        """Return what the clocks of the workers showed when they sent each post, by its id."""
        lines = (self.folder / "sent").read_text("utf-8").splitlines()
        return {name: datetime.fromisoformat(moment) for name, moment in (line.split() for line in lines)}

    def deletes(self) -> list[str]:
        """Return which posts X and Mastodon were asked to delete, each as often as they were."""
        requests = (*self.requests_to_x(), *self.requests_to_mastodon())
        return [request["path"] for request in requests if request["method"] == "DELETE"]

    def requests_to_x(self) -> list[dict[str, Any]]:
        """Return the requests that X got."""
        return self.x.log("requests") if self.x else []

    def requests_to_mastodon(self) -> list[dict[str, Any]]:
        """Return the requests that Mastodon got."""
        return self.mastodon.log("requests") if self.mastodon else []

    def _second_attempts(self, platform: Platform) -> int:
        """Count the posts that were sent again although they were out: a server's rule must not hide what was done.

        X refuses them; Mastodon answers a key that it knows with the post that it has made.
        """
        if platform is Platform.X:
            return sum(request["status"] == HTTPStatus.FORBIDDEN for request in self.requests_to_x())
        if platform is Platform.MASTODON and self.mastodon:
            made = [item for item in self.requests_to_mastodon() if (item["endpoint"], item["status"]) == _MADE]
            return len(made) - len(self.mastodon.log("accepted"))
        return 0

    def _posts_on(self, platform: Platform, *, kept: str = "accepted") -> list[Seen]:
        if platform is Platform.BLUESKY:
            return list(records(self.pds, self.account))
        server = self.x if platform is Platform.X else self.mastodon
        return [Seen(post["id"], post["text"], post["in_reply_to"]) for post in server.log(kept)] if server else []


def _note(number: str) -> str:
    return " ".join(
        f"This is sentence {index} of the note about {number}, which is long enough to make a thread of it and no more."
        for index in range(1, _SENTENCES + 1)
    )


@contextmanager
def _scene(request: pytest.FixtureRequest, pds: Pds, folder: Path, plan: Plan) -> Iterator[Scene]:
    for name in ("config", "data"):
        (folder / name).mkdir(parents=True)
    address = _new_database(request, folder / "data", plan.kind)
    with ExitStack() as stack:
        x = stack.enter_context(XProcess(limited=plan.limited)) if Platform.X in plan.platforms else None
        on_mastodon = Platform.MASTODON in plan.platforms
        mastodon = stack.enter_context(MastodonProcess(limited=plan.limited)) if on_mastodon else None
        scene = Scene(folder, address, plan, pds, pds.create_account(), x, mastodon)
        stack.callback(scene.app.close)
        scene.approve()
        yield scene


def _new_database(request: pytest.FixtureRequest, folder: Path, kind: str) -> str:
    if kind == "postgres":
        cluster: PostgresCluster = request.getfixturevalue("postgres")
        return cluster.create_database(template=request.getfixturevalue("migrated_template"))
    file = folder / "picks.db"
    shutil.copyfile(request.getfixturevalue("migrated_file"), file)
    return f"sqlite:///{file}"


@dataclass(frozen=True)
class Lab:
    """Workers to kill, scenes to do it in, and the tally of what came of it."""

    nursery: Nursery
    scene: Callable[[Plan], Scene]
    tally: Tally


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Load the program once for all workers of the run."""
    with Nursery() as nursery:
        yield nursery


@pytest.fixture
def lab(request: pytest.FixtureRequest, nursery: Nursery, pds: Pds, tmp_path: Path) -> Iterator[Lab]:
    """Return a lab."""
    tally = tally_of(request.config, "kills", Tally)
    folders = (tmp_path / f"scene-{number}" for number in count(1))
    with ExitStack() as stack:
        yield Lab(nursery, lambda plan: stack.enter_context(_scene(request, pds, next(folders), plan)), tally)
