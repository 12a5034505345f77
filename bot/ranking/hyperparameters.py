"""What training and fitting tell each other: how to learn, what is known, what was learned. Plain values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import PermanentError


class NothingSharedError(PermanentError):
    """Too few papers have a word in common for anything to be learned from them."""


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How weights are learned; docs/ranking.md has the table that chose these numbers.

    What a label counts is relative to a pick, and halves in ``half_life`` days, but
    never falls below the share ``least_fresh``. A refusal whose reason the curator took
    the time to give counts ``reasoned`` times. ``strength`` is how far the weights may follow the examples, ``rarity``
    a power of a word's rarity, ``contrast`` the share of how differently chosen papers use it. Words that fewer than
    ``least_papers`` papers have, or more than the share ``most_papers``, are left out, and the ``kept`` weightiest
    remain. A related paper counts ``related_author`` for its authors, and no author counts more than ``most_author``.
    ``blocks`` are the stretches of days held back in turn for the calibration.
    """

    related: float = 0.5
    rejected: float = 1.0
    expired: float = 0.1
    reasoned: float = 1.5
    half_life: float = 180.0
    least_fresh: float = 0.25
    strength: float = 1.0
    rarity: float = 1.25
    contrast: float = 0.5
    least_papers: int = 3
    most_papers: float = 0.3
    kept: int = 14_000
    related_author: float = 0.4
    most_author: float = 3.0
    blocks: int = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each paper besides its text, all in the order of the papers.

    ``wanted`` says whether somebody chose it, ``weights`` how much that counts, ``base`` is its text score by earlier
    weights, ``authors`` and ``words`` are the author value and the points of the channel's words, ``blocks`` number the
    stretches of days held back in turn.
    """

    wanted: Sequence[bool]
    weights: Sequence[float]
    base: Sequence[float]
    authors: Sequence[float]
    words: Sequence[float]
    blocks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Belief:
    """How the parts of a score add up as far as is known without the papers at hand.

    ``base`` and ``text`` are what the text scores by earlier and by new weights count; the others are those of
    ``bot.ranking.model.Calibration``.
    """

    bias: float
    base: float
    text: float
    authors: float
    words: float
    knee: float
    above: float


@dataclass(frozen=True, slots=True)
class Learned:
    """New weights by feature, what the earlier ones still count, how the parts add up, and what one row has added.

    ``bias``, ``authors`` and ``above`` are those of ``bot.ranking.model.Calibration``. The weights are in log-odds.
    """

    weights: dict[str, float]
    base: float
    bias: float
    authors: float
    above: float
    shares: Callable[[int], dict[str, float]]
