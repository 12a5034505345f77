"""The weights of single terms made into a few reasons that do not repeat one another. Pure arithmetic on parts."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.ranking.features import CATEGORY
from bot.ranking.score import REST, Part

_TELLING: Final = 0.05  # log-odds; the many terms below are summed up
_WEAK: Final = 0.5  # a phrase below this share of another one's weight, with a word of it, is told as part of it
_SHOWN: Final = 12  # parts that are told apart; the rest is summed up
_SMALL: Final = """
    an and are as at be by can for from has have how in into is it its not of on or our that the their these this to
    via we what when which with
"""
_SMALL_WORDS: Final = frozenset(_SMALL.split())


def by_phrase(added: Mapping[str, float]) -> Iterator[Part]:
    """Sum what the terms of one paper add into reasons, one for each group of terms that share words.

    A pair of words counts together with its single words, and with weaker pairs that overlap it, as long as they speak
    for the same side. What is too small to tell is summed under ``REST``.
    """
    groups: list[tuple[frozenset[str], list[float], list[str]]] = []
    for term, weight in sorted(added.items(), key=lambda item: (-abs(item[1]), item[0])):
        words = _telling(term)
        if abs(weight) < _TELLING or not words:
            continue
        for known, weights, names in groups:
            joins = words <= known or abs(weight) < _WEAK * abs(weights[0]) or known < words
            if words & known and (weight > 0) is (weights[0] > 0) and joins:
                weights.append(weight)
                names.append(term)
                break
        else:
            groups.append((words, [weight], [term]))
    for known, weights, names in groups:
        name = _trimmed(next((name for name in names if known < _telling(name)), names[0]))
        yield Part(math.fsum(weights), name, name)
    told = [weight for _, weights, _ in groups for weight in weights]
    if len(told) < len(added):
        yield Part(math.fsum(added.values()) - math.fsum(told), REST, REST)


def together(parts: Iterable[Part]) -> list[Part]:
    """Add up the parts about the same thing under the label of the first; the weightiest come first, ``REST`` last."""
    found: dict[str, list[Part]] = {}
    for part in parts:
        found.setdefault(part.key, []).append(part)
    return by_weight(Part(math.fsum(part.weight for part in same), same[0].label, key) for key, same in found.items())


def by_weight(parts: Iterable[Part]) -> list[Part]:
    """Return the parts with the weightiest first, ``REST`` last."""
    return sorted(parts, key=lambda part: (part.key == REST, -abs(part.weight), part.label))


def shortened(parts: Sequence[Part]) -> Iterator[Part]:
    """Yield the weightiest parts and the sum of the others."""
    told = [part for part in parts if part.key != REST][:_SHOWN]
    yield from told
    if len(told) < len(parts):
        yield Part(math.fsum(part.weight for part in parts) - math.fsum(part.weight for part in told), REST, REST)


def _telling(term: str) -> frozenset[str]:
    """Return the words of a term that say something by themselves."""
    return frozenset([term]) if term.startswith(CATEGORY) else frozenset(term.split(" ")) - _SMALL_WORDS


def _trimmed(term: str) -> str:
    """Return a term without small words at its ends."""
    words = term.split(" ")
    while words[-1] in _SMALL_WORDS:
        words.pop()
    while words[0] in _SMALL_WORDS:
        words.pop(0)
    return " ".join(words)
