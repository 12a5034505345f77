"""The weights of single features made into a few reasons that do not repeat one another. Pure arithmetic on parts."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.ranking.features import CATEGORY, TITLE
from bot.ranking.score import REST, Part

_TELLING: Final = 0.05  # log-odds; the many features below are summed up
_WEAK: Final = 0.5  # how much of a reason's weight a phrase that overlaps it may have and still be a part of it
_LONGER: Final = 0.3  # how much of a word's weight a phrase with it must have to give the reason its name
_SMALL: Final = """
    a an and are as at be by can for from has have how in into is it its not of on or our that the their these this to
    via we what when which with
"""
_SMALL_WORDS: Final = frozenset(_SMALL.split())


@dataclass(slots=True)
class _Group:
    name: str
    words: frozenset[str]
    weights: list[float]

    def takes(self, words: frozenset[str], weight: float) -> bool:
        """Say whether a phrase, weaker than the first of this group and sharing a word with it, belongs here."""
        first = self.weights[0]
        if (first > 0) is not (weight > 0):
            return False
        return words <= self.words or abs(weight) < _WEAK * abs(first) or self.renamed_by(words, weight)

    def renamed_by(self, words: frozenset[str], weight: float) -> bool:
        """Say whether the phrase holds all of this group's words and more, and weighs enough to name it."""
        return self.words < words and abs(weight) >= _LONGER * abs(self.weights[0])


def by_phrase(added: Mapping[str, float]) -> list[Part]:
    """Sum what the features of one paper add into reasons, one for each group of phrases that share words.

    A phrase counts together with the same phrase in the title, with its single words, and with weaker phrases that
    overlap it, as long as they speak for the same side. What is too small to tell is summed under ``REST``.
    """
    totals = _without_title(added)
    telling = [(name, weight) for name, weight in totals.items() if abs(weight) >= _TELLING]
    telling.sort(key=lambda item: (-abs(item[1]), item[0]))
    groups: list[_Group] = []
    by_word: dict[str, list[_Group]] = {}
    for name, weight in telling:
        words = _telling_words(name)
        if not words:
            continue
        group = next(
            (group for word in words for group in by_word.get(word, ()) if group.takes(frozenset(words), weight)), None
        )
        if group is None:
            group = _Group(name, frozenset(), [])
            groups.append(group)
        if not group.words or group.renamed_by(frozenset(words), weight):
            for word in words:
                by_word.setdefault(word, []).append(group)
            group.name, group.words = " ".join(words), frozenset(words)
        group.weights.append(weight)
    parts = [Part(math.fsum(group.weights), group.name, group.name) for group in groups]
    rest = math.fsum(totals.values()) - math.fsum(part.weight for part in parts)
    return [*parts, Part(rest, REST, REST)] if len(parts) < len(totals) else parts


def _without_title(added: Mapping[str, float]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for name, weight in added.items():
        bare = name.removeprefix(TITLE)
        totals[bare] = totals.get(bare, 0.0) + weight
    return totals


@lru_cache(maxsize=1 << 14)
def _telling_words(name: str) -> tuple[str, ...]:
    """Return the words of a phrase without small ones at its ends."""
    if name.startswith(CATEGORY):
        return (name,)
    words = name.split(" ")
    while words and words[-1] in _SMALL_WORDS:
        words.pop()
    while words and words[0] in _SMALL_WORDS:
        words.pop(0)
    return tuple(words)


def together(parts: Iterable[Part]) -> list[Part]:
    """Add up the parts about the same thing under the label of the first; the weightiest come first, ``REST`` last."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.key, []).append(part)
    sums = [Part(math.fsum(part.weight for part in same), same[0].label, key) for key, same in found.items()]
    return sorted(sums, key=lambda part: (part.key == REST, -abs(part.weight), part.label))
