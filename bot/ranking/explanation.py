"""One score taken apart: what was learned on one side, what the channel file says on the other. Pure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.channels import Ranking
from bot.domain.papers import Paper
from bot.ranking.keywords import WordRanker
from bot.ranking.model import Model
from bot.ranking.ranker import WORDS_ALONE, Ranker
from bot.ranking.score import Part, Score


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with its parts by where they come from.

    The base, the parts in ``learned`` and those in ``channel`` add up to the score's log-odds.
    """

    score: Score
    learned: tuple[Part, ...]
    channel: tuple[Part, ...]

    @property
    def totals(self) -> tuple[float, float]:
        """Return what the learned parts and the channel's add, in log-odds."""
        learned, channel = (math.fsum(part.weight for part in parts) for parts in (self.learned, self.channel))
        return learned, channel


def explain(paper: Paper, ranking: Ranking, model: Model | None) -> Explanation:
    """Explain the score that ``Ranker(ranking, model)`` gives the paper."""
    wordless = ranking.model_copy(update={"words": {}, "authors": {}, "exclude": ()})
    learned = Ranker(wordless, model).explain(paper)
    return Explanation(Ranker(ranking, model).explain(paper), learned.parts, tuple(_of_channel(paper, ranking, model)))


def _of_channel(paper: Paper, ranking: Ranking, model: Model | None) -> Iterator[Part]:
    worth = (model.calibration if model else WORDS_ALONE).words
    for match in WordRanker(ranking).matches(paper):
        label = f"watched author: {match.text}" if match.author else f"{match.text} ({match.where})"
        yield Part(worth * match.weight, label, match.text)
