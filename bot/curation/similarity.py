"""How alike two papers are by their words: the cosine of their terms, where rare words count more.

Pure. ``Rarity`` is made of some papers of the time, a few hundred are enough; what none of them has counts as rarest.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from bot.domain.papers import Paper
from bot.ranking.features import CATEGORY, terms

Vector: TypeAlias = Mapping[str, float]


class Rarity:
    """How rare words and phrases are among some papers."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers_with: Counter[str] = Counter()
        self._papers = 0
        for paper in papers:
            self._papers += 1
            self._papers_with.update(set(terms(paper)))

    def vector(self, paper: Paper) -> Vector:
        """Return the paper's words and pairs of words with their weights, of length 1; empty when it has none."""
        counts = Counter(term for term in terms(paper) if not term.startswith(CATEGORY))
        weighed = {
            term: (1.0 + math.log(count)) * math.log((2 + self._papers) / (1 + self._papers_with[term]))
            for term, count in counts.items()
        }
        length = math.sqrt(math.fsum(value * value for value in weighed.values()))
        return {name: value / length for name, value in weighed.items()} if length else {}


def cosine(first: Vector, second: Vector) -> float:
    """Return how alike two vectors are: 0 with nothing in common, 1 for the same words."""
    small, large = sorted((first, second), key=len)
    return math.fsum(value * large[name] for name, value in small.items() if name in large)


def in_common(first: Vector, second: Vector, *, most: int) -> list[str]:
    """Return the words and phrases that have most part in the cosine, none with a word that another has already."""
    parts = {name: value * second[name] for name, value in first.items() if name in second}
    told: list[str] = []
    for name in sorted(parts, key=lambda name: (-parts[name], name)):
        if len(told) < most and not any(set(name.split()) & set(other.split()) for other in told):
            told.append(name)
    return told
