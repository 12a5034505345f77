"""Train weights from files in a process of its own, which gives the memory of scikit-learn back when it ends.

What is learned, and from what, is ``ranking.training``'s business; this module owns that process and nothing else.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from bot.domain.errors import PicksError
from bot.ranking.model import DEFAULT, Model, load

SHIPPED: Final = "default"
NONE: Final = "none"

_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Sources:
    """What to train from; ``channel`` is the channel file whose words are weighed beside the weights."""

    listings: Sequence[Path]
    picks: Path
    related: Path | None = None
    channel: Path | None = None
    base: str = NONE
    until: date | None = None

    def arguments(self, base: Path | None) -> Iterator[str]:
        """Yield the words of the command line; values stand behind ``=``, so that none is taken for an option."""
        yield from ("--listings", *(str(file.absolute()) for file in self.listings))
        given = {"picks": self.picks, "related": self.related, "channel": self.channel, "base": base}
        yield from (f"--{name}={file}" for name, file in given.items() if file)
        if self.until:
            yield f"--until={self.until}"


def train(sources: Sources, out: Path | None, *, waiting: Callable[[], None] = lambda: None) -> Model:
    """Train, write the weights to ``out`` if that is named, and return them; ``waiting`` is called every second.

    The same files give the same weights. Raises PicksError in the words of whatever went wrong.
    """
    with _base_file(sources.base) as base, tempfile.TemporaryDirectory(prefix="daily-picks-") as folder:
        file = out or Path(folder) / "weights.json"
        _run([*sources.arguments(base), f"--out={file.absolute()}"], waiting)
        return load(file)


@contextmanager
def _base_file(name: str) -> Iterator[Path | None]:
    if name == SHIPPED:
        with as_file(files("bot.ranking").joinpath(DEFAULT)) as file:
            yield file
    else:
        yield None if name == NONE else Path(name)


def _run(arguments: Sequence[str], waiting: Callable[[], None]) -> None:
    # -P: a folder named bot where the command happens to be called is not this program.
    command = [sys.executable, "-P", "-m", "bot.ranking.training", *arguments]
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=said) as process:  # noqa: S603 - no shell, our own program
            _wait(process, waiting)
        said.seek(0)
        lines = said.read().strip().splitlines()
    if process.returncode:
        raise PicksError(_why_not(process.returncode, lines))


def _wait(process: subprocess.Popen[bytes], waiting: Callable[[], None]) -> None:
    try:
        while True:
            try:
                process.wait(_LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                waiting()
            else:
                return
    except BaseException:
        process.kill()
        raise


def _why_not(code: int, lines: Sequence[str]) -> str:
    if code == 1 and len(lines) == 1:
        return lines[0]
    if code < 0:
        return f"training was ended by signal {-code}, as happens where memory is short; name fewer listings"
    return f"training ended with exit code {code}: {lines[-1] if lines else 'it said nothing'}"
