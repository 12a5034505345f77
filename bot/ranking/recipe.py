"""What training and fitting tell each other: how to learn, what is known, what was learned. Plain values."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """How weights are learned; docs/ranking.md has the table that chose these numbers.

    What a label counts is relative to a pick, and halves in ``half_life`` days. A refusal whose reason the curator took
    the time to give counts ``reasoned`` times. ``strength`` is how far the weights may follow the examples, ``rarity``
    a power of a word's rarity, ``contrast`` the share of how differently chosen papers use it. Words that fewer than
    ``least_papers`` papers have, or more than the share ``most_papers``, are left out, and the ``kept`` weightiest
    remain. A related paper counts ``related_author`` for its authors, and no author counts more than ``most_author``.
    ``blocks`` are the stretches of days held back in turn for the calibration.
    """

    related: float = 0.5
    rejected: float = 0.1
    expired: float = 0.02
    reasoned: float = 2.0
    half_life: float = 180.0
    strength: float = 1.0
    rarity: float = 1.25
    contrast: float = 0.5
    least_papers: int = 3
    most_papers: float = 0.3
    kept: int = 20_000
    related_author: float = 0.4
    most_author: float = 3.0
    blocks: int = 5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of each paper besides its text, all in the order of the papers.

    ``wanted`` says whether somebody chose it, ``weights`` how much that counts, ``authors`` and ``words`` are the
    author value and the points of the channel's words, ``blocks`` number the stretches of days held back in turn.
    """

    wanted: Sequence[bool]
    weights: Sequence[float]
    authors: Sequence[float]
    words: Sequence[float]
    blocks: Sequence[int]


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights by feature, how the parts add up, and what the paper in one row has added to the weights.

    ``bias``, ``text``, ``authors`` and ``above`` are those of ``bot.ranking.model.Calibration``.
    """

    weights: dict[str, float]
    bias: float
    text: float
    authors: float
    above: float
    shares: Callable[[int], dict[str, float]]
