"""Training in a process of its own: examples come in as JSON lines, the weights go out as the text of a weights file.

A process of its own, because scikit-learn never gives its memory back. Both ends of the pipe are written here, so they
cannot drift apart. The process knows no database and no secrets; it takes the lowest priority, so that everything
else goes first. ``TrainingProcess`` holds the pipe open until the weights are there: when the pipe is closed, for
whatever reason, the process ends.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from typing import IO, Final, Self, TextIO

from bot.domain.channels import Ranking
from bot.domain.errors import PicksError
from bot.domain.json import Json
from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Example, Label
from bot.ranking.model import Model, parse
from bot.ranking.training import TrainingError, train

LIBRARY: Final = "sklearn"
"""What training cannot do without, as Python imports it."""

_LOWEST_PRIORITY: Final = 19
_END: Final = "\n"  # after the last example: half of them would teach something else
_LOOK_SECONDS: Final = 0.5
_LOOK_EXAMPLES: Final = 100
_ASKED_TO_END: Final = (-signal.SIGINT, -signal.SIGTERM)  # exit codes; such signals often go to a whole group

Wait = Callable[[float], object]
"""Waits so many seconds; a true answer means that there is no time left."""


class TrainingStoppedError(TrainingError):
    """Whoever wanted the weights was asked to end while they were worked out."""

    def __init__(self) -> None:
        super().__init__("training broke off, because the worker ended; the next one begins again")


@dataclass(frozen=True, slots=True)
class Order:
    """What to train.

    ``ranking`` are the channel's rules, if there is a channel. ``base`` is the text of the weights to build on. Days
    after ``until`` are not looked at. ``created`` is the date to write into the weights: ``until``, or else the newest
    day, where it is not given.
    """

    ranking: Ranking | None = None
    base: str | None = None
    created: date | None = None
    until: date | None = None


class TrainingProcess:
    """The process that trains, with the files into which it writes; leaving the block ends it."""

    def __init__(self) -> None:
        """Start the process; raise TrainingError when that is not possible."""
        try:
            self._out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
            self._said: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
            # -P: a folder named bot where the program happens to run is not this program.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "bot.ranking.training_process"],
                stdin=subprocess.PIPE,
                stdout=self._out,
                stderr=self._said,
                encoding="utf-8",
            )
        except OSError as error:
            raise TrainingError(
                f"training could not begin: {error.strerror or error}; mend that and run: picks train"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        with suppress(BrokenPipeError):
            self._process.communicate()
        self._out.close()
        self._said.close()

    def tell(self, order: Order, examples: Iterable[Example], *, wait: Wait) -> None:
        """Hand over what to learn from, one example after the other; the pipe stays open.

        ``wait`` is called now and then with no seconds to wait. Raises TrainingStoppedError when it says to end.
        """
        pipe = self._process.stdin
        if pipe is None:
            raise TypeError("the process was started without its pipe")
        with suppress(BrokenPipeError):  # it has ended, and says why
            for number, line in enumerate(to_lines(order, examples)):
                if number % _LOOK_EXAMPLES == 0 and wait(0):
                    raise TrainingStoppedError
                pipe.write(line)
            pipe.flush()

    def result(self, wait: Wait) -> Model:
        """Return the weights when they are ready; raise TrainingError in the words of what went wrong."""
        while self._process.poll() is None:
            if wait(_LOOK_SECONDS):
                raise TrainingStoppedError
        if self._process.returncode in _ASKED_TO_END:
            raise TrainingStoppedError
        if self._process.returncode:
            raise TrainingError(self._why_not(self._process.returncode))
        self._out.seek(0)
        return parse(self._out.read(), source="what the training wrote")

    def _why_not(self, code: int) -> str:
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        if code == 1 and len(lines) == 1:
            return lines[0]
        if code < 0:
            return (
                f"training was ended by signal {-code}, as happens where memory is short; give it more, "
                "or fewer papers to learn from"
            )
        return f"training ended with exit code {code}: {lines[-1] if lines else 'it said nothing'}; run: picks train"


def to_lines(order: Order, examples: Iterable[Example]) -> Iterator[str]:
    """Yield what the process reads: the order, then an example a line, then an empty line."""
    yield _line(
        {
            "ranking": order.ranking.model_dump(mode="json") if order.ranking else None,
            "base": order.base,
            "created": _written(order.created),
            "until": _written(order.until),
        }
    )
    for example in examples:
        yield _line(
            {
                **asdict(example.paper),
                "arxiv_id": str(example.paper.arxiv_id),
                "day": str(example.day),
                "label": example.label,
                "decided": _written(example.decided),
                "reason": example.reason,
            }
        )
    yield _END


def read_order(line: str) -> Order:
    """Return the order that ``to_lines`` wrote."""
    data = json.loads(line)
    ranking = Ranking.model_validate(data["ranking"]) if data["ranking"] else None
    return Order(ranking, data["base"], _date(data["created"]), _date(data["until"]))


def read_example(line: str) -> Example:
    """Return an example that ``to_lines`` wrote."""
    data = json.loads(line)
    return Example(
        Paper(
            ArxivId(data["arxiv_id"]),
            data["version"],
            data["title"],
            data["abstract"],
            tuple(data["authors"]),
            tuple(data["categories"]),
        ),
        date.fromisoformat(data["day"]),
        Label(data["label"]),
        _date(data["decided"]),
        data["reason"],
    )


def main(source: TextIO = sys.stdin, out: TextIO = sys.stdout, *, told: Callable[[], object] = lambda: None) -> int:
    """Train from lines and write the weights; return the exit code. ``told`` is called when all examples are there."""
    try:
        order = read_order(source.readline())
        base = parse(order.base, source="the base") if order.base else None
        examples = list(_examples(source))
        told()
        newest = max((example.day for example in examples), default=date.min)
        created = order.created or order.until or newest
        model = train(examples, created=created, until=order.until, ranking=order.ranking, base=base)
    except PicksError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    out.write(model.to_json())
    return 0


def _examples(source: TextIO) -> Iterator[Example]:
    for line in source:
        if line == _END:
            return
        if line.endswith("\n"):
            yield read_example(line)
    raise TrainingError("the examples broke off before their end; train again")


def _end_with_the_pipe() -> None:
    """End this process at once when standard input ends: whoever wanted the weights is gone."""

    def watch() -> None:
        # Not through sys.stdin: a thread that waits there holds its lock, which the interpreter needs to end.
        while os.read(pipe, 1):
            pass
        os._exit(1)

    pipe = sys.stdin.fileno()
    threading.Thread(target=watch, daemon=True).start()


def _written(day: date | None) -> str | None:
    return str(day) if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _line(data: Json) -> str:
    return json.dumps(data, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    os.nice(_LOWEST_PRIORITY)
    sys.exit(main(told=_end_with_the_pipe))
