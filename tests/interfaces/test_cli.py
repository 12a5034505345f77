"""The command line as scripts and people use it: in a process of its own, which most tests fork from a warm one."""

import json
import os
import pty
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
import warm_process
from feed_server import FeedServer
from warm_process import PICKS

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
size = 5
threshold = 0.001
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


X_ACCOUNT = {
    "X_CONSUMER_KEY": "key",
    "X_CONSUMER_SECRET": "key-secret",
    "X_ACCESS_TOKEN": "token",
    "X_ACCESS_TOKEN_SECRET": "token-secret",
    "X_API_URL": "http://127.0.0.1:9",
}

NOWHERE = "http://127.0.0.1:9"
"""No command of these tests asks arXiv: nobody answers here."""

NO_TEXT = "\udcff"
"""What the byte FF becomes on a command line in UTF-8."""


def _environ(folder: Path, **env: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    ours = {"LANG": "C.UTF-8", "PICKS_DATA": str(folder / "data"), "PICKS_CURATOR": "ada"}
    return {**kept, **ours, "ARXIV_RSS_URL": NOWHERE, "ARXIV_API_URL": NOWHERE, "ARXIV_API_PAUSE": "0", **env}


def _runner(folder: Path) -> Run:
    def run(*words: str, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return warm_process.run(words, cwd=folder, env=_environ(folder, **env), input=stdin, errors="surrogateescape")

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


@pytest.fixture
def script(tmp_path: Path) -> Run:
    """Return the same with the real script, which loads what it needs itself: that this suffices must be seen too."""
    _lay_out(tmp_path)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PICKS), *words],
            cwd=tmp_path,
            env=_environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


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


@pytest.mark.slow
def test_the_first_command_on_an_empty_machine_says_what_to_do(script: Run) -> None:
    done = script("queue")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is not set up yet; run: picks db upgrade" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.slow
def test_setting_up_twice_is_fine(script: Run) -> None:
    assert "created" in script("db", "upgrade").stdout
    assert "is up to date" in script("db", "upgrade").stdout


def test_a_backup_is_made_restored_and_moved_by_commands(ready: Run, tmp_path: Path) -> None:
    before = _json(ready("queue", "--json"))
    assert "brings them back" in ready("backup", "copy.db").stdout
    again = ready("backup", "copy.db")
    assert (again.returncode, "copy.db exists already" in again.stderr) == (1, True)
    full = ready("restore", "copy.db")
    assert (full.returncode, "is not empty" in full.stderr) == (1, True)
    new = f"sqlite:///{tmp_path}/new.db"
    assert ready("restore", "copy.db", DATABASE_URL=new).returncode == 0
    assert _json(ready("queue", "--json", DATABASE_URL=new)) == before
    moved = f"sqlite:///{tmp_path}/moved.db"
    assert "name it in DATABASE_URL from now on" in ready("db", "copy", moved).stdout
    assert _json(ready("queue", "--json", DATABASE_URL=moved)) == before


def test_the_accounts_are_compared_with_the_database_by_a_command(ready: Run) -> None:
    assert "the database knows everything that is on the accounts" in ready("reconcile").stdout
    found = _json(ready("reconcile", "--dry-run", "--json"))
    assert (found["adopted"], found["unknown"], found["dry_run"]) == ([], [], True)
    assert [item["problem"] for item in found["accounts"]] == [None]


