"""Which picks are about the same: those that share rare words, most of all in their titles.

Pure. Only the weightiest words of each pick are compared, through an index of who has them, so that thousands of picks
take a second or two.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from bot.archive.entries import Entry
from bot.ranking.features import words

_MOST: Final = 4
_COMPARED: Final = 24
"""Words of a pick that are compared, the weightiest."""

_IN_TITLE: Final = 3
"""A word of the title counts as this many."""

_LEAST: Final = 0.08
"""Below that, two picks share a word by chance."""

_TOO_COMMON: Final = 0.2
_NEVER_TOO_COMMON: Final = 8
"""A word that more than a fifth of the picks have says nothing, unless there are very few picks."""

_MOST_PLACES: Final = 400
"""Picks that have a word, at most, so that the work does not grow with the square of all picks."""


def related(picks: Sequence[Entry]) -> Mapping[str, tuple[Entry, ...]]:
    """Return for each arXiv id up to four picks of other papers, the most alike first; ``picks`` are one a paper."""
    counts = [_counts(entry) for entry in picks]
    having = Counter(word for count in counts for word in count)
    limit = min(_MOST_PLACES, max(_NEVER_TOO_COMMON, int(len(picks) * _TOO_COMMON)))
    rare = {word: math.log((1 + len(picks)) / places) for word, places in having.items() if 1 < places <= limit}
    vectors = [_vector(count, rare) for count in counts]
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, vector in enumerate(vectors):
        for word, weight in vector.items():
            index[word].append((number, weight))
    return {
        picks[number].arxiv_id: tuple(picks[other] for other in _nearest(number, vector, index))
        for number, vector in enumerate(vectors)
    }


def _counts(entry: Entry) -> Counter[str]:
    count = Counter(words(f"{entry.abstract}\n{entry.note}"))
    for word in words(entry.title):
        count[word] += _IN_TITLE
    return count


def _vector(count: Counter[str], rare: Mapping[str, float]) -> dict[str, float]:
    """Return the weightiest words with their weights, of length 1 together; empty when there is none."""
    weighed = [(rare[word] * (1.0 + math.log(often)), word) for word, often in count.items() if word in rare]
    weighed.sort(key=lambda item: (-item[0], item[1]))
    chosen = weighed[:_COMPARED]
    length = math.sqrt(math.fsum(weight * weight for weight, _ in chosen))
    return {word: weight / length for weight, word in chosen} if length else {}


def _nearest(number: int, vector: Mapping[str, float], index: Mapping[str, Sequence[tuple[int, float]]]) -> list[int]:
    scores: dict[int, float] = defaultdict(float)
    for word, weight in vector.items():
        for other, theirs in index[word]:
            scores[other] += weight * theirs
    scores.pop(number, None)
    best = sorted(((round(score, 6), -other) for other, score in scores.items() if score >= _LEAST), reverse=True)
    return [-other for _, other in best[:_MOST]]
