"""``picks review`` in a real terminal (tmux), and what it says without one."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.states import CandidateState
from bot.store.database import Database
from desk_stage import PAPERS, Table
from samples import CONSOLE_CHANNEL

TMUX = shutil.which("tmux")
PICKS = Path(sys.executable).with_name("picks")


@pytest.fixture
def environ(sqlite_database: Database, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a curator whose database has a day of papers."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "sample.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    Table(sqlite_database)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "TERM": "screen-256color",
        "DATABASE_URL": sqlite_database.url.render_as_string(hide_password=False),
        "PICKS_CONFIG": str(tmp_path / "config"),
        "PICKS_CURATOR": "ada",
    }


class Terminal:
    """A terminal of 80 by 24."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._words = [TMUX or "tmux", "-S", str(folder / "tmux"), "-f", os.devnull]
        self._environ = environ

    def run(self, *words: str) -> str:
        """Tell tmux something; return what it prints."""
        return subprocess.run(
            [*self._words, *words], env=self._environ, capture_output=True, text=True, check=True
        ).stdout

    def end(self) -> None:
        """Close every window, if any is left."""
        subprocess.run([*self._words, "kill-server"], env=self._environ, capture_output=True, check=False)

    def start(self, command: str) -> None:
        """Run a command, and keep what it leaves on the screen."""
        self.run("new-session", "-d", "-x", "80", "-y", "24", f"{command}; echo left with $?; sleep 60")

    def press(self, key: str, *, until: str) -> None:
        """Press a key and wait for words on the screen."""
        self.run("send-keys", key)
        self.wait(until)

    def wait(self, words: str) -> None:
        """Wait until the screen has these words."""
        deadline = time.monotonic() + 30
        while words not in (screen := self.run("capture-pane", "-p")):
            assert time.monotonic() < deadline, f"{words!r} did not come:\n{screen}"
            time.sleep(0.1)


@pytest.fixture
def terminal(tmp_path: Path, environ: dict[str, str]) -> Iterator[Terminal]:
    """Return a terminal that is closed at the end."""
    opened = Terminal(tmp_path, environ)
    yield opened
    opened.end()


@pytest.mark.slow
@pytest.mark.skipif(TMUX is None and not os.environ.get("CI"), reason="needs tmux (Debian: tmux)")
def test_a_day_is_worked_through_in_a_terminal(terminal: Terminal, sqlite_database: Database) -> None:
    terminal.start(f"{PICKS} review")
    terminal.wait("0 of 4 decided")
    terminal.press("a", until="1 of 4 decided")
    terminal.press("x", until="too little new")
    terminal.press("1", until="2 of 4 decided")
    terminal.press("q", until="1 approved, 1 rejected, 2 left")
    terminal.wait("left with 0")
    first, second, *_ = PAPERS
    table = Table(sqlite_database)
    assert (table.state(first), table.state(second)) == (CandidateState.APPROVED, CandidateState.REJECTED)


@pytest.mark.slow
@pytest.mark.skipif(TMUX is None and not os.environ.get("CI"), reason="needs tmux (Debian: tmux)")
@pytest.mark.parametrize(
    ("editor", "said"),
    [("nosuch", "cannot start the editor"), ("false", "was not saved"), ("cp /dev/null", "is empty")],
)
def test_an_editor_that_fails_gives_the_desk_back(
    terminal: Terminal, sqlite_database: Database, editor: str, said: str
) -> None:
    Table(sqlite_database)
    terminal.start(f"EDITOR='{editor}' {PICKS} review")
    terminal.wait("0 of 4 decided")
    terminal.press("e", until=said)
    terminal.press("a", until="1 of 4 decided")
    terminal.press("q", until="left with 0")


@pytest.mark.slow
@pytest.mark.skipif(TMUX is None and not os.environ.get("CI"), reason="needs tmux (Debian: tmux)")
def test_a_terminal_that_is_closed_loses_no_note_and_leaves_nothing_running(
    terminal: Terminal, sqlite_database: Database
) -> None:
    table, first = Table(sqlite_database), next(iter(PAPERS))
    terminal.start(f"exec {PICKS} review")
    terminal.press("n", until="Esc keeps the note")
    terminal.press("Words.", until="Words.")
    desk = int(terminal.run("list-panes", "-F", "#{pane_pid}"))
    terminal.run("kill-session")
    deadline = time.monotonic() + 30
    while _runs(desk):
        assert time.monotonic() < deadline, "the desk still runs"
        time.sleep(0.1)
    assert table.paper(first).note == "Words."


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_without_a_terminal_one_line_says_so(environ: dict[str, str]) -> None:
    done = subprocess.run([PICKS, "review"], env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "picks: picks review needs a terminal; elsewhere there are picks queue, show, note and approve\n"
    )