def test_the_queue_has_the_fields_that_scripts_rely_on(ready: Run) -> None:
    [item] = _json(ready("queue", "--json"))
    assert item == {
        "id": 1,
        "arxiv_id": "2602.00001",
        "title": "Probing μ-Models [bold]now[/bold]",
        "score": 0.020243,
        "reasons": ["probing +4.9"],
        "state": "queued",
        "announced": "2026-02-17",
        "categories": ["cs.CL"],
        "like": None,
        "perhaps_withdrawn": None,
        "authors": ["A. One", "B. Two"],
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
    assert x["cost_usd"] == 0.2
    [post] = x["posts"]
    assert (
        "\n\nWorth reading.\n\nPaper: https://arxiv.org/abs/2602.00001\nCode: https://example.org/code" in post["text"]
    )
    assert {key: value for key, value in post.items() if key not in {"text", "length"}} == {
        "limit": 280,
        "card": None,
        "quote": None,
    }
    assert x["form"] == "hook"
    bluesky = data["platforms"]["bluesky"]["posts"]
    assert (bluesky[0]["limit"], bluesky[0]["card"]) == (300, "https://arxiv.org/abs/2602.00001")
    assert bluesky[0]["links"] == [{"text": "Code", "url": "https://example.org/code"}]
    shown = ready("preview", "2602.00001").stdout
    assert "bluesky: 1 post, hook form, draft" in shown
    assert "[Code: https://example.org/code]" in shown


def test_a_whole_day_by_commands(ready: Run) -> None:
    assert "noted" in ready("note", "1", "-", stdin="Worth reading.\n").stdout
    approved = ready("approve", "1", "--now")
    assert "approved 2602.00001, slot: now" in approved.stdout
    due = _json(ready("publish", "--dry-run", "--json"))
    assert [item["platform"] for item in due] == ["console"]
    published = ready("publish", "--json")
    [report] = _json(published)
    assert (report["platform"], report["state"], len(report["urls"])) == ("console", "sent", 1)
    assert "Worth reading." in published.stderr
    assert "due and not sent: 2602.00001; x is off: no credentials in the environment" in ready("publish").stdout
    shown = _json(ready("show", "1", "--json"))
    assert shown["state"] == "publishing"
    states = {item["platform"]: item["state"] for item in shown["deliveries"]}
    assert states == {"bluesky": "planned", "x": "planned", "console": "sent"}  # whatever is off here
    assert [post["position"] for post in shown["deliveries"][2]["posts"]] == [0]
    for platform in ("bluesky", "x"):
        assert ready("resolve", "1", "--give-up", "--platform", platform).returncode == 0
    assert _json(ready("show", "1", "--json"))["state"] == "published"
    assert ready("publish").stdout.startswith("nothing is due; bluesky is off")
    [entry] = _json(ready("history", "--json"))
    assert (entry["arxiv_id"], entry["approved_by"]) == ("2602.00001", "ada")


def test_one_platform_is_given_up_and_posted_anew_by_a_command(ready: Run) -> None:
    ready("approve", "1", "--now")
    ready("publish")
    assert ready("resolve", "1", "--platform", "x", "--give-up").returncode == 0
    done = ready("reopen", "1", "--platform", "x")
    assert (done.returncode, "2602.00001 goes out on x again, slot: " in done.stdout) == (0, True)
    shown = _json(ready("show", "1", "--json"))
    assert {item["platform"]: item["state"] for item in shown["deliveries"]}["x"] == "planned"
    assert [(item["platform"], item["state"]) for item in shown["former_deliveries"]] == [("x", "given-up")]


def test_a_published_pick_is_retracted_by_a_command(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["console"]')
    ready("approve", "1", "--note", "Worth reading.", "--now")
    assert ready("publish").returncode == 0
    [done] = _json(ready("retract", "1", "--json"))
    assert (done["platform"], done["removed"], done["left"], done["error"]) == ("console", 1, 0, None)
    shown = _json(ready("show", "1", "--json"))
    assert shown["state"] == "retracted"
    assert all(post["removed_at"] for post in shown["deliveries"][0]["posts"])


def test_a_published_pick_is_corrected_by_a_command(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["console"]')
    words = ("correct", "1", "--note", "Worth reading twice.")
    early = ready(*words)
    assert (early.returncode, "nothing of 2602.00001 is out; see picks history" in early.stderr) == (1, True)
    ready("approve", "1", "--note", "Worth reading.", "--now")
    assert ready("publish").returncode == 0
    assert "say the corrected note, whole: --note TEXT" in ready("correct", "1").stderr
    shown = ready(*words).stdout
    assert "Worth [-reading.-]{+reading twice.+}" in shown
    assert "│ Correction: Worth reading twice." in shown
    assert "nothing is stored yet; the same with --yes approves it: a reply below the thread" in " ".join(shown.split())
    data = _json(ready(*words, "--json"))
    assert (data["form"], data["approved"], data["due_at"], data["before"]) == ("reply", False, None, "Worth reading.")
    assert [post["text"] for post in data["platforms"]["console"]["posts"]] == ["Correction: Worth reading twice."]
    assert _json(ready(*words, "--yes", "--at", "2999-03-02 10:00", "--json"))["approved"] is True
    waiting = " ".join(ready("show", "1").stdout.split())
    assert "reply, planned, at Sat 02 Mar 2999 10:00 UTC, approved by ada: Worth reading twice." in waiting
    [coming] = _json(ready("status", "--json"))["upcoming"]
    assert (coming["arxiv_id"], coming["slot"], coming["correction"]) == ("2602.00001", "2999-03-02T10:00:00Z", "reply")
    assert "#1 correction (reply): " in ready("status").stdout
    assert _json(ready("publish", "--dry-run", "--json")) == []
    taken_back = " ".join(ready("undo").stdout.split())
    assert "your last decision was about #1" in taken_back
    assert "the correction of 2602.00001 is taken back" in taken_back
    assert "its slot, Sat 02 Mar 2999 10:00 UTC, is free" in taken_back
    assert ready(*words, "--form", "anew", "--yes", "--now").returncode == 0
    for named in ((), ("1",)):
        [due] = _json(ready("publish", *named, "--dry-run", "--json"))
        assert (due["arxiv_id"], due["platform"], due["correction"]) == ("2602.00001", "console", "anew")
        assert "Worth reading twice." in due["posts"][0]["text"]
    assert "2602.00001 on console, correction (anew): 1 post" in ready("publish", "--dry-run").stdout
    assert "Worth reading twice." in ready("publish", "1").stdout
    now = _json(ready("show", "1", "--json"))
    assert (now["state"], now["note"], len(now["former_deliveries"])) == ("published", "Worth reading twice.", 1)
    assert [(row["form"], row["state"]) for row in now["corrections"]] == [("anew", "done")]


def test_a_correction_waits_for_the_platform_that_is_off_and_its_thread_stays(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["console", "x"]')
    ready("approve", "1", "--note", "Worth reading.", "--now")
    ready("publish")
    with sqlite3.connect(tmp_path / "data" / "picks.db") as database:  # as if X had had keys until now
        database.execute("UPDATE deliveries SET state = 'sent', sent_at = due_at, error = NULL WHERE platform = 'x'")
        database.execute("UPDATE candidates SET state = 'published' WHERE id = 1")
    done = ready("correct", "1", "--note", "Read it twice.", "--form", "anew", "--yes", "--now")
    assert "x is off here: no credentials in the environment" in " ".join(done.stdout.split() + done.stderr.split())
    assert "left out: x: off, no credentials in the environment" in ready("publish", "1").stdout
    assert "due and not sent: 2602.00001; x is off" in ready("publish").stdout
    assert "nothing of 2602.00001 can be sent now; x: off, no credentials" in ready("publish", "1").stderr
    shown = _json(ready("show", "1", "--json"))
    assert {item["platform"]: item["state"] for item in shown["deliveries"]} == {"x": "sent", "console": "sent"}
    assert (shown["state"], shown["note"], shown["corrections"][0]["waiting"]) == ("published", "Read it twice.", ["x"])
    [picked] = _json(ready("history", "--json"))
    assert picked["corrected_at"] == shown["corrections"][0]["started_at"]
    assert "  corrected " in ready("history").stdout


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
        (("approve", "1", "--at", "2001-01-01 10:00"), "is past; give a later one, or --now"),
        (("hold", "1", "--until", "2001-01-01"), "the date must lie ahead"),
        (("undo", "1"), "there is nothing to take back"),
        (("reopen", "1"), "nothing of 2602.00001 was taken down; see picks history"),
        (("reopen", "1", "--platform", "x"), "nothing of 2602.00001 was taken down; see picks history"),
        (("note", "1", "x" * 501), "500"),
        (("publish", "1"), "is not approved (queued); approve it first: picks approve 1"),
        (("queue", "--channel", "other"), "there is no channel 'other' in config; there is: test"),
        (("fetch", "missing.xml"), "missing.xml"),
        (("fetch", "--day", "2999-01-01"), "no feed of 2999-01-01 can be there yet"),
        (("retract", "1"), "nothing of 2602.00001 is out; see picks history"),
        (("resolve", "1", "--resend"), "no delivery of 2602.00001 waits for a person"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_1(ready: Run, words: tuple[str, ...], message: str) -> None:
    _is_one_line(ready(*words), 1, message)


@pytest.mark.parametrize("words", [("fetch",), ("fetch", "--day", "2026-02-17"), ("worker", "--once")])
def test_certificates_that_are_not_there_are_said_in_words(ready: Run, words: tuple[str, ...]) -> None:
    done = ready(*words, SSL_CERT_FILE="missing.pem")
    assert done.returncode == 1
    assert "the environment variable SSL_CERT_FILE is wrong: missing.pem cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_was_made_for_a_database_is_named(picks: Run, tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/typo/deep/picks.db"
    done = picks("db", "upgrade", DATABASE_URL=address, COLUMNS="300")
    assert done.stdout.endswith(f"; the folder {tmp_path}/typo/deep was not there and is made\n")
    assert "is made" not in picks("db", "upgrade", DATABASE_URL=address, COLUMNS="300").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("show", "rubbish"), "'rubbish' is neither a queue number nor an arXiv id"),
        (("show", "0"), "'0' is neither a queue number nor an arXiv id"),
        (("approve", "#00"), "'#00' is neither a queue number nor an arXiv id"),
        (("show", "1234567890"), "'1234567890' is neither a queue number nor an arXiv id"),
        (("approve", "1", "--at", "yesterday"), "cannot read the time 'yesterday'"),
        (("approve", "1", "--at", "10:00", "--now"), "either --at or --now"),
        (("hold", "1", "--until", "soon"), "cannot read the date 'soon'"),
        (("fetch", "--since", "soon"), "cannot read the date 'soon'"),
        (("note", "1"), "give the text behind the ID, or - to read standard input"),
        (("note", "1", "--code", "ftp://example.org"), "ftp://example.org"),
        (("queue", "--limit", "0"), "--limit must be at least 1"),
        (("search", " "), "nothing to look for"),
        (("publish", "--single"), "--single needs the ID of a pick"),
        (("resolve", "1"), "exactly one of --sent URL, --resend and --give-up"),
        (("resolve", "1", "--resend", "--give-up"), "exactly one of --sent URL, --resend and --give-up"),
        (("reject", "1", "--reason", NO_TEXT), "'\\udcff' on the command line is not text"),
        (("approve", "1", "--as", NO_TEXT), "'\\udcff' on the command line is not text"),
        (("--as", NO_TEXT, "approve", "1"), "'\\udcff' on the command line is not text"),
        (("fetch", f"{NO_TEXT}.xml"), "'\\udcff.xml' on the command line is not text"),
        (("reject", "1", "--as", "x" * 101), "the name of who decides has 101 characters and may have 100"),
        (("reject", "1", "--as", " "), "it is not said who decides; give --as NAME"),
        (
            ("--as", "bob", "queue"),
            "picks queue has no option --as; leave it out, or set PICKS_CURATOR for all commands",
        ),
        (("--channel", "test", "healthcheck"), "picks healthcheck has no option --channel; leave it out"),
        (("--json", "worker", "--once"), "picks worker has no option --json; leave it out"),
        (("--json", "db", "upgrade"), "picks db upgrade has no option --json; leave it out"),
        (("--config", "config", "demo"), "picks demo has no option --config; leave it out"),
    ],
)
def test_words_that_cannot_be_meant_are_one_line_and_exit_code_2(
    ready: Run, words: tuple[str, ...], message: str
) -> None:
    _is_one_line(ready(*words), 2, message)


def _is_one_line(done: subprocess.CompletedProcess[str], code: int, message: str) -> None:
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("picks: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


def test_the_folder_of_channel_files_may_be_named_before_every_command_that_works(picks: Run) -> None:
    for words in (("db", "upgrade"), ("queue",), ("status",)):
        assert picks("--config", "config", *words).returncode == 0


def test_a_name_that_is_wrong_in_the_environment_is_no_wrong_usage(ready: Run) -> None:
    assert ready("reject", "1", PICKS_CURATOR="x" * 101).returncode == 1


@pytest.mark.slow
@pytest.mark.parametrize("words", ["--help", "-h", "queue --help", "--version", "", "db"])
def test_a_reader_that_has_seen_enough_of_the_help_is_no_failure(tmp_path: Path, words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {PICKS} {words}"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=_environ(tmp_path),
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("words", [("queue", "--frobnicate"), ("frobnicate",), ("show",), ("queue", "--state", "odd")])
def test_wrong_usage_is_exit_code_2(ready: Run, words: tuple[str, ...]) -> None:
    assert ready(*words).returncode == 2


@pytest.mark.parametrize(
    "body", [b"", b"<html><body>busy</body></html>", sample_feeds.rss(PROBING)[:900]], ids=["empty", "html", "cut off"]
)
def test_a_broken_feed_is_named_and_changes_nothing(ready: Run, tmp_path: Path, body: bytes) -> None:
    before = _json(ready("status", "--json"))["feeds"]
    (tmp_path / "broken.xml").write_bytes(body)
    done = ready("fetch", "broken.xml")
    assert done.returncode == 1
    assert "broken.xml" in done.stderr
    assert _json(ready("status", "--json"))["feeds"] == before


def test_of_a_capture_that_was_cut_off_what_arrived_is_kept_and_said(picks: Run, tmp_path: Path) -> None:
    picks("db", "upgrade")
    (tmp_path / "cut.xml").write_bytes(sample_feeds.rss(PROBING, PLAIN)[:-20])
    [batch] = _json(picks("fetch", "cut.xml", "--json"))["batches"]
    assert (batch["items"], batch["new"], batch["health"]) == (2, 2, "truncated")
    assert batch["reason"] == "cut off after 2 entries; what arrived is kept"


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


@pytest.mark.network
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


def test_half_of_an_account_switches_the_platform_off_and_names_the_other_half(ready: Run) -> None:
    done = ready("status", BLUESKY_HANDLE="bot.example")
    assert "bluesky  off: BLUESKY_HANDLE is set but BLUESKY_APP_PASSWORD is not" in done.stdout


@pytest.mark.network
def test_a_secret_is_never_shown(ready: Run) -> None:
    env = {
        "BLUESKY_HANDLE": "bot.example",
        "BLUESKY_APP_PASSWORD": "s3cret-pass",
        "BLUESKY_SERVICE": "http://127.0.0.1:9",
    }
    ready("approve", "1", "--now", **env)
    with FeedServer().running() as feeds:
        for words in (("status",), ("publish",), ("show", "1"), ("worker", "--once"), ("history", "--json")):
            done = ready(*words, **env, ARXIV_RSS_URL=feeds.url, ARXIV_API_URL=feeds.url)
            assert "s3cret-pass" not in done.stdout + done.stderr


def test_the_healthcheck_of_a_name_or_of_this_machine_asks_for_those_workers_alone(ready: Run, tmp_path: Path) -> None:
    here = socket.gethostname()
    with sqlite3.connect(tmp_path / "data" / "picks.db") as connection:
        now = datetime.now(UTC).replace(tzinfo=None)
        for worker, beat_at in ((f"{here}:1:aa", now), ("there:2:bb", now - timedelta(hours=1))):
            connection.execute(
                "INSERT INTO heartbeats (worker, started_at, beat_at, failing) VALUES (?, ?, ?, '')",
                (worker, str(now - timedelta(hours=2)), str(beat_at)),
            )
    connection.close()
    done = ready("healthcheck")
    assert (done.returncode, "silent since" in done.stdout, "there:2:bb" in done.stdout) == (0, True, True)
    assert [item["worker"] for item in _json(ready("healthcheck", "--json"))["silent"]] == ["there:2:bb"]
    assert ready("healthcheck", "--this-host").returncode == 0
    assert ready("healthcheck", "--worker", f"{here}:1").returncode == 0
    assert "of there: no worker is alive" in ready("healthcheck", "--worker", "there").stderr
    assert "of ther: no worker is alive; start" in ready("healthcheck", "--worker", "ther").stderr
    assert ready("healthcheck", "--worker", "there", "--this-host").returncode == 2
    assert "there:2:bb is silent since" in ready("status").stdout


def test_status_ends_with_1_where_something_needs_a_person_and_that_is_asked_for(ready: Run, tmp_path: Path) -> None:
    ready("approve", "1", "--now")
    with sqlite3.connect(tmp_path / "data" / "picks.db") as connection:
        connection.execute("UPDATE deliveries SET state = 'refused', error = 'no'")
    connection.close()
    assert ready("status").returncode == 0
    done = ready("status", "--exit-code")
    assert (done.returncode, "needs a person: " in done.stderr) == (1, True)
    assert ready("metrics").stdout.startswith("# HELP picks_queue Candidates by state.")


def test_without_a_worker_the_healthcheck_fails_and_says_so(ready: Run) -> None:
    done = ready("healthcheck")
    assert done.returncode == 1
    assert "no worker is alive" in done.stderr


def test_the_longest_name_of_who_decides_is_taken(ready: Run) -> None:
    assert ready("reject", "1", "--as", "x" * 100).returncode == 0


@pytest.mark.parametrize("encoding", ["utf-8:strict", "utf-8:surrogateescape", "ascii"])
def test_a_note_on_standard_input_that_is_no_text_is_one_line(ready: Run, encoding: str) -> None:
    done = ready("note", "1", "-", stdin=NO_TEXT, PYTHONIOENCODING=encoding)
    name = encoding.partition(":")[0]
    message = f"picks: standard input is not text in {name}; the note stays as it was\n"
    assert (done.returncode, done.stderr) == (1, message)


def test_json_may_be_asked_for_before_the_command(ready: Run) -> None:
    assert _json(ready("--json", "queue")) == _json(ready("queue", "--json"))
    assert _json(ready("--json", "status"))["channel"] == "test"


# The editor


def _edit(folder: Path, editor: str, *, script: str = "", **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``picks note 1`` as in a terminal; ``script`` is what the editor ``./edit`` does with the file ``$1``."""
    (folder / "edit").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / "edit").chmod(0o755)
    (folder / "tmp").mkdir()
    master, terminal = pty.openpty()
    try:
        environ = _environ(folder, EDITOR=editor, TMPDIR=str(folder / "tmp"), **env)
        return warm_process.run(["note", "1"], cwd=folder, env=environ, stdin=terminal)
    finally:
        os.close(terminal)
        os.close(master)


def test_the_editor_opens_on_the_note_when_none_is_given(ready: Run, tmp_path: Path) -> None:
    ready("note", "1", "Old words.")
    done = _edit(tmp_path, "./edit", script='sed -i s/Old/New/ "$1"')
    assert (done.stdout, done.stderr) == ("noted for 2602.00001\n", "")
    assert _json(ready("show", "1", "--json"))["note"] == "New words."
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("script", ["exit 0", "exit 1", 'rm "$1"'])
def test_an_editor_left_without_saving_changes_nothing(ready: Run, tmp_path: Path, script: str) -> None:
    ready("note", "1", "Old words.")
    done = _edit(tmp_path, "./edit", script=script)
    assert (done.returncode, done.stderr) == (
        1,
        "picks: the note was not saved in the editor: nothing is changed\n",
    )
    assert _json(ready("show", "1", "--json"))["note"] == "Old words."
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("script", "reason", "kept"),
    [
        ("printf '%0501d' 0 > \"$1\"", "500", b"0" * 501),
        ("printf 'words \\377' > \"$1\"", "the file is not text in UTF-8", b"words \xff"),
        ('printf words > "$1"; exit 1', "the editor ended with an error: nothing is changed", b"words"),
    ],
    ids=["too long", "no text", "crashed"],
)
def test_words_that_were_saved_in_the_editor_are_kept_when_they_are_refused(
    ready: Run, tmp_path: Path, script: str, reason: str, kept: bytes
) -> None:
    done = _edit(tmp_path, "./edit", script=script)
    [file] = (tmp_path / "tmp").glob("*/note.txt")
    assert done.returncode == 1
    assert reason in done.stderr
    assert done.stderr.endswith(f"; your text is kept in {file}\n")
    assert file.read_bytes() == kept


@pytest.mark.parametrize(
    ("editor", "message"),
    [
        ('"vi', "cannot read the editor's name '\"vi' (No closing quotation); mend EDITOR or VISUAL"),
        ("no-such-editor", "cannot start the editor 'no-such-editor': No such file or directory; set EDITOR"),
        ('""', "cannot start the editor '': "),
    ],
)
def test_an_editor_that_cannot_be_started_is_one_line(ready: Run, tmp_path: Path, editor: str, message: str) -> None:
    done = _edit(tmp_path, editor)
    assert done.returncode == 1
    assert done.stderr.startswith(f"picks: {message}")
    assert done.stderr.count("\n") == 1
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_blank_editor_means_the_usual_one(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "vi").symlink_to("edit")
    done = _edit(tmp_path, " ", script='printf words > "$1"', VISUAL=" ", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (done.stdout, done.stderr) == ("noted for 2602.00001\n", "")


def test_without_a_terminal_no_editor_opens(ready: Run) -> None:
    done = ready("note", "1", EDITOR="true")
    assert done.stderr == "picks: no terminal for an editor: give the text behind the ID, or - to read standard input\n"


# Publishing by hand


def test_who_publishes_by_hand_is_in_the_decisions(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["console"]')
    ready("approve", "1", "--now")
    assert ready("publish", "1", "--as", "bob").returncode == 0
    decisions = _json(ready("show", "1", "--json"))["decisions"]
    assert [(item["action"], item["by"], item["mouth"]) for item in decisions if item["action"] != "offer"][1:] == [
        ("start", "bob", "shell"),
        ("finish", "bob", "shell"),
    ]


def _set_platforms(folder: Path, platforms: str) -> None:
    changed = CONFIG.replace('["bluesky", "x", "console"]', platforms)
    (folder / "config" / "test.toml").write_text(changed, "utf-8")


@pytest.fixture
def waiting_for_x(ready: Run, tmp_path: Path) -> Run:
    """Return a runner with a pick that was approved for X alone; its account is there when ``X_ACCOUNT`` is given."""
    _set_platforms(tmp_path, '["x"]')
    assert ready("approve", "1", "--now", **X_ACCOUNT).returncode == 0
    return ready


@pytest.mark.parametrize("words", [("publish", "1"), ("publish", "1", "--dry-run"), ("publish", "1", "--json")])
def test_a_pick_that_cannot_be_sent_says_why(waiting_for_x: Run, words: tuple[str, ...]) -> None:
    done = waiting_for_x(*words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("picks: nothing of 2602.00001 can be sent now; x: off, no credentials in the environment\n")
    assert waiting_for_x("publish").stdout.replace("\n", " ") == (
        "due and not sent: 2602.00001; x is off: no credentials in the environment "
    )


def test_a_pick_that_is_not_sent_is_one_line_on_standard_error_too(waiting_for_x: Run) -> None:
    done = waiting_for_x("publish", "1", **X_ACCOUNT)
    assert done.returncode == 1
    assert done.stderr == "picks: not sent: 2602.00001 on x (planned); the reason is above and in picks status\n"
    assert "cannot ask X" in done.stdout
    assert "next try" in done.stdout


def test_what_is_left_out_of_a_pick_is_said(waiting_for_x: Run, tmp_path: Path) -> None:
    waiting_for_x("undo", "1")
    _set_platforms(tmp_path, '["x", "console"]')
    waiting_for_x("approve", "1", "--now", **X_ACCOUNT)
    done = waiting_for_x("publish", "1")
    assert done.returncode == 0
    assert done.stdout.endswith("left out: x: off, no credentials in the environment\n")


def test_the_rehearsal_shows_the_price_on_x(waiting_for_x: Run) -> None:
    lines = waiting_for_x("publish", "--dry-run", **X_ACCOUNT).stdout.splitlines()
    assert lines[0].startswith("2602.00001 on x: 1 post, $0.200 ")


# Output


def test_the_demo_does_not_read_the_environment(picks: Run) -> None:
    done = picks("demo", PICKS_LOG_FORMAT="odd", PICKS_CURATOR="", ARXIV_RSS_URL="odd", PICKS_CONFIG="nowhere")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_knows_few_characters_gets_the_others_as_escapes(ready: Run) -> None:
    ready("note", "1", "μ and 🦜")
    shown = ready("preview", "1", PYTHONIOENCODING="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "\\u03bc and \\U0001f99c" in shown.stdout
    told = ready("show", "1", "--json", PYTHONIOENCODING="ascii")
    assert told.stdout.isascii()
    assert _json(told)["note"] == "μ and 🦜"


# Through the real script: what Python itself does with the streams at the end must be seen too.


@pytest.mark.slow
@pytest.mark.parametrize("words", [("status",), ("status", "--json"), ("demo",), ("--help",), ("--version",)])
def test_a_full_disk_is_one_line(ready: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [str(PICKS), *words],
            cwd=tmp_path,
            env=_environ(tmp_path),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "picks: cannot write the output: No space left on device\n")


@pytest.mark.slow
def test_a_reader_that_has_gone_is_no_error(ready: Run, tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [str(PICKS), "status"],
        cwd=tmp_path,
        env=_environ(tmp_path),
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


# Through a fork of the process that has loaded the program, as before


@pytest.mark.parametrize("words", [("queue",), ("show", "1"), ("status",), ("preview", "1"), ("history",)])
@pytest.mark.parametrize("columns", ["", "60", "200"])
def test_piped_lines_are_not_filled_up_with_blanks(ready: Run, words: tuple[str, ...], columns: str) -> None:
    ready("note", "1", "Worth reading.")
    lines = ready(*words, COLUMNS=columns).stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize("columns", ["10", "²", "0"])
def test_an_odd_width_loses_no_title(ready: Run, columns: str) -> None:
    words = " ".join(ready("queue", COLUMNS=columns).stdout.split())
    assert "Probing μ-Models [bold]now[/bold]" in words


def test_words_that_every_paper_has_do_not_reach_the_queue_of_the_channel_that_ships(
    picks: Run, tmp_path: Path
) -> None:
    title = "An LLM Is a Language Model"
    abstract = (
        "Large language models (LLMs) are used by more and more people. We train an LLM on documents of public offices "
        "in several languages and compare it with other large language models on translation, summaries and questions. "
        "Our model is cheaper to run, and on most of the tasks it does as well as models of ten times its size."
    )
    plain = sample_feeds.Item(title=title, abstract=abstract)
    telling = sample_feeds.Item(arxiv_id="2602.00002", title=title, abstract=f"{abstract} We probe its hidden states.")
    (tmp_path / "generic.xml").write_bytes(sample_feeds.rss(plain, telling))
    picks("db", "upgrade")
    shipped = str(Path(__file__).resolve().parents[2] / "config")
    picks("--config", shipped, "fetch", "generic.xml")
    assert [item["arxiv_id"] for item in _json(picks("--config", shipped, "queue", "--json"))] == ["2602.00002"]


def test_captures_that_are_known_are_counted_and_not_listed(ready: Run, tmp_path: Path) -> None:
    assert ready("fetch", "feed.xml").stdout == "1 capture, all known already\n"
    (tmp_path / "later.xml").write_bytes(sample_feeds.rss(PLAIN).replace(b"17 Feb 2026", b"18 Feb 2026"))
    assert ready("fetch", "feed.xml", "later.xml").stdout.splitlines() == [
        "feed   day         items  new  updated  health",
        "cs.CL  2026-02-18      1    0        0  stale",
        "cs.CL 2026-02-18 stale: repeats 2026-02-17: 1 of 1 entries are the same",
        "1 capture known already",
        "candidates added: 0 to test",
    ]


def test_a_fetch_that_brings_nothing_shows_no_table(ready: Run) -> None:
    done = ready("fetch", "missing.xml")
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.network
def test_status_shows_when_a_failing_feed_is_polled_next(ready: Run) -> None:
    with FeedServer().running() as feeds:
        feeds.status = 404
        ready("fetch", ARXIV_RSS_URL=feeds.url)
    [feed] = _json(ready("status", "--json"))["feeds"]
    text = ready("status", COLUMNS="60").stdout
    lines = text[text.index("cs.CL ") :].split("\n\n")[0].splitlines()
    assert feed["error"] in " ".join(line.strip() for line in lines)
    assert lines[1].startswith("       next poll ")
    assert [line[:7].strip() for line in lines] == ["cs.CL", *[""] * (len(lines) - 1)]


def test_the_details_of_a_decision_stand_below_it(ready: Run) -> None:
    ready("reject", "1", "--reason", "because " * 20)
    lines = ready("show", "1").stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "reject  queued -> rejected, by ada (shell)" in line)
    assert lines[at + 1 : at + 3] == ["   " + " ".join(["because"] * 9), "   " + " ".join(["because"] * 9)]


def test_long_titles_in_the_history_hang_below_their_beginning(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["console"]')
    ready("approve", "1", "--now")
    ready("publish", "1")
    lines = ready("history", COLUMNS="40").stdout.splitlines()
    assert lines[:2] == ["#1 Probing μ-Models [bold]now[/bold]", "   published"]


@pytest.mark.slow
def test_importing_the_command_line_loads_no_platform_library() -> None:
    code = (
        "import bot.interfaces.cli, sys; print([m for m in ('atproto', 'tweepy', 'apscheduler') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


def test_the_demo_shows_the_whole_job(picks: Run) -> None:
    done = picks("demo")
    assert done.returncode == 0, done.stderr
    for words in ("candidates added: 4", "activation patching +4.9", "$0.230", "approved 2602.99901", "published"):
        assert words in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    [page] = re.findall(r"^\S+/site/index\.html$", done.stdout, re.MULTILINE)
    assert "Where Do Language Models Keep Plural Nouns?" in Path(page).read_text("utf-8")
    shutil.rmtree(Path(page).parents[1])


def test_every_command_and_option_has_help(picks: Run) -> None:
    listed = picks("--help").stdout
    for name in ("queue", "show", "note", "preview", "approve", "reject", "hold", "undo", "history", "status"):
        assert name in listed
        assert "--json" in picks(name, "--help").stdout


def test_the_log_lists_who_decided_what_the_newest_first(ready: Run) -> None:
    assert ready("log").stdout == "nothing has been decided yet\n"
    ready("note", "1", "Words [bold].")
    ready("reject", "1", "--reason", "survey", "--as", "bob")
    newest, oldest = _json(ready("log", "--json"))
    assert (newest["action"], newest["by"], newest["detail"], newest["state"]) == (
        "reject",
        "bob",
        "survey",
        "rejected",
    )
    assert (oldest["arxiv_id"], oldest["by"], oldest["mouth"]) == ("2602.00001", "ada", "shell")
    assert "note: Words [bold]." in ready("log").stdout
    assert ready("log", "--limit", "1").stdout.splitlines()[-1].startswith("1 of 2 entries of the log")
    assert _json(ready("log", "--after", str(oldest["entry"]), "--json")) == [newest]
    assert "since then" in ready("log", "--after", str(newest["entry"])).stdout


# Two curators


def test_whose_words_are_replaced_is_said_with_the_words(ready: Run) -> None:
    ready("note", "1", "Ada's words.")
    done = ready("note", "1", "Bob's words.", "--as", "bob")
    lines = done.stdout.splitlines()
    assert lines[0] == "noted for 2602.00001"
    assert lines[1].startswith("ada had written, ")
    assert lines[-1] == "  note: Ada's words."
    assert "note: Ada's words." in ready("show", "1").stdout
    assert "its words are those of bob" in ready("approve", "1").stdout


def test_a_note_that_changed_while_the_editor_was_open_is_not_replaced(ready: Run, tmp_path: Path) -> None:
    ready("note", "1", "Old words.")
    script = f'printf "My words." > "$1"; {PICKS} note 1 "Bob\'s words." --as bob'
    done = _edit(tmp_path, "./edit", script=script)
    [file] = (tmp_path / "tmp").glob("*/note.txt")
    assert done.returncode == 1
    assert done.stderr.startswith("picks: bob changed the note of 2602.00001 at ")
    assert 'it says "Bob\'s words." now' in done.stderr
    assert done.stderr.endswith(f"; your text is kept in {file}\n")
    assert file.read_text("utf-8") == "My words."
    assert _json(ready("show", "1", "--json"))["note"] == "Bob's words."


# Papers in


@pytest.mark.network
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--since", "2999-01-01"), "no feed of 2999-01-01 can be there yet"),
        (("--since", "2001-01-01"), "2001-01-01 is more than 366 days before "),
        (("--day", "2024-06-23"), "nothing was announced on 2024-06-23: arXiv announces nothing at weekends"),
    ],
)
def test_a_date_that_cannot_be_asked_for_is_refused_before_any_feed_is_asked(
    ready: Run, words: tuple[str, ...], message: str
) -> None:
    with FeedServer().running() as feeds:
        done = ready("fetch", *words, ARXIV_RSS_URL=feeds.url, ARXIV_API_URL=feeds.url)
        assert (feeds.requests, feeds.api_requests) == ([], [])
    _is_one_line(done, 1, message)


@pytest.mark.network
def test_a_poll_that_fails_is_said_also_where_days_are_backfilled(ready: Run) -> None:
    since = f"{datetime.now(UTC).date() - timedelta(days=3)}"
    with FeedServer().running() as feeds:
        feeds.status = 404
        done = ready("fetch", "--since", since, "--json", ARXIV_RSS_URL=feeds.url, ARXIV_API_URL=feeds.url)
    assert done.returncode == 1
    assert "/rss/cs.CL answers HTTP 404" in done.stderr
    assert "/rss/cs.CL answers HTTP 404" in json.loads(done.stdout)["errors"][0]


@pytest.mark.parametrize("ending", ["\n", ""])
def test_picks_are_imported_from_standard_input_too(ready: Run, ending: str) -> None:
    lines = "\n".join(f'{{"arxiv_id": "2301.0000{number}"}}' for number in range(1, 4)) + ending
    assert _json(ready("import", "-", "--json", stdin=lines))["new"] == 3
    nothing = ready("import", "-")
    assert (nothing.returncode, "names no paper" in nothing.stderr) == (1, True)


# Threads


@pytest.mark.parametrize(
    "url",
    [
        "https://bsky.app/profile/one.example/post/3kabc",
        "https://deer.social/profile/did:plc:abc/post/3kabc?ref=x",
        "https://x.com/one/status/17",
        "https://X.com/one/status/17/photo/1",
        "https://mobile.twitter.com/one/status/17?s=20",
        "https://x.com/i/web/status/17",
        "https://sigmoid.social/@one/112233",
        "https://sigmoid.social/users/one/statuses/112233",
        "https://www.threads.net/@one/post/C1_a-b",
        "https://nitter.net/one/status/17#m",
        "https://fxtwitter.com/one/status/17",
    ],
)
def test_the_authors_thread_may_be_a_post_in_any_client(ready: Run, url: str) -> None:
    assert _json(ready("note", "1", "--thread", url, "--json"))["thread_url"] == url


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://arxiv.org/abs/2602.00001",
        "https://x.com/one",
        "https://x.com/one/status/",
        "https://bsky.app/profile/one.example",
        "https://notx.com/one/status/17",
        "https://example.org/https://x.com/one/status/17",
        "https://bsky.app/profile/one.example/post/3ldg2z7tem227/liked-by",
        "https://nitter.net/one",
    ],
)
def test_any_other_page_is_no_thread_of_the_authors(ready: Run, url: str) -> None:
    for words in (("note", "1"), ("approve", "1")):
        _is_one_line(ready(*words, "--thread", url), 2, f"'{url}' is no post, so it cannot be the authors' thread")
    assert _json(ready("note", "1", "--code", url, "--json"))["thread_url"] is None


# Lists


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with forty candidates, to be copied."""
    folder = tmp_path_factory.mktemp("many") / "place"
    _lay_out(folder)
    config = folder / "config" / "test.toml"
    config.write_text(CONFIG.replace("size = 5", "size = 100").replace('["bluesky", "x", "console"]', '["console"]'))
    items = [
        sample_feeds.Item(
            arxiv_id=f"2602.{number:05}",
            title=f"Probing {number}",
            abstract=f"An abstract with the word kind{number % 3}.",
            creator=f"Author {number}",
        )
        for number in range(1, 41)
    ]
    (folder / "feed.xml").write_bytes(sample_feeds.rss(*items))
    run = _runner(folder)
    assert run("db", "upgrade").returncode == 0
    assert run("fetch", "feed.xml").returncode == 0
    return folder


@pytest.fixture
def forty(many: Path, tmp_path: Path) -> Run:
    """Return a runner with forty candidates."""
    shutil.copytree(many, tmp_path, dirs_exist_ok=True)
    return _runner(tmp_path)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("queue",), "20 of 40 queued candidates; --all for the rest"),
        (("queue", "--limit", "3"), "3 of 40 queued candidates; --all for the rest"),
        (("queue", "--all"), "40 of 40 queued candidates"),
        (("queue", "--limit", "40"), "40 of 40 queued candidates"),
        (("queue", "--limit", "99"), "40 of 40 queued candidates"),
        (("search", "probing", "author"), "20 of 40 stored papers with all these words; --all for the rest"),
        (("search", "probing", "author", "--all"), "40 of 40 stored papers with all these words"),
        (("search", "probing", "17"), "1 of 1 stored papers with all these words"),
    ],
)
def test_every_list_says_how_many_there_are_and_how_to_see_the_rest(
    forty: Run, words: tuple[str, ...], line: str
) -> None:
    assert forty(*words, COLUMNS="200").stdout.splitlines()[-1] == line
    done = forty(*words, "--json")
    assert done.stderr == (f"picks: {line}\n" if ";" in line else "")
    assert isinstance(json.loads(done.stdout), list)


def test_lists_of_other_states_of_what_went_out_and_of_what_is_alike_say_it_too(forty: Run) -> None:
    for number in ("1", "2", "3"):
        forty("hold", number, "--until", "2999-01-01")
    lines = forty("queue", "--state", "held", "--limit", "1", COLUMNS="200").stdout.splitlines()
    assert lines[-1] == "1 of 3 held candidates; --all for the rest"
    for number in ("4", "5", "6"):
        forty("approve", number, "--now")
    forty("publish")
    lines = forty("history", "--limit", "2", COLUMNS="200").stdout.splitlines()
    assert lines[-1] == "2 of 3 picks of which something went out; --all for the rest"
    alike = forty("similar", "7", COLUMNS="200").stdout
    assert "papers most like it, 10 of 13; --limit shows more" in alike
    assert "picks most like it, 3 in all" in alike


def test_the_coming_threads_of_a_platform_that_have_no_room_are_counted_and_named_elsewhere(forty: Run) -> None:
    for number in ("1", "2", "3", "4", "5"):
        forty("approve", number, "--at", f"2999-01-0{number} 10:00")
    [line] = [line for line in forty("status", COLUMNS="200").stdout.splitlines() if "coming: " in line]
    assert line.endswith(" and 2 more; all of them: picks status --json")
    [console] = _json(forty("status", "--json"))["platforms"]
    assert len(console["coming"]) == 5


def test_history_begins_with_what_went_out_last_whatever_the_slots_were(forty: Run) -> None:
    forty("approve", "1", "--at", "2999-01-02 10:00")
    forty("approve", "2", "--at", "2999-01-01 10:00")
    for number in ("1", "2"):
        assert forty("publish", number).returncode == 0
    assert [item["id"] for item in _json(forty("history", "--json"))] == [2, 1]


# What waits for an account


def test_an_approval_in_a_shell_without_keys_leaves_nothing_out(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["x", "console"]')
    done = ready("approve", "1", "--now")
    assert "x is off here: no credentials in the environment; it goes out where the worker" in done.stdout
    assert "left out" not in done.stdout
    assert [item["platform"] for item in _json(ready("publish", "--dry-run", "--json", **X_ACCOUNT))] == [
        "x",
        "console",
    ]
    assert "x        off: no credentials in the environment, 1 waiting" in ready("status").stdout


@pytest.mark.network
def test_a_worker_without_the_keys_says_what_waits_for_them(waiting_for_x: Run) -> None:
    with FeedServer().running() as feeds:
        waiting_for_x("worker", "--once", ARXIV_RSS_URL=feeds.url, ARXIV_API_URL=feeds.url)
    [x] = _json(waiting_for_x("status", "--json"))["platforms"]
    assert (x["waiting"], x["failing"]) == (1, 1)
    assert x["error"] == "x is off where the worker runs: no credentials in the environment"


def test_a_platform_that_never_gets_an_account_can_be_given_up(ready: Run, tmp_path: Path) -> None:
    _set_platforms(tmp_path, '["x", "console"]')
    ready("approve", "1", "--now")
    refused = ready("resolve", "1", "--give-up", "--platform", "x")
    assert (refused.returncode, "no delivery of 2602.00001 waits for a person" in refused.stderr) == (1, True)
    ready("publish")
    assert _json(ready("resolve", "1", "--give-up", "--platform", "x", "--json"))["state"] == "published"


@pytest.mark.parametrize("platforms", ['["console"]', '["bluesky", "console"]'])
def test_a_single_post_of_a_pick_that_does_not_go_to_x_is_refused_with_the_reason(
    ready: Run, tmp_path: Path, platforms: str
) -> None:
    _set_platforms(tmp_path, platforms)
    ready("approve", "1", "--now")
    done = ready("publish", "1", "--single")
    assert (done.returncode, done.stderr) == (
        1,
        "picks: --single is for X alone, and 2602.00001 does not go there; leave --single out\n",
    )


@pytest.mark.slow
@pytest.mark.parametrize("output", [">&-", ">/dev/full", "| true"])
def test_a_thread_whose_output_is_lost_is_not_left_half_sent(ready: Run, tmp_path: Path, output: str) -> None:
    _set_platforms(tmp_path, '["console"]')
    ready("approve", "1", "--now")
    subprocess.run(
        ["/bin/sh", "-c", f"{PICKS} publish {output}"],
        cwd=tmp_path,
        env=_environ(tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    [console] = _json(ready("show", "1", "--json"))["deliveries"]
    assert console["state"] == "planned"
    assert console["error"].startswith("cannot print the thread: ")
    assert [item["sending"] for item in _json(ready("status", "--json"))["platforms"]] == [0]
    assert ready("publish", "1").returncode == 0


# Slots


def test_a_chosen_time_stays_when_the_note_is_mended_and_is_free_after_undo(ready: Run) -> None:
    ready("approve", "1", "--note", "Frist.", "--at", "2999-12-01 12:15")
    assert "and for its slot, Sun 01 Dec 2999 12:15 UTC" in ready("note", "1", "First.").stdout.replace("\n", " ")
    assert "approved 2602.00001, slot: Sun 01 Dec 2999 12:15 UTC\n" in ready("approve", "1").stdout
    assert "; its slot, Sun 01 Dec 2999 12:15 UTC, is free" in ready("undo", "1").stdout.replace("\n", " ")
    assert "2999" not in ready("approve", "1").stdout


NOTICE = "This paper has been withdrawn by the authors."


def _replaced(title: str, abstract: str) -> bytes:
    """Return Wednesday's feed with the second version of a paper."""
    item = sample_feeds.Item(arxiv_id="2602.00001", version=2, type="replace", title=title, abstract=abstract)
    return sample_feeds.rss(item).replace(b"17 Feb 2026", b"18 Feb 2026")


@pytest.mark.parametrize(
    ("abstract", "state", "marked"),
    [
        ("This version replaces an earlier preprint that was withdrawn.", "approved", None),
        ("We have withdrawn this paper owing to an error.", "queued", None),
        (f"{NOTICE} We probe attention heads.", "approved", NOTICE),
    ],
)
def test_a_new_version_takes_an_approval_back_only_where_it_is_a_notice_of_withdrawal(
    ready: Run, tmp_path: Path, abstract: str, state: str, marked: str | None
) -> None:
    ready("approve", "1", "--note", "Mine.")
    (tmp_path / "next.xml").write_bytes(_replaced("Probing", abstract))
    ready("fetch", "next.xml")
    shown = _json(ready("show", "2602.00001", "--json"))
    assert (shown["state"], shown["withdrawn"], shown["perhaps_withdrawn"]) == (state, state == "queued", marked)
    attention = _json(ready("status", "--json"))["attention"]
    assert [item["arxiv_id"] for item in attention] == (["2602.00001"] if marked else [])
    assert ("the approved paper 2602.00001" in ready("status").stdout) is (marked is not None)


def test_a_paper_that_may_be_withdrawn_stays_in_the_queue_with_a_mark(ready: Run, tmp_path: Path) -> None:
    (tmp_path / "next.xml").write_bytes(_replaced("Withdrawn: Probing", "We probe attention heads."))
    assert "withdrawn by their authors" not in ready("fetch", "next.xml").stderr
    assert [item["perhaps_withdrawn"] for item in _json(ready("queue", "--json"))] == ["Withdrawn: Probing"]
    assert "may be withdrawn: “Withdrawn: Probing”" in ready("queue").stdout
    assert "its newest version says “Withdrawn: Probing”" in ready("show", "1").stdout
    assert "may be a notice of withdrawal: “Withdrawn: Probing”" in ready("approve", "1").stdout


def test_an_abstract_about_withdrawal_is_offered_like_any_other(picks: Run, tmp_path: Path) -> None:
    item = sample_feeds.Item(
        title="Probing unlearning",
        abstract="This paper asks what a model forgets once consent is withdrawn by a user. We probe attention heads.",
    )
    (tmp_path / "about.xml").write_bytes(sample_feeds.rss(item))
    picks("db", "upgrade")
    picks("fetch", "about.xml")
    assert [(row["arxiv_id"], row["perhaps_withdrawn"]) for row in _json(picks("queue", "--json"))] == [
        ("2602.00001", None)
    ]


def test_a_paper_whose_replacement_stands_before_it_is_offered(picks: Run, tmp_path: Path) -> None:
    replaced = sample_feeds.Item(version=2, type="replace", title="Probing")
    (tmp_path / "both.xml").write_bytes(sample_feeds.rss(replaced, sample_feeds.Item(title="Probing")))
    picks("db", "upgrade")
    picks("fetch", "both.xml")
    assert [row["arxiv_id"] for row in _json(picks("queue", "--json"))] == ["2602.00001"]


# Several papers, the pager, the browser, several channels


def test_of_several_papers_each_failure_is_a_line_and_the_exit_code_is_1(ready: Run) -> None:
    done = ready("reject", "77", "1", "2602.00002", "99", "--reason", "survey")
    assert (done.returncode, done.stdout) == (
        1,
        "rejected 2602.00001: #1 Probing μ-Models [bold]now[/bold]\nrejected 2602.00002: #2 Cooking with Gas\n",
    )
    assert done.stderr.splitlines() == [
        f"picks: nothing in the queue has the number {number}; see picks queue" for number in (77, 99)
    ]
    told = ready("undo", "1", "2602.00002", "--json")
    assert [item["state"] for item in _json(told)] == ["queued", "queued"]
    assert _json(ready("hold", "1", "mon", "--json"))["state"] == "held"


def _on_a_terminal(folder: Path, *words: str, **env: str) -> tuple[str, str]:
    """Return what stands on a terminal of three lines, and what its pager got."""
    master, terminal = pty.openpty()
    pager = f"sh -c 'cat > {folder}/paged'"
    environ = {"TERM": "xterm", "LINES": "3", "COLUMNS": "80", "PICKS_PAGER": pager, "PAGER": "no-such-pager"}
    try:
        done = warm_process.run(words, cwd=folder, env=_environ(folder, **{**environ, **env}), stdout=terminal)
        shown = os.read(master, 65_536).decode() if done.returncode == 0 and not (folder / "paged").exists() else ""
    finally:
        os.close(terminal)
        os.close(master)
    paged = folder / "paged"
    return shown, paged.read_text("utf-8") if paged.exists() else ""


def test_what_a_terminal_has_no_room_for_goes_through_the_pager(ready: Run, tmp_path: Path) -> None:
    shown, paged = _on_a_terminal(tmp_path, "queue")
    assert "1 of 1 queued candidates" in paged.splitlines()[-1]
    assert "Probing μ-Models [bold]now[/bold]" in paged
    assert shown == ""


@pytest.mark.parametrize(
    ("words", "env"),
    [
        (("queue",), {"LINES": "24"}),
        (("queue", "--no-pager"), {}),
        (("--no-pager", "queue"), {}),
        (("queue", "--json"), {}),
        (("queue",), {"PICKS_PAGER": ""}),
        (("queue",), {"PICKS_PAGER": "cat"}),
        (("queue",), {"PICKS_PAGER": "no-such-pager"}),
        (("queue",), {"PICKS_PAGER": "'"}),
        (("queue",), {"TERM": "dumb"}),
    ],
)
def test_nothing_else_is_paged(ready: Run, tmp_path: Path, words: tuple[str, ...], env: dict[str, str]) -> None:
    shown, paged = _on_a_terminal(tmp_path, *words, **env)
    assert "Probing μ-Models [bold]now[/bold]" in shown
    assert paged == ""


def test_a_pager_that_cannot_be_started_is_said_and_the_words_come_all_the_same(ready: Run, tmp_path: Path) -> None:
    master, terminal = pty.openpty()
    environ = _environ(tmp_path, TERM="xterm", LINES="3", COLUMNS="80", PAGER="no-such-pager")
    done = warm_process.run(["queue"], cwd=tmp_path, env=environ, stdout=terminal)
    os.close(terminal)
    os.close(master)
    assert (done.returncode, done.stderr) == (
        0,
        "picks: cannot start the pager 'no-such-pager': No such file or directory; set PICKS_PAGER or PAGER\n",
    )


def test_a_piped_list_is_never_paged(ready: Run, tmp_path: Path) -> None:
    done = ready("queue", TERM="xterm", LINES="3", PICKS_PAGER=f"sh -c 'cat > {tmp_path}/paged'")
    assert "1 of 1 queued candidates" in done.stdout
    assert not (tmp_path / "paged").exists()


def test_the_papers_page_opens_in_the_browser(ready: Run, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', "utf-8")
    browser.chmod(0o755)
    assert ready("open", "1", BROWSER=f"{browser} %s").returncode == 0
    assert (tmp_path / "opened").read_text("utf-8") == "https://arxiv.org/abs/2602.00001\n"


def test_without_a_browser_the_address_is_said(ready: Run, tmp_path: Path) -> None:
    done = ready("open", "1", PATH=str(tmp_path), BROWSER="")
    assert (done.returncode, done.stderr) == (
        1,
        "picks: no browser could be opened here: see https://arxiv.org/abs/2602.00001, or name a browser in BROWSER\n",
    )
    assert _json(ready("open", "1", "--json", PATH=str(tmp_path)))["url"] == "https://arxiv.org/abs/2602.00001"


def test_the_editor_gets_the_paper_as_comments_and_a_hashtag_stays_in_the_note(ready: Run, tmp_path: Path) -> None:
    script = 'cp "$1" seen; printf "#NLP is the topic.\\n# not mine\\nMy words.\\n" | cat - "$1" > new; cat new > "$1"'
    assert _edit(tmp_path, "./edit", script=script).returncode == 0
    seen = (tmp_path / "seen").read_text("utf-8").splitlines()
    assert seen[:6] == [
        "",
        "",
        "# Probing μ-Models [bold]now[/bold]",
        "# A. One, B. Two",
        "# https://arxiv.org/abs/2602.00001",
        "#",
    ]
    assert "At most 500 characters." in "\n".join(seen)
    assert _json(ready("show", "1", "--json"))["note"] == "#NLP is the topic.\nMy words."


def test_an_editor_that_saves_comments_alone_changes_nothing(ready: Run, tmp_path: Path) -> None:
    done = _edit(tmp_path, "./edit", script='touch "$1"')
    assert (done.returncode, done.stderr) == (1, "picks: the note is empty: nothing is changed\n")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_of_a_note_that_is_refused_the_own_words_are_kept_without_the_comments(ready: Run, tmp_path: Path) -> None:
    done = _edit(tmp_path, "./edit", script='printf "%0501d" 0 >> "$1"')
    [file] = (tmp_path / "tmp").glob("*/note.txt")
    assert (done.returncode, file.read_text("utf-8")) == (1, "0" * 501)


@pytest.fixture
def two_channels(ready: Run, tmp_path: Path) -> Run:
    """Return a runner with a second channel, of another time zone, which has no candidates."""
    other = CONFIG.replace('title = "Test"', 'title = "Other"').replace('"UTC"', '"Asia/Tokyo"')
    (tmp_path / "config" / "other.toml").write_text(other, "utf-8")
    return ready


def test_status_shows_every_channel_unless_one_is_named(two_channels: Run) -> None:
    assert [item["channel"] for item in _json(two_channels("status", "--json"))] == ["other", "test"]
    assert _json(two_channels("status", "--json", "--channel", "test"))["channel"] == "test"
    assert _json(two_channels("status", "--json", PICKS_CHANNEL="other"))["channel"] == "other"
    lines = two_channels("status").stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("channel ")] == ["other", "test"]


def test_the_environment_names_the_channel_and_the_command_line_another(two_channels: Run) -> None:
    refused = two_channels("queue")
    assert (refused.returncode, "with --channel or PICKS_CHANNEL (other, test)" in refused.stderr) == (1, True)
    assert len(_json(two_channels("queue", "--json", PICKS_CHANNEL="test"))) == 1
    assert _json(two_channels("queue", "--json", "--channel", "other", PICKS_CHANNEL="test")) == []
    unknown = two_channels("queue", PICKS_CHANNEL="odd")
    assert (unknown.returncode, "there is no channel 'odd' in config" in unknown.stderr) == (1, True)


def test_commands_of_all_channels_do_not_mind_the_channel_of_the_environment(two_channels: Run) -> None:
    assert two_channels("db", "upgrade", PICKS_CHANNEL="odd").returncode == 0
    assert "no worker is alive" in two_channels("healthcheck", PICKS_CHANNEL="odd").stderr


def test_an_approved_pick_is_shown_in_its_frozen_words_and_the_channels_time(ready: Run, tmp_path: Path) -> None:
    config = tmp_path / "config" / "test.toml"
    config.write_text(config.read_text("utf-8").replace('"UTC"', '"Asia/Tokyo"'), "utf-8")
    ready("approve", "1", "--note", "Code is in README.md.", "--at", "2999-03-02 10:00")
    shown = ready("show", "1", TZ="UTC").stdout
    assert "Sat 02 Mar 2999 10:00 JST (Sat 01:00 UTC here), approved by ada" in shown
    assert "slot Sat 02 Mar 2999 10:00 JST; posts bluesky" in shown
    assert "01:00Z" not in shown
    assert "│ Code is in README.md. " in shown
    assert "│ Code is in README.\u200amd. " in shown
    assert "[README.md: a hair space keeps it from becoming a link]" in shown
