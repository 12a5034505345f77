"""Train weights from files: read them, and hand them to the process that trains.

What is learned from them is for ``training``; how the process is fed and watched, for ``training_process``.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from bot.curation.training_process import Order, TrainingProcess
from bot.domain.channels import load_channel
from bot.intake.listings import from_lists, read_listings, read_named
from bot.ranking.model import Model, load, load_default, save

SHIPPED: Final = "default"
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Sources:
    """What to train from; ``channel`` is the channel file whose words are weighed beside the weights."""

    listings: Sequence[Path]
    picks: Path
    related: Path | None = None
    channel: Path | None = None
    base: str = NONE
    until: date | None = None


def train(sources: Sources, out: Path | None, *, waiting: Callable[[], None] = lambda: None) -> Model:
    """Train, write the weights to ``out`` if that is named, and return them; ``waiting`` is called meanwhile.

    The same files give the same weights. Raises PicksError in the words of whatever went wrong.
    """

    def wait(seconds: float) -> None:
        time.sleep(seconds)
        waiting()

    ranking = load_channel(sources.channel).ranking if sources.channel else None
    order = Order(ranking, _base(sources.base), until=sources.until)
    examples = from_lists(
        read_listings(sources.listings),
        picks=read_named(sources.picks),
        related=read_named(sources.related) if sources.related else (),
        until=sources.until,
    )
    with TrainingProcess() as process:
        process.tell(order, examples, wait=wait)
        model = process.result(wait)
    if out:
        save(model, out)
    return model


def _base(name: str) -> Model | None:
    if name == NONE:
        return None
    return load_default() if name == SHIPPED else load(Path(name))
