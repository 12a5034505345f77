"""Training in a process of its own: examples go in, the weights come out as the text of a weights file.

A process of its own, because scikit-learn never gives its memory back. It knows no database and no secrets; it takes
the lowest priority, so that everything else goes first. ``TrainingProcess`` holds the pipe open until the weights are
there: when the pipe is closed, for whatever reason, the process ends.
"""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import IO, BinaryIO, Final, Self, TextIO

from bot.domain.channel_sections import Ranking
from bot.domain.errors import PicksError
from bot.ranking.examples import Example, TrainingError
from bot.ranking.model import Model, parse

LIBRARY: Final = "sklearn"
"""What training cannot do without, as Python imports it."""

_LOWEST_PRIORITY: Final = 19
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

    ``ranking`` are the channel's rules, if there is a channel. ``base`` are the weights to build on. Days after
    ``until`` are not looked at. ``created`` is the date to write into the weights.
    """

    ranking: Ranking | None = None
    base: Model | None = None
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
                [sys.executable, "-P", "-m", "bot.curation.training_process"],
                stdin=subprocess.PIPE,
                stdout=self._out,
                stderr=self._said,
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
            for number, part in enumerate(told(order, examples)):
                if number % _LOOK_EXAMPLES == 0 and wait(0):
                    raise TrainingStoppedError
                pipe.write(part)
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


def told(order: Order, examples: Iterable[Example]) -> Iterator[bytes]:
    """Yield what the process reads: the order, each example, and a word that this was all."""
    yield pickle.dumps(order)
    yield from map(pickle.dumps, examples)
    yield pickle.dumps(None)


def load_trainer() -> Callable[..., Model]:
    """Return ``ranking.training.train``, which takes a second to import; raise TrainingError without scikit-learn."""
    try:
        from bot.ranking.training import train
    except ImportError as error:
        raise TrainingError(
            f"training needs scikit-learn, and {error.name} is not installed: pip install scikit-learn"
        ) from error
    return train


def main(source: BinaryIO, out: TextIO, *, heard: Callable[[], object] = lambda: None) -> int:
    """Train from what was ``told`` and write the weights; return the exit code. ``heard`` is called after the last."""
    try:
        order: Order = pickle.load(source)  # noqa: S301 - only this program writes into the pipe
        examples, train = _examples(source, heard), load_trainer()
        model = train(examples, created=order.created, until=order.until, ranking=order.ranking, base=order.base)
    except PicksError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    out.write(model.to_json())
    return 0


def _examples(source: BinaryIO, heard: Callable[[], object]) -> Iterator[Example]:
    try:
        while (example := pickle.load(source)) is not None:  # noqa: S301
            yield example
    except (EOFError, pickle.UnpicklingError) as error:  # half of the examples would teach something else
        raise TrainingError("the examples broke off before their end; train again") from error
    heard()


def _end_with_the_pipe() -> None:
    """End this process at once when standard input ends: whoever wanted the weights is gone."""

    def watch() -> None:
        # Not through sys.stdin: a thread that waits there holds its lock, which the interpreter needs to end.
        while os.read(pipe, 1):
            pass
        os._exit(1)

    pipe = sys.stdin.fileno()
    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    os.nice(_LOWEST_PRIORITY)
    sys.exit(main(sys.stdin.buffer, sys.stdout, heard=_end_with_the_pipe))
