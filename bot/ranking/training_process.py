"""Training in a process of its own: examples come in as JSON lines, the weights go out as the text of a weights file.

Both ends of that pipe are written here, so they cannot drift apart. The process knows no database and no secrets; it
takes the lowest priority, because nobody waits for it. Whoever feeds it holds the pipe open until it is done: when the
pipe is closed, however that came, the process ends.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final, TextIO

from bot.domain.channels import Ranking
from bot.domain.errors import PicksError
from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Example, Label
from bot.ranking.model import parse
from bot.ranking.training import TrainingError, train

LIBRARY: Final = "sklearn"
"""What training cannot do without, as Python imports it."""

_LOWEST_PRIORITY: Final = 19
_END: Final = "\n"  # after the last example: half of them would teach something else


@dataclass(frozen=True, slots=True)
class Order:
    """What to train: the channel's rules, the text of the weights to build on if any, and the date to write on it."""

    ranking: Ranking
    base: str | None
    created: date


def to_lines(order: Order, examples: Iterable[Example]) -> Iterator[str]:
    """Yield what the process reads: the order, then an example a line, then an empty line."""
    yield _line({"ranking": order.ranking.model_dump(mode="json"), "base": order.base, "created": str(order.created)})
    for example in examples:
        yield _line(
            {
                **asdict(example.paper),
                "arxiv_id": str(example.paper.arxiv_id),
                "day": str(example.day),
                "label": example.label,
                "decided": str(example.decided) if example.decided else None,
                "reason": example.reason,
            }
        )
    yield _END


def read_order(line: str) -> Order:
    """Return the order that ``to_lines`` wrote."""
    data = json.loads(line)
    return Order(Ranking.model_validate(data["ranking"]), data["base"], date.fromisoformat(data["created"]))


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
        date.fromisoformat(data["decided"]) if data["decided"] else None,
        data["reason"],
    )


def main(source: TextIO = sys.stdin, out: TextIO = sys.stdout, *, told: Callable[[], object] = lambda: None) -> int:
    """Train from lines and write the weights; return the exit code. ``told`` is called when all examples are there."""
    try:
        order = read_order(source.readline())
        base = parse(order.base, source="the base") if order.base else None
        examples = list(_examples(source))
        told()
        model = train(examples, created=order.created, ranking=order.ranking, base=base)
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


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    os.nice(_LOWEST_PRIORITY)
    sys.exit(main(told=_end_with_the_pipe))
