"""The command line through its real entry point, as scripts and people use it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
from feed_server import FeedServer

PICKS = Path(sys.executable).with_name("picks")
CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
size = 5
threshold = 1.0
[posting]
platforms = ["bluesky", "x", "console"]
time_zone = "UTC"
days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
[thread]
hashtags = ["test"]
[ranking.words]
"probing" = 2.0
"""

PROBING = sample_feeds.Item(
    arxiv_id="2602.00001", title="Probing $\\mu$-Models [bold]now[/bold]", creator="A. One, B. Two"
)
PLAIN = sample_feeds.Item(arxiv_id="2602.00002", title="Cooking with Gas")

Run = Callable[..., subprocess.CompletedProcess[str]]


def _runner(folder: Path) -> Run:
    kept = ("PATH", "HOME", "LANG")
    environ = {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "PICKS_DATA": str(folder / "data"),
        "PICKS_CURATOR": "ada",
    }

    def run(*words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        command = [str(PICKS), *words]
        mine = {**environ, **env}
        return subprocess.run(
            command, cwd=folder, env=mine, input=stdin, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def _lay_out(folder: Path) -> None:
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "test.toml").write_text(CONFIG, "utf-8")
    (folder / "feed.xml").write_bytes(sample_feeds.rss(PROBING, PLAIN))


@pytest.fixture
def picks(tmp_path: Path) -> Run:
    """Return a runner of ``picks`` with a configuration and an environment of its own, and no database yet."""
    _lay_out(tmp_path)
    return _runner(tmp_path)


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which one feed was fetched, to be copied."""
    folder = tmp_path_factory.mktemp("fetched") / "place"
    _lay_out(folder)
    run = _runner(folder)
    assert run("db", "upgrade").returncode == 0
    assert run("fetch", "feed.xml").returncode == 0
    return folder


@pytest.fixture
def ready(fetched: Path, tmp_path: Path) -> Run:
    """Return a runner with one feed fetched."""
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    return _runner(tmp_path)


def _json(run: subprocess.CompletedProcess[str]) -> Any:
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_the_first_command_on_an_empty_machine_says_what_to_do(picks: Run) -> None:
    done = picks("queue")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not set up yet; run: picks db upgrade" in done.stderr
    assert done.stderr.count("\n") == 1


def test_setting_up_twice_is_fine(picks: Run) -> None:
    assert "created" in picks("db", "upgrade").stdout
    assert "is up to date" in picks("db", "upgrade").stdout


def test_the_queue_has_the_fields_that_scripts_rely_on(ready: Run) -> None:
    [item] = _json(ready("queue", "--json"))
    assert item == {
        "id": 1,
        "arxiv_id": "2602.00001",
        "title": "Probing μ-Models [bold]now[/bold]",
        "score": 4.0,
        "reasons": ["Probing +4.0 (title)"],
        "state": "queued",
        "announced": "2026-02-17",
        "categories": ["cs.CL"],
    }


def test_a_piped_queue_is_readable_in_80_columns_without_colour(ready: Run) -> None:
    lines = ready("queue").stdout.splitlines()
    assert "Probing μ-Models [bold]now[/bold]" in "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_the_preview_has_the_fields_that_scripts_rely_on(ready: Run) -> None:
    ready("note", "1", "Worth reading.", "--code", "https://example.org/code")
    data = _json(ready("preview", "2602.00001", "--json"))
    assert data["arxiv_id"] == "2602.00001"
    x = data["platforms"]["x"]
    assert x["cost_usd"] == 0.23
    assert x["posts"][1] == {"text": "Worth reading.", "length": 14, "limit": 280, "card": None, "quote": None}
    bluesky = data["platforms"]["bluesky"]["posts"]
    assert (bluesky[0]["limit"], bluesky[0]["card"]) == (300, "https://arxiv.org/abs/2602.00001")


def test_a_whole_day_by_commands(ready: Run) -> None:
    assert "noted" in ready("note", "1", "-", stdin="Worth reading.\n").stdout
    approved = ready("approve", "1", "--now")
    assert "approved 2602.00001, slot: now" in approved.stdout
    due = _json(ready("publish", "--dry-run", "--json"))
    assert [item["platform"] for item in due] == ["console"]
    published = ready("publish", "--json")
    [report] = _json(published)
    assert (report["platform"], report["state"], len(report["urls"])) == ("console", "sent", 3)
    assert "Worth reading." in published.stderr
    assert "nothing is due" in ready("publish").stdout
    shown = _json(ready("show", "1", "--json"))
    assert shown["state"] == "published"
    assert [post["position"] for post in shown["deliveries"][0]["posts"]] == [0, 1, 2]
    [entry] = _json(ready("history", "--json"))
    assert (entry["arxiv_id"], entry["approved_by"]) == ("2602.00001", "ada")


def test_who_decides_can_be_said_before_and_after_the_command(ready: Run) -> None:
    ready("hold", "1", "--until", "2999-01-01", "--as", "bob")
    ready("--as", "eve", "undo", "1")
    decisions = _json(ready("show", "1", "--json"))["decisions"]
    assert [(item["action"], item["by"], item["mouth"]) for item in decisions] == [
        ("hold", "bob", "shell"),
        ("undo", "eve", "shell"),
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "77"), "nothing in the queue has the number 77; see picks queue"),
        (("show", "2602.99999"), "the paper 2602.99999 is not stored; it comes in with picks fetch"),
        (("approve", "1", "--at", "yesterday"), "cannot read the time 'yesterday'"),
        (("approve", "1", "--at", "10:00", "--now"), "either --at or --now"),
        (("hold", "1", "--until", "soon"), "cannot read the date 'soon'"),
        (("undo", "1"), "nothing has been decided yet"),
        (("note", "1"), "give it behind the ID, or - to read standard input"),
        (("note", "1", "x" * 501), "500"),
        (("note", "1", "--code", "ftp://example.org"), "ftp://example.org"),
        (("publish", "1"), "is not approved (queued); approve it first: picks approve 1"),
        (("queue", "--channel", "other"), "there is no channel 'other' in config; there is: test"),
        (("fetch", "missing.xml"), "missing.xml"),
        (("queue", "--limit", "0"), "--limit must be at least 1"),
    ],
)
def test_a_persons_mistake_is_one_line_and_exit_code_1(ready: Run, words: tuple[str, ...], message: str) -> None:
    done = ready(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("picks: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


@pytest.mark.parametrize("words", [("queue", "--frobnicate"), ("frobnicate",), ("show",), ("queue", "--state", "odd")])
def test_wrong_usage_is_exit_code_2(ready: Run, words: tuple[str, ...]) -> None:
    assert ready(*words).returncode == 2


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>busy</body></html>", sample_feeds.rss(PROBING)[:-40]], ids=["empty", "html", "cut off"]
)
def test_a_broken_feed_is_named_and_changes_nothing(ready: Run, tmp_path: Path, body: bytes) -> None:
    before = _json(ready("status", "--json"))["feeds"]
    (tmp_path / "broken.xml").write_bytes(body)
    done = ready("fetch", "broken.xml")
    assert done.returncode == 1
    assert "broken.xml" in done.stderr
    assert _json(ready("status", "--json"))["feeds"] == before


def test_one_broken_capture_does_not_keep_the_others_out(picks: Run, tmp_path: Path) -> None:
    picks("db", "upgrade")
    (tmp_path / "broken.xml").write_bytes(b"")
    done = picks("fetch", "broken.xml", "feed.xml", "--json")
    assert done.returncode == 1
    assert [item["new"] for item in json.loads(done.stdout)["batches"]] == [2]


def test_captures_are_taken_in_the_order_of_the_date_inside_them(picks: Run, tmp_path: Path) -> None:
    picks("db", "upgrade")
    (tmp_path / "a-later.xml").write_bytes(sample_feeds.rss(PLAIN).replace(b"17 Feb 2026", b"18 Feb 2026"))
    data = _json(picks("fetch", "a-later.xml", "feed.xml", "--json"))
    assert [item["day"] for item in data["batches"]] == ["2026-02-17", "2026-02-18"]


def test_a_feed_can_be_named_by_its_address_in_rss_and_in_atom(picks: Run) -> None:
    picks("db", "upgrade")
    with FeedServer().running() as feeds:
        feeds.bodies = {"cs.CL": sample_feeds.rss(PROBING), "cs.LG": sample_feeds.atom(PLAIN)}
        data = _json(picks("fetch", f"{feeds.url}/rss/cs.CL", f"{feeds.url}/atom/cs.LG", "--json"))
    assert [(item["feed"], item["new"]) for item in data["batches"]] == [("cs.CL", 1), ("cs.CL", 1)]


def test_status_says_what_is_off_and_what_is_missing(ready: Run) -> None:
    text = ready("status").stdout
    assert "bluesky  off: no credentials in the environment" in text
    assert "not running; start it with picks worker" in text


def test_half_of_an_account_is_an_error_that_names_the_other_half(ready: Run) -> None:
    done = ready("status", BLUESKY_HANDLE="bot.example")
    assert done.returncode == 1
    assert "BLUESKY_HANDLE is set but BLUESKY_APP_PASSWORD is not" in done.stderr


def test_a_secret_is_never_shown(ready: Run) -> None:
    env = {
        "BLUESKY_HANDLE": "bot.example",
        "BLUESKY_APP_PASSWORD": "s3cret-pass",
        "BLUESKY_SERVICE": "http://127.0.0.1:9",
    }
    ready("approve", "1", "--now", **env)
    for words in (("status",), ("publish",), ("show", "1"), ("worker", "--once"), ("history", "--json")):
        done = ready(*words, **env)
        assert "s3cret-pass" not in done.stdout + done.stderr


def test_without_a_worker_the_healthcheck_fails_and_says_so(ready: Run) -> None:
    done = ready("healthcheck")
    assert done.returncode == 1
    assert "no worker is alive" in done.stderr


def test_the_editor_opens_on_the_note_when_none_is_given(ready: Run) -> None:
    ready("note", "1", "Old words.")
    assert ready("note", "1", EDITOR="false").returncode == 1


def test_importing_the_command_line_loads_no_platform_library() -> None:
    code = "import bot.cli, sys; print([m for m in ('atproto', 'tweepy', 'apscheduler') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_demo_shows_the_whole_job(picks: Run) -> None:
    done = picks("demo")
    assert done.returncode == 0, done.stderr
    for words in ("candidates added: 4", "Activation Patching +12.0", "$0.245", "approved 2602.99901", "published"):
        assert words in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_every_command_and_option_has_help(picks: Run) -> None:
    listed = picks("--help").stdout
    for name in ("queue", "show", "note", "preview", "approve", "reject", "hold", "undo", "history", "status"):
        assert name in listed
        assert "--json" in picks(name, "--help").stdout
