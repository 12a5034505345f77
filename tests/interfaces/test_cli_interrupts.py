"""Ctrl-C at any moment, and standard streams that the caller has closed, with the real script."""

import fcntl
import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
import warm_process
from warm_process import PICKS

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.001
[posting]
platforms = ["console"]
time_zone = "UTC"
[ranking.words]
"probing" = 2.0
"""
MOMENTS = 12
PAGE = 4096
"""Bytes; the smallest buffer that a pipe can have."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc, and makes pipes small"),
]


def _environ(folder: Path, **env: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "PICKS_DATA": str(folder / "data"), "PICKS_CURATOR": "ada", **env}


def _start(folder: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(PICKS), *words],
        cwd=folder,
        env=_environ(folder, **env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(folder: Path, *words: str, **env: str) -> tuple[int, str, str]:
    process = _start(folder, *words, **env)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def _prepared(folder: Path, *words: str) -> str:
    """Run a command around what is tested, which need not be the real script; return what it says."""
    done = warm_process.run(words, cwd=folder, env=_environ(folder))
    assert done.returncode == 0, done.stderr
    return done.stdout


def _shown(folder: Path) -> Any:
    return json.loads(_prepared(folder, "show", "1", "--json"))


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a channel and a queue of one paper, to be read or copied."""
    folder = tmp_path_factory.mktemp("fetched") / "place"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "test.toml").write_text(CONFIG, "utf-8")
    (folder / "feed.xml").write_bytes(sample_feeds.rss(sample_feeds.Item(title="Probing Models")))
    for words in (("db", "upgrade"), ("fetch", "feed.xml")):
        _prepared(folder, *words)
    return folder


@pytest.fixture
def folder(fetched: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    shutil.copytree(fetched, tmp_path, dirs_exist_ok=True)
    return tmp_path


def _loaded(line: str) -> str:
    """Return the module of a line that Python writes about its imports, empty if it is another line."""
    return line.rpartition("|")[2].strip() if line.startswith("import time:") else ""


@pytest.fixture(scope="module")
def modules(fetched: Path) -> list[str]:
    """Return what ``picks queue`` loads once its own code runs, in order."""
    code, _, err = _run(fetched, "queue", PYTHONPROFILEIMPORTTIME="1")
    assert code == 0
    names = list(filter(None, map(_loaded, err.splitlines())))
    return names[names.index("bot.interfaces.cli") + 1 :]


def _stderr_until(process: subprocess.Popen[str], module: str) -> None:
    assert process.stderr
    for line in process.stderr:
        if _loaded(line) == module:
            return
    raise AssertionError(f"{module} was not loaded")


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_ctrl_c_while_loading_ends_without_a_word(fetched: Path, modules: list[str], moment: int) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PAGE)  # so that the program is never far ahead of what is read here
    process = subprocess.Popen(
        [str(PICKS), "queue"],
        cwd=fetched,
        env=_environ(fetched, PYTHONPROFILEIMPORTTIME="1"),
        stdout=subprocess.DEVNULL,
        stderr=writer,
    )
    os.close(writer)
    module = modules[(len(modules) - 2 * PAGE // 70) * moment // MOMENTS]
    with os.fdopen(reader, encoding="utf-8") as lines:
        assert any(_loaded(line) == module for line in lines)
        process.send_signal(signal.SIGINT)
        words = [line for line in lines if not _loaded(line) and "|" not in line]
    assert (process.wait(60), words) == (130, [])


def test_ctrl_c_while_a_slow_reader_takes_the_output(fetched: Path) -> None:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PAGE)
    process = subprocess.Popen(
        [str(PICKS), "demo"], env=_environ(fetched), stdout=writer, stderr=subprocess.PIPE, text=True
    )
    os.close(writer)
    assert os.read(reader, 1)
    process.send_signal(signal.SIGINT)
    assert process.stderr
    assert (process.wait(60), process.stderr.read()) == (130, "")
    process.stderr.close()
    os.close(reader)


def test_ctrl_c_while_another_process_holds_the_database(folder: Path) -> None:
    other = sqlite3.connect(folder / "data" / "picks.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    process = _start(folder, "reject", "1", PYTHONPROFILEIMPORTTIME="1")
    _stderr_until(process, "bot.curation.decisions")
    time.sleep(0.5)  # it waits for half a minute
    process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert time.monotonic() - asked < 10
    assert "Traceback" not in err
    other.close()
    assert _shown(folder)["state"] == "queued"


def _child_of(process: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for _ in range(600):
        if found := children.read_text("ascii").split():
            return int(found[0])
        time.sleep(0.1)
    raise AssertionError("no child was started")


def _is_running(number: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{number}/stat").read_text("utf-8")
    except FileNotFoundError:
        return False


def test_ctrl_c_ends_the_process_that_trains(folder: Path) -> None:
    os.mkfifo(folder / "listings.jsonl")  # nobody writes into it: whoever reads it waits
    (folder / "picks.jsonl").write_text('{"arxiv_id": "2602.00001"}\n', "utf-8")
    process = _start(folder, "train", "--listings", "listings.jsonl", "--picks", "picks.jsonl", "--out", "weights.json")
    child = _child_of(process)
    process.send_signal(signal.SIGINT)
    assert (process.communicate(timeout=60), process.returncode) == (("", ""), 130)
    assert not _is_running(child)


def test_ctrl_c_ends_the_worker_in_good_order(folder: Path) -> None:
    process = _start(folder, "worker", ARXIV_RSS_URL="http://127.0.0.1:9")
    assert process.stderr
    assert any("worker started" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, "worker stopped" in err, "Traceback" in err) == (0, True, False)


@pytest.fixture
def terminal() -> Iterator[int]:
    """Return a terminal for standard input, so that the editor opens."""
    master, slave = pty.openpty()
    yield slave
    os.close(slave)
    os.close(master)


def _edit(folder: Path, terminal: int, script: str) -> subprocess.CompletedProcess[str]:
    (folder / "edit").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    (folder / "edit").chmod(0o755)
    return subprocess.run(
        [str(PICKS), "note", "1"],
        cwd=folder,
        env=_environ(folder, EDITOR="./edit"),
        stdin=terminal,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_ctrl_c_in_the_editor_is_the_editors(folder: Path, terminal: int) -> None:
    done = _edit(folder, terminal, 'kill -INT $PPID; sleep 1.5; printf "New words." > "$1"')
    assert (done.returncode, done.stdout, done.stderr) == (0, "noted for 2602.00001\n", "")
    assert _shown(folder)["note"] == "New words."


def test_an_editor_that_ctrl_c_ended_ends_the_command_too(folder: Path, terminal: int) -> None:
    done = _edit(folder, terminal, "kill -INT $$")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_ctrl_c_stays_ignored_where_it_was_ignored(folder: Path) -> None:
    script = 'trap "" INT; exec "$0" worker --once'
    process = subprocess.Popen(
        ["sh", "-c", script, str(PICKS)],
        cwd=folder,
        env=_environ(folder, ARXIV_RSS_URL="http://127.0.0.1:9", ARXIV_API_URL="http://127.0.0.1:9"),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    process.stderr.readline()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in {0, 1}


# Closed streams


def _closed(folder: Path, words: str, redirections: str) -> tuple[int, str, str]:
    command = f'"$0" {words} {redirections}'
    done = subprocess.run(
        ["sh", "-c", command, str(PICKS)],
        cwd=folder,
        env=_environ(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


WRITES = ("queue", "queue --json", "--help", "--version", "demo")
LOST = "picks: cannot write the output: Bad file descriptor\n"


@pytest.mark.parametrize(
    ("words", "redirections"), [("queue", "<&-"), ("queue", "2>&-"), *((words, "<&- 2>&-") for words in WRITES)]
)
def test_a_closed_stream_that_is_not_needed_changes_nothing(fetched: Path, words: str, redirections: str) -> None:
    code, out, err = _closed(fetched, words, redirections)
    assert (code, err) == (0, "")
    assert out


@pytest.mark.parametrize("words", WRITES)
def test_a_closed_output_is_one_line(fetched: Path, words: str) -> None:
    assert _closed(fetched, words, ">&-") == (1, "", LOST)
    assert _closed(fetched, words, "<&- >&- 2>&-") == (1, "", "")


@pytest.mark.parametrize("redirections", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_wrong_usage_stays_wrong_usage(fetched: Path, redirections: str) -> None:
    code, out, _ = _closed(fetched, "frobnicate", redirections)
    assert (code, out) == (2, "")


def test_a_note_from_a_closed_input_leaves_the_note_as_it_was(folder: Path) -> None:
    _prepared(folder, "note", "1", "Old words.")
    message = "picks: cannot read standard input: Bad file descriptor; the note stays as it was\n"
    assert _closed(folder, "note 1 -", "<&-") == (1, "", message)
    assert _shown(folder)["note"] == "Old words."


def test_a_decision_with_all_streams_closed_is_in_the_database_and_not_above_it(folder: Path) -> None:
    assert _closed(folder, "reject 1", "<&- >&- 2>&-")[0] == 1
    assert _shown(folder)["state"] == "rejected"
    checked = sqlite3.connect(folder / "data" / "picks.db").execute("PRAGMA integrity_check").fetchone()
    assert checked == ("ok",)


def test_what_is_opened_later_is_never_a_standard_stream(tmp_path: Path) -> None:
    code = "import os; from bot.interfaces.cli import streams; streams.occupy(); n = os.open('.', os.O_RDONLY); "
    code += "os.write(os.open('number', os.O_WRONLY | os.O_CREAT), str(n).encode())"
    subprocess.run(
        ["sh", "-c", '"$0" -c "$1" <&- >&- 2>&-', sys.executable, code], cwd=tmp_path, timeout=60, check=True
    )
    assert int((tmp_path / "number").read_text("ascii")) > 2
