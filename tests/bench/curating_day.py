"""What a curator's day costs by commands: ten candidates of real captures, two picks.

Run ``python tests/bench/curating_day.py``; docs/curating.md has what came of it. A terminal of 80 columns and 24 lines
is between the command and this script, which presses the keys and waits as a person does, but reads and thinks in no
time. Counted are the commands, the keys pressed beside the words of the notes, and the seconds from Enter to the next
prompt, or to the first screen of the pager; on a machine with other work the processor's seconds say more.
``--program`` names another ``picks``, such as an older one.
"""

import argparse
import fcntl
import json
import os
import pty
import resource
import select
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
DAY = "2024-06-20"  # the captures of that night hold the papers of 19 June
PICKED = ("2406.12618", "2406.12673")
REASONS = {"evaluation": (4, 7), "applied": (6, 8, 10), "survey": (5, 9)}
QUIET = 0.25  # seconds without a word, after which a screen is taken for complete
PROMPTS = (b":\x1b[K", b"(END)\x1b[27m\x1b[K", b"(END)\x1b[m\x1b[K")
"""How less ends a screen."""


@dataclass
class Tally:
    """What was done so far."""

    commands: int = 0
    keys: int = 0
    seconds: float = 0.0
    cpu: float = 0.0


def one_by_one(notes: dict[int, str], monday: date) -> Iterator[tuple[str, int]]:
    """Yield the day with one paper a command, each with how many of its characters are the note's words."""
    yield "picks queue", 0
    yield from ((f"picks show {number}", 0) for number in range(1, 11))
    for number, note in notes.items():
        yield f"picks note {number} {shlex.quote(note)}", len(note)
        yield f"picks preview {number}", 0
        yield f"picks approve {number}", 0
    for reason, numbers in REASONS.items():
        yield from ((f"picks reject {number} --reason {reason}", 0) for number in numbers)
    yield f"picks hold 1 --until {monday}", 0


def together(notes: dict[int, str], _: date) -> Iterator[tuple[str, int]]:
    """Yield the day with several papers a command."""
    yield "picks queue --new", 0
    yield f"picks show {' '.join(map(str, range(1, 11)))}", 0
    for number, note in notes.items():
        yield f"picks note {number} {shlex.quote(note)}", len(note)
        yield f"picks preview {number}", 0
    yield f"picks approve {' '.join(map(str, notes))}", 0
    for reason, numbers in REASONS.items():
        yield f"picks reject {' '.join(map(str, numbers))} --reason {reason}", 0
    yield "picks hold 1 mon", 0


WAYS = {"one paper a command": one_by_one, "several papers a command": together}


def run(line: str, program: Sequence[str], environ: dict[str, str]) -> tuple[float, int]:
    """Run a command on a terminal; return the seconds of waiting, and the keys that its pager took."""
    words = [*program, *shlex.split(line)[1:]]
    begun = last = time.monotonic()
    waited, keys, screen = 0.0, 0, b""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvpe(words[0], words, environ)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    while True:
        asks = screen.endswith(PROMPTS)
        if not select.select([terminal], [], [], QUIET if asks else None)[0]:
            waited = waited or last - begun
            os.write(terminal, b"q" if b"(END)" in screen else b" ")
            screen, keys = b"", keys + 1
        elif chunk := _read(terminal):
            screen, last = screen + chunk, time.monotonic()
        else:
            break
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise SystemExit(f"{line}: {screen.decode(errors='replace')}")
    os.close(terminal)
    return waited or time.monotonic() - begun, keys


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux says so when the other side has gone
        return b""


def day(plan: Iterator[tuple[str, int]], program: Sequence[str], environ: dict[str, str], *, verbose: bool) -> Tally:
    """Go through a day; return what it took."""
    tally = Tally()
    for line, words in plan:
        before = _cpu()
        seconds, keys = run(line, program, environ)
        pressed = len(line) - words + len("\n") + keys
        tally = Tally(tally.commands + 1, tally.keys + pressed, tally.seconds + seconds, tally.cpu + _cpu() - before)
        if verbose:
            sys.stdout.write(f"{pressed:4} keys {seconds:5.2f} s  {line[:60]}\n")
    return tally


def _cpu() -> float:
    """Return the processor's seconds of all commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Measure both ways of working, and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", default=str(Path(sys.executable).with_name("picks")))
    parser.add_argument("--way", choices=list(WAYS), action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    program = shlex.split(given.program)
    for way in given.way or WAYS:
        found = [_on_a_new_queue(way, program, verbose=given.verbose) for _ in range(given.rounds)]
        best = min(found, key=lambda tally: tally.seconds)
        cpu = min(tally.cpu for tally in found)
        sys.stdout.write(
            f"{way}: {best.commands} commands, {best.keys} keys, {best.seconds:.1f} s of waiting, {cpu:.1f} s of CPU\n"
        )


def _on_a_new_queue(way: str, program: Sequence[str], *, verbose: bool) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environ = {**kept, "PICKS_DATA": folder, "PICKS_CONFIG": str(ROOT / "config"), "PICKS_CURATOR": "ada"}
        environ |= {"LANG": "C.UTF-8", "TERM": "xterm", "PAGER": "less"}
        captures = sorted(map(str, (DATA / "arxiv" / "rss").glob(f"{DAY}-*.xml.gz")))
        for words in (["db", "upgrade"], ["fetch", *captures]):
            subprocess.run([*program, *words], env=environ, check=True, capture_output=True)
        queue = subprocess.run([*program, "queue", "--json"], env=environ, check=True, capture_output=True)
        numbers = {item["arxiv_id"]: item["id"] for item in json.loads(queue.stdout)}
        with (DATA / "picks" / "collection.jsonl").open(encoding="utf-8") as lines:
            picks = {pick["arxiv_id"]: pick["note"] for pick in map(json.loads, lines)}
        notes = {numbers[arxiv_id]: picks[arxiv_id] for arxiv_id in PICKED}
        today = date.today()  # noqa: DTZ011 - as the person at this terminal says it
        monday = today + timedelta(days=7 - today.weekday())
        return day(WAYS[way](notes, monday), program, environ, verbose=verbose)


if __name__ == "__main__":
    main()
