"""A canary in every variable of the environment: no command says it, and no log, no table and no file holds it."""

import json
import logging
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy import MetaData, select, update
from sqlmodel import col
from typer.main import get_command

import bot.settings
import sample_feeds
import warm_process
from bot.domain.errors import PicksError
from bot.interfaces import logs
from bot.interfaces.cli.program import cli
from bot.settings import Settings, load_settings
from bot.store.database import Database
from bot.store.tables import FeedState
from feed_server import FeedServer

pytestmark = pytest.mark.network

CANARY = "c4nary"
CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.001
[posting]
platforms = ["bluesky", "x", "console"]
time_zone = "UTC"
[ranking.words]
"probing" = 2.0
"""
COMMANDS = (
    ("queue",),
    ("digest",),
    ("show", "1"),
    ("search", "probing"),
    ("similar", "1"),
    ("why", "1"),
    ("open", "1"),
    ("log",),
    ("review",),
    ("note", "1", "Worth reading.", "--thread", "https://bsky.app/profile/one.example/post/3kabc"),
    ("preview", "1"),
    ("card", "1"),
    ("people",),
    ("people", "find", "1"),
    ("approve", "1", "--now"),
    ("publish", "1"),
    ("history",),
    ("correct", "1", "--note", "Worth reading twice."),
    ("status",),
    ("retract", "1"),
    ("resolve", "1", "--give-up"),
    ("reopen", "1"),
    ("reject", "1"),
    ("undo", "1"),
    ("hold", "1", "--until", "3d"),
    ("healthcheck",),
    ("train",),
    ("import", "nothing.jsonl"),
    ("backtest", "--listings", "nothing.jsonl", "--picks", "nothing.jsonl"),
    ("export",),
    ("collection", "status", f"acme/picks-{'0' * 24}"),
    ("fetch",),
    ("worker", "--once"),
    ("demo",),
    ("db", "upgrade"),
    ("reconcile", "--dry-run"),
    ("backup", "copy.db"),
    ("restore", "copy.db"),
    ("db", "copy", f"postgresql://me:{CANARY}@127.0.0.1:1/none"),
    ("archive", "build", "site"),
    ("init", "--yes"),
    ("doctor",),
    ("alert-test",),
    ("metrics",),
    ("profile", "--dry-run"),
)
NO_JSON = {"db", "worker", "demo", "backup", "restore", "review", "metrics", "init"}
SECRETS = {
    "BLUESKY_APP_PASSWORD": CANARY,
    "X_CONSUMER_KEY": CANARY,
    "X_CONSUMER_SECRET": CANARY,
    "X_ACCESS_TOKEN": f"1-{CANARY}",
    "X_ACCESS_TOKEN_SECRET": CANARY,
    "MASTODON_ACCESS_TOKEN": CANARY,
    "HF_TOKEN": CANARY,
    "PGPASSWORD": CANARY,
    "PICKS_ALERT_URL": f"json://me:{CANARY}@127.0.0.1:9/{CANARY}",
    "PICKS_HEARTBEAT_URL": f"http://127.0.0.1:9/{CANARY}",
    "PICKS_DIGEST_URL": f"json://me:{CANARY}@127.0.0.1:9/{CANARY} slack://{CANARY}",
}
PASSWORDS = (
    CANARY,
    f"%40{CANARY}%2F",
    f"half@{CANARY}",
    f"half/{CANARY}",
    f"12/{CANARY}",
    f"half#{CANARY}",
    f"half?{CANARY}",
    f"half:{CANARY}",
    f"half%{CANARY}",
    f"half {CANARY}",
)
ADDRESSES = (
    "ARXIV_RSS_URL",
    "ARXIV_API_URL",
    "BLUESKY_SERVICE",
    "BLUESKY_APPVIEW",
    "X_API_URL",
    "MASTODON_URL",
    "HF_ENDPOINT",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
)


class Place:
    """A folder with a channel, a database and a server of feeds, and everything that was said there."""

    def __init__(self, folder: Path, database: str, feeds: FeedServer) -> None:
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONFIG, "utf-8")
        self.folder, self.database, self.feeds = folder, database, feeds
        self.base = here = f"{feeds.url.replace('://', f'://me:{CANARY}@')}/{CANARY}"
        self.environ = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "PICKS_DATA": str(folder),
            "PICKS_CURATOR": "ada",
            "PICKS_CONTACT": f"https://me:{CANARY}@example.org",
            "DATABASE_URL": database,
            "ARXIV_RSS_URL": here,
            "ARXIV_API_URL": here,
            "ARXIV_API_PAUSE": "0",
            "HTTP_PROXY": here,
            "ALL_PROXY": here,
            "BLUESKY_HANDLE": "bot.example",
            "BLUESKY_SERVICE": f"{feeds.url}/token/{CANARY}",
            "BLUESKY_APPVIEW": f"{feeds.url}/hooks/{CANARY}",
            "X_API_URL": f"{feeds.url}/token/{CANARY}",
            "HF_ENDPOINT": f"{feeds.url}/token/{CANARY}",
            **SECRETS,
        }
        self.said = ""

    def picks(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        done = warm_process.run(words, cwd=self.folder, env={**self.environ, **env}, timeout=60)
        self.said += done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def stored(self) -> str:
        """Return every value of every table, and every file of the folder."""
        metadata = MetaData()
        with closing(Database(self.database)) as database, database.reading() as session:
            metadata.reflect(session.connection())
            rows = [
                f"{table.name}: {dict(row)}"
                for table in metadata.tables.values()
                for row in session.execute(select(table)).mappings()
            ]
        files = [file for file in self.folder.rglob("*") if file.is_file()]
        return "\n".join([*rows, *(f"{file}: {file.read_bytes()!r}" for file in files)])

    def poll_anew(self) -> None:
        """Let the next tick ask for the feeds again."""
        with closing(Database(self.database)) as database, database.transaction() as session:
            session.execute(update(FeedState).values(next_poll_at=None).where(col(FeedState.feed) != ""))

    def lines_with_the_canary(self) -> list[str]:
        return [line for line in (self.said + self.stored()).splitlines() if CANARY in line]


@pytest.fixture
def place(tmp_path: Path, database_address: str) -> Iterator[Place]:
    """Return a place whose database has a password, as far as its kind has any."""
    address = database_address.replace("://tester@", f"://tester:{CANARY}@")
    with FeedServer().running() as feeds:
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"))
        made = Place(tmp_path, address, feeds)
        assert made.picks("db", "upgrade").returncode == 0
        yield made


@pytest.fixture
def sqlite_place(tmp_path: Path) -> Iterator[Place]:
    """Return a place with a file, where the kind of database makes no difference."""
    with FeedServer().running() as feeds:
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"))
        made = Place(tmp_path, f"sqlite:///{tmp_path}/picks.db", feeds)
        assert made.picks("db", "upgrade").returncode == 0
        assert made.picks("fetch").returncode == 0
        yield made


def test_no_command_says_a_secret_and_none_is_stored(place: Place) -> None:
    assert place.picks("fetch", "--json").returncode == 0
    assert place.picks("fetch", f"{place.base}/rss/cs.CL").returncode == 0
    assert place.picks("worker", "--once").returncode == 0
    assert place.picks("worker", "--once", PICKS_LOG_FORMAT="text").returncode == 0
    for words in COMMANDS:
        place.picks(*words)
        if words[0] not in NO_JSON:
            place.picks(*words, "--json")
    assert json.loads(place.picks("status", "--json").stdout)["database"].endswith(place.database[-8:])
    assert place.lines_with_the_canary() == []


@pytest.mark.parametrize("kind", ["refused", "no feed", "another category", "no proxy"])
def test_no_failure_of_a_feed_says_or_stores_a_secret(kind: str, sqlite_place: Place) -> None:
    place = sqlite_place
    env = {}
    if kind == "refused":
        place.feeds.status = 404
        place.feeds.api_answers = [(404, {}, b"")] * 20
    elif kind == "no feed":
        place.feeds.bodies["cs.CL"] = b"<html>no feed</html>"
        place.feeds.api_answers = [(200, {}, b"<html>no feed</html>")] * 20
    elif kind == "another category":
        place.feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing"), category="cs.LG")
    else:
        env = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), f"ftp://me:{CANARY}@proxy.example")
    assert place.picks("fetch", **env).returncode == 1
    assert place.picks("fetch", "--json", **env).returncode == 1
    assert place.picks("fetch", f"{place.base}/rss/cs.CL", "--json", **env).returncode in {0, 1}
    assert place.picks("fetch", "--day", "2026-02-17", "--json", **env).returncode in {0, 1}
    place.poll_anew()
    for form in ("json", "text"):
        place.picks("worker", "--once", PICKS_LOG_FORMAT=form, **env)
    place.picks("status")
    place.picks("status", "--json")
    assert place.lines_with_the_canary() == []
    assert "127.0.0.1" in place.said + place.stored()


@pytest.mark.parametrize("password", PASSWORDS[:6])
def test_no_address_with_a_password_is_said_however_it_is_written(password: str, sqlite_place: Place) -> None:
    place = sqlite_place
    place.feeds.status = 404
    host = place.feeds.url.removeprefix("http://")
    for names in (ADDRESSES[:1], ADDRESSES[2:5], ADDRESSES[5:]):
        env = dict.fromkeys(names, f"http://me:{password}@{host}")
        place.picks("status", **env)
        place.picks("fetch", **env)
        place.picks("preview", "1", **env)
    place.picks("fetch", f"http://me:{password}@{host}/rss/cs.CL")
    for address in ("postgres://{}@127.0.0.1:1/db?schema=x", "mysql://{}@host/db", "sqlite://{}@host", "{}"):
        place.picks("queue", DATABASE_URL=address.format(f"me:{password}"))
    assert place.lines_with_the_canary() == []


def test_no_token_in_the_path_of_a_named_capture_is_said_or_stored(sqlite_place: Place) -> None:
    place = sqlite_place
    long = f"{CANARY}{CANARY}{CANARY}"
    for path in (f"token/{CANARY}/feed.xml", f"api/webhooks/1/{CANARY}", f"{long}/cs.CL", f"{CANARY}/rss/cs.CL"):
        place.feeds.status = 200
        place.picks("fetch", f"{place.feeds.url}/{path}")
        place.feeds.status = 404
        place.picks("fetch", f"{place.feeds.url}/{path}", "--json")
    assert place.lines_with_the_canary() == []


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg", "mysql", "sqlite", "nothing", "http"])
def test_no_spelling_of_a_database_says_its_password(kind: str, password: str) -> None:
    places = (
        "127.0.0.1:1/db",
        "127.0.0.1:1/db?schema=x",
        "127.0.0.1:x/db",
        "127.0.0.1:1,127.0.0.1:2/db",
        "[::1/db",
        "",
    )
    for place in places:
        for address in (f"{kind}://me:{password}@{place}", f"{kind}://{place}?user=me&password={password}"):
            with pytest.raises(PicksError) as caught:
                _ask(address)
            assert CANARY not in str(caught.value), address


def _ask(address: str) -> None:
    with closing(Database(address)) as database:
        assert CANARY not in database.display
        database.require_schema()


@pytest.mark.parametrize(
    "name",
    [
        "PICKS_CONFIG",
        "PICKS_DATA",
        "PICKS_LOG_FORMAT",
        "ARXIV_API_PAUSE",
        "PICKS_CONTACT",
        "ARXIV_RSS_URL",
        "DATABASE_URL",
    ],
)
def test_a_value_that_cannot_be_meant_is_not_said(name: str, tmp_path: Path) -> None:
    for value in (CANARY, f"https://me:{CANARY}@host", f"https://me:{CANARY} é@host", f"https://me:{CANARY}"):
        if name in {"PICKS_CONFIG", "PICKS_DATA"} and "://" not in value:
            continue  # a folder, which is there to be shown
        environ = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PICKS_DATA": str(tmp_path), name: value}
        for words in (("status",), ("db", "upgrade"), ("fetch", "nothing.xml")):
            done = warm_process.run(words, cwd=tmp_path, env=environ)
            assert CANARY not in done.stdout + done.stderr
            assert "Traceback" not in done.stderr


def test_every_command_was_run() -> None:
    assert {words[0] for words in COMMANDS} == set(get_command(cli).commands)  # type: ignore[attr-defined]


def test_every_variable_that_the_program_reads_had_a_canary(sqlite_place: Place) -> None:
    """A variable that is added has to be added here too, or named as one that is there to be shown."""
    fields = {str(field.validation_alias or name.upper()) for name, field in Settings.model_fields.items()}
    named = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', Path(bot.settings.__file__).read_text("utf-8")))
    tried = {
        *sqlite_place.environ,
        *ADDRESSES,
        "PICKS_CONFIG",
        "PICKS_CHANNEL",
        "PICKS_LOG_FORMAT",
        "PICKS_KEEP_FEED_DAYS",
        "PICKS_METRICS_FILE",
    }
    tried |= {"SSL_CERT_FILE", "SSL_CERT_DIR"}  # paths, which are there to be shown
    assert (fields | named) - tried == set()


def test_no_setting_shows_a_secret_when_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARXIV_RSS_URL", "ARXIV_API_URL", "DATABASE_URL"):
        monkeypatch.setenv(name, f"https://me:{CANARY}@host")
    assert CANARY not in f"{load_settings()!r} {load_settings()}"


def test_a_traceback_in_the_log_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        for form in ("json", "text"):
            logs.configure(form=form, level=logging.INFO)
            try:
                int(f"http://me:{CANARY}@host")
            except ValueError:
                structlog.get_logger("ours").exception("failed", url=f"http://me:{CANARY}@host")
                logging.getLogger("theirs").exception("GET %s", f"http://me:{CANARY}@host")
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
    said = capsys.readouterr().err
    assert said.count("ValueError: invalid literal for int() with base 10: 'http://host'") == 4
    assert CANARY not in said
