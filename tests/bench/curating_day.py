"""What a curator's day costs by commands and at the desk: ten candidates of real captures, two picks.

Run ``python tests/bench/curating_day.py``; docs/curating.md has what came of it. A terminal of 80 columns and 24 lines
(the desk has 120 and 40) is between the command and this script, which presses the keys and waits as a person does, but
reads and thinks in no time. Counted are the commands, the keys pressed beside the words of the notes, and the seconds
from Enter to the next prompt, or to the first screen of the pager, and at the desk from a key to the last change of the
screen; on a machine with other work the processor's seconds say more. ``--program`` names another ``picks``, such as an
older one.
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
SETTLED = 0.4  # as QUIET, at the desk: threads follow a note after 0.25 s, and a cursor blinks after 0.5
DESK = "at the desk"


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


def at_the_desk(notes: dict[int, str]) -> Iterator[tuple[str, int]]:
    """Yield what is typed at the desk, and how many of these keys are the note's words; no key has a row of its own."""
    reasons = {number: reason for reason, numbers in REASONS.items() for number in numbers}
    for number in range(1, 11):
        if number in notes:
            yield "n", 0
            yield notes[number], len(notes[number])
            yield from (("\x1b", 0), ("a", 0))
        elif number in reasons:
            reason = reasons[number]
            yield "x", 0
            yield from (("1", 0),) if reason == "survey" else (("/", 0), (f"{reason}\r", 0))
        else:
            yield from (("h", 0), ("m", 0))
    yield "q", 0


def sit(notes: dict[int, str], program: Sequence[str], environ: dict[str, str], *, verbose: bool) -> Tally:
    """Go through a day at the desk; each key waits until the screen has answered the one before."""
    before = _cpu()
    line = " ".join([*program, "review"])
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        os.execvpe(program[0], [*program, "review"], environ)
    keys, seconds = len("picks review\n"), _settle(terminal)
    for text, words in at_the_desk(notes):
        os.write(terminal, text.encode())
        took = _settle(terminal)
        keys, seconds = keys + len(text) - words, seconds + took
        if verbose:
            sys.stdout.write(f"{len(text) - words:4} keys {took:5.2f} s  {text[:60]!r}\n")
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0:
        raise SystemExit(f"{line} failed")
    os.close(terminal)
    return Tally(1, keys, seconds, _cpu() - before)


def _settle(terminal: int) -> float:
    """Wait until nothing comes from a terminal for a while; return the seconds to the last of what came."""
    begun = last = time.monotonic()
    while select.select([terminal], [], [], SETTLED if last > begun else 10)[0] and _read(terminal):
        last = time.monotonic()
    return last - begun


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
    parser.add_argument("--way", choices=[*WAYS, DESK], action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    program = shlex.split(given.program)
    for way in given.way or [*WAYS, DESK]:
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
        if way == DESK:
            tally = sit(notes, program, environ, verbose=verbose)
            _require_all_decided(program, environ)
            return tally
        today = date.today()  # noqa: DTZ011 - as the person at this terminal says it
        monday = today + timedelta(days=7 - today.weekday())
        return day(WAYS[way](notes, monday), program, environ, verbose=verbose)


def _require_all_decided(program: Sequence[str], environ: dict[str, str]) -> None:
    """End with an error where keys went astray: then the figures mean nothing."""
    left = subprocess.run([*program, "status", "--json"], env=environ, check=True, capture_output=True)
    counts = json.loads(left.stdout)["queue"]
    wanted = {"approved": len(PICKED), "rejected": sum(map(len, REASONS.values())), "held": 1, "queued": 0}
    if any(counts[name] != number for name, number in wanted.items()):
        raise SystemExit(f"the desk's keys went astray: {counts}")


if __name__ == "__main__":
    main()
