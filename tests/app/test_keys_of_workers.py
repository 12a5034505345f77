"""Who has the keys: each worker leaves it in the database, and a shell without any needs to know no more."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import MetaData

from bot.app import App
from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.domain.waiting import ALIVE_FOR
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import VERBS, Reply, make_call
from bot.interfaces.display import VIEWS
from bot.interfaces.heartbeat import beat
from bot.interfaces.worker import Worker
from bot.settings import Settings
from bot.store.database import Database
from bot.store.worker_keys import Key, keys_of_workers
from samples import NOON, announcement, batch

CONFIG = """
title = "Sample"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["bluesky", "x"]
time_zone = "UTC"
[ranking.words]
"probing" = 2.0
"""
BLUESKY = {"BLUESKY_HANDLE": "bot.example.com", "BLUESKY_APP_PASSWORD": "s3cret-app-password"}
X = {
    "X_CONSUMER_KEY": "s3cret-key",
    "X_CONSUMER_SECRET": "s3cret-key-secret",
    "X_ACCESS_TOKEN": "17-s3cret-token",
    "X_ACCESS_TOKEN_SECRET": "s3cret-token-secret",
}
MINUTE = timedelta(minutes=1)


class Place:
    """One database, and processes with environments of their own."""

    def __init__(self, folder: Path, database: Database, opened: ExitStack) -> None:
        self.now = NOON
        self.database = database
        self._folder, self._opened = folder, opened
        (folder / "sample.toml").write_text(CONFIG, "utf-8")

    def process(self, **environ: str) -> App:
        address = self.database.display
        settings = Settings.model_construct(database_url=SecretStr(address), config=self._folder, data=self._folder)
        app = App(settings, clock=lambda: self.now, environ=environ)
        self._opened.callback(app.close)
        return app

    def say(self, app: App, verb: str, **values: object) -> Reply:
        return VERBS[verb].run(make_call(app, Actor("ada", "shell")), **values)


@pytest.fixture
def place(tmp_path: Path, sqlite_database: Database) -> Iterator[Place]:
    paper = announcement("2602.00001", "Probing")
    with ExitStack() as opened:
        made = Place(tmp_path, sqlite_database, opened)
        channels = list(made.process().channels.values())
        ingest(sqlite_database, [Capture(batch(paper), "test")], channels=channels, now=NOON)
        yield made


def _platforms(place: Place, app: App) -> dict[str, tuple[bool, bool, str | None, str | None]]:
    found = place.say(app, "status").data.platforms
    return {str(item.platform): (item.on, item.here, item.account, item.workers_lack) for item in found}


NONE = "no credentials in the environment"


def test_a_shell_without_keys_knows_who_posts_from_the_worker(place: Place) -> None:
    shell = place.process()
    assert _platforms(place, shell) == dict.fromkeys(("bluesky", "x"), (False, False, None, None))
    Worker(place.process(**BLUESKY)).beat()
    assert _platforms(place, shell) == {
        "bluesky": (True, False, "bot.example.com", ""),
        "x": (False, False, None, NONE),
    }


def test_a_shell_with_keys_is_told_that_no_worker_has_them(place: Place) -> None:
    Worker(place.process(**BLUESKY)).beat()
    assert _platforms(place, place.process(**X)) == {
        "bluesky": (True, False, "bot.example.com", ""),
        "x": (True, True, "x.com/i/user/17", NONE),
    }


def test_one_worker_with_keys_is_enough(place: Place) -> None:
    Worker(place.process(**BLUESKY)).beat()
    Worker(place.process(**X)).beat()
    assert [item[3] for item in _platforms(place, place.process()).values()] == ["", ""]


def test_half_of_an_account_is_named_as_the_reason(place: Place) -> None:
    Worker(place.process(BLUESKY_HANDLE="bot.example.com")).beat()
    reason = "BLUESKY_HANDLE is set but BLUESKY_APP_PASSWORD is not; set both, or neither"
    assert _platforms(place, place.process())["bluesky"] == (False, False, None, reason)


def test_a_delivery_is_planned_for_every_platform_whoever_has_keys(place: Place) -> None:
    Worker(place.process(**BLUESKY)).beat()
    reply = place.say(place.process(), "approve", paper="1", note="Mine.")
    planned = {str(item.platform): (str(item.state), item.account) for item in reply.data.deliveries}
    assert planned == {"bluesky": ("planned", "bot.example.com"), "x": ("planned", None)}
    assert reply.besides == f"no worker has keys for x ({NONE}): it waits until one has"


def test_an_approval_says_nothing_of_keys_where_a_worker_has_them(place: Place) -> None:
    Worker(place.process(**BLUESKY, **X)).beat()
    assert place.say(place.process(), "approve", paper="1", note="Mine.").besides == ""


def test_what_waits_for_keys_that_no_worker_has_needs_a_person(place: Place) -> None:
    Worker(place.process(**BLUESKY)).beat()
    shell = place.process()
    assert place.say(shell, "status").data.attention == ()
    place.say(shell, "approve", paper="1", note="Mine.")
    [case] = place.say(shell, "status").data.attention
    assert (case.what, case.platform) == ("no worker has keys for x", Platform.X)
    assert "start it again" in case.next
    Worker(place.process(**X)).beat()
    assert place.say(shell, "status").data.attention == ()


def test_the_database_holds_names_and_no_secret(place: Place) -> None:
    Worker(place.process(**BLUESKY, **X)).beat()
    place.say(place.process(**BLUESKY, **X), "approve", paper="1", note="Mine.")
    metadata = MetaData()
    with place.database.connection() as connection:
        metadata.reflect(connection)
        rows = [row for table in metadata.sorted_tables for row in connection.execute(table.select())]
    assert "bot.example.com" in repr(rows)
    assert "s3cret" not in repr(rows)


def test_publishing_by_hand_needs_keys_here_and_says_that_a_worker_has_them(place: Place) -> None:
    Worker(place.process(**BLUESKY, **X)).beat()
    shell = place.process()
    place.say(shell, "approve", paper="1", note="Mine.", now=True)
    said = place.say(shell, "publish").summary
    assert f"x is off: {NONE}; a worker has them" in said


# What is kept of which worker

KEY = Key(channel="sample", platform=Platform.X, account="x.com/i/user/17")
LACK = Key(channel="sample", platform=Platform.X, account=None, problem=NONE)
Beat = Callable[..., None]


@pytest.fixture
def beats(database: Database) -> Beat:
    def say(worker: str, key: Key, *, at: datetime = NOON, leaving: bool = False) -> None:
        beat(database, worker, started_at=NOON, now=at, leaving=leaving, keys=[key])

    return say


def _known(database: Database, at: datetime = NOON) -> list[str | None]:
    with database.reading() as session:
        return [key.account for key in keys_of_workers(session, "sample", now=at)]


def test_what_a_worker_had_is_replaced_by_what_it_has(database: Database, beats: Beat) -> None:
    beats("w1", KEY)
    beats("w1", replace(KEY, account="x.com/i/user/18"))
    assert _known(database) == ["x.com/i/user/18"]
    with database.reading() as session:
        assert keys_of_workers(session, "other", now=NOON) == []


def test_a_worker_that_has_ended_or_is_dead_counts_only_where_no_other_lives(database: Database, beats: Beat) -> None:
    beats("w1", KEY)
    beats("w2", LACK, at=NOON + MINUTE)
    assert sorted(map(str, _known(database, NOON + MINUTE))) == ["None", "x.com/i/user/17"]
    beats("w1", KEY, at=NOON + 2 * MINUTE, leaving=True)
    assert _known(database, NOON + 2 * MINUTE) == [None]
    later = NOON + MINUTE + ALIVE_FOR + MINUTE
    assert _known(database, later) == ["x.com/i/user/17"]  # of the dead the one that was seen last


def test_a_clock_that_was_ahead_hides_no_worker(database: Database, beats: Beat) -> None:
    beats("w1", LACK, at=NOON + timedelta(days=60))
    beats("w2", KEY)
    assert _known(database) == ["x.com/i/user/17"]


def test_the_keys_of_workers_that_are_forgotten_go_with_them(database: Database, beats: Beat) -> None:
    beats("w1", KEY)
    beats("w2", LACK, at=NOON + timedelta(days=8))
    beats("w2", LACK, at=NOON + timedelta(days=8), leaving=True)
    assert _known(database, NOON + timedelta(days=8)) == [None]


@pytest.mark.parametrize(
    ("worker", "shell", "said"),
    [
        (
            BLUESKY,
            {},
            "bluesky  on as bot.example.com, 0 waiting\n         a worker has the keys, this shell has none\n",
        ),
        (BLUESKY, {}, f"x        off: no worker has keys ({NONE})\n"),
        (BLUESKY, BLUESKY, "bluesky  on as bot.example.com, 0 waiting\nx "),
        ({}, BLUESKY, f"0 waiting\n         no worker has keys ({NONE}); picks publish sends from here"),
    ],
)
def test_status_says_in_words_where_the_keys_are(
    place: Place, worker: dict[str, str], shell: dict[str, str], said: str
) -> None:
    Worker(place.process(**worker)).beat()
    console = Console(file=StringIO(), width=120)
    console.print(VIEWS["status"](place.say(place.process(**shell), "status").data, ZoneInfo("UTC")))
    lines = (line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]
    assert said in "\n".join(lines)
