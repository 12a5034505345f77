"""What a paper looks like to the learned ranker: named features with values.

This module owns the names and the arithmetic that training and scoring share; both call it, so they cannot drift apart.
Pure and deterministic, and it must stay as cheap as a few dictionary look-ups a word: no NumPy, no regular expressions,
no second pass. Any string of any script is a valid text; what is longer than a paper ever is gets cut.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Protocol, cast

from bot.domain.folding import folded
from bot.domain.papers import Paper

VERSION: Final = 1
"""Raise it with any change that gives a paper other features: weights fit one version only."""

TITLE: Final = "title: "
CATEGORY: Final = "category: "

_LONGEST_TITLE: Final = 1_000  # characters; the longest titles of arXiv have a few hundred
_LONGEST_ABSTRACT: Final = 10_000  # arXiv itself stops at 1,920
_LONGEST_NAME: Final = 200
_SHORTEST_TEXT: Final = 30  # words; an entry without its abstract must not shout
_CATEGORY_VALUE: Final = 0.07  # what one word weighs in an abstract of usual length
_MOST_KNOWN_AUTHORS: Final = 6.0
_MOST: Final = 1_000  # times that a word counts in one text
_MOST_TOKENS: Final = 2 * _LONGEST_ABSTRACT + 1  # a title is no longer than that, however its characters unfold
_GROWTH: Final = (0.0, *(1.0 + math.log(min(count, _MOST)) for count in range(1, _MOST_TOKENS + 1)))
_REMEMBERED: Final = 0x3000  # characters from here on are looked up each time: there are too many to keep
_STOP: Final = "."
_MARKS: Final = frozenset('.,;:?!()[]"“”')


class _Cleaner(dict[int, str]):
    """How a character is read: letters and digits as they are, marks that end a phrase as a stop, others as space."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        read = letter if letter.isalnum() else _STOP if letter in _MARKS else " "
        if code < _REMEMBERED:
            self[code] = read
        return read


_CLEANER: Final = _Cleaner()


class _Wanted(Protocol):
    def in_text(self, tokens: Sequence[str]) -> Mapping[str, int]: ...
    def in_title(self, tokens: Sequence[str]) -> Iterable[str]: ...
    def among(self, categories: Iterable[str]) -> Iterable[str]: ...


class _Everything:
    """Every feature that a paper has."""

    def in_text(self, tokens: Sequence[str]) -> Mapping[str, int]:
        """Count words and pairs of neighbouring words; no pair reaches over a stop."""
        counts = Counter(tokens)
        counts.update([f"{first} {second}" for first, second in pairwise(tokens) if first != _STOP != second])
        del counts[_STOP]
        return counts

    def in_title(self, tokens: Sequence[str]) -> Iterable[str]:
        return (TITLE + name for name in self.in_text(tokens))

    def among(self, categories: Iterable[str]) -> Iterable[str]:
        return (CATEGORY + code for code in categories)


_EVERYTHING: Final = _Everything()


class _Phrases:
    """Words and pairs of words, each with the feature that it stands for, to be found with few look-ups."""

    def __init__(self) -> None:
        self._words: dict[str, str] = {}
        self._after: dict[str, dict[str, str]] = {}

    def add(self, phrase: str, feature: str) -> None:
        first, _, second = phrase.partition(" ")
        if second:
            self._after.setdefault(first, {})[second] = feature
        else:
            self._words[first] = feature

    def found_in(self, tokens: Sequence[str]) -> Mapping[str, int]:
        after = map(self._after.get, tokens)
        pairs = [seconds.get(token) for seconds, token in zip(after, tokens[1:], strict=False) if seconds]
        counts = Counter([*map(self._words.get, tokens), *pairs])
        del counts[None]
        return cast("Counter[str]", counts)


class Vocabulary:
    """The features that somebody asks for; a text is searched for them in less time than for all."""

    def __init__(self, names: Iterable[str]) -> None:
        self._text, self._title = _Phrases(), _Phrases()
        self._categories: dict[str, str] = {}
        for name in names:
            if name.startswith(TITLE):
                self._title.add(name.removeprefix(TITLE), name)
            elif name.startswith(CATEGORY):
                self._categories[name.removeprefix(CATEGORY)] = name
            else:
                self._text.add(name, name)

    def in_text(self, tokens: Sequence[str]) -> Mapping[str, int]:
        """Count the words and pairs of neighbouring words that are asked for."""
        return self._text.found_in(tokens)

    def in_title(self, tokens: Sequence[str]) -> Iterable[str]:
        """Return the features of a title."""
        return self._title.found_in(tokens)

    def among(self, categories: Iterable[str]) -> Iterable[str]:
        """Return the features of these categories."""
        return filter(None, map(self._categories.get, categories))


def features(paper: Paper, wanted: _Wanted = _EVERYTHING) -> dict[str, float]:
    """Return the values of the features that the paper has: words, pairs of words, the same in the title, categories.

    A word of the text stands under itself (``"probing"``, ``"sparse autoencoders"``), of the title under ``"title: "``
    as well. Values grow with the logarithm of the count and shrink with the square root of the text's length. With a
    ``Vocabulary`` only its features are looked for, in less time.
    """
    title = _tokens(paper.title[:_LONGEST_TITLE])
    tokens = [*title, _STOP, *_tokens(paper.abstract[:_LONGEST_ABSTRACT])]
    scale = 1.0 / math.sqrt(max(len(tokens) - tokens.count(_STOP), _SHORTEST_TEXT))
    values = {name: scale * _GROWTH[count] for name, count in wanted.in_text(tokens).items()}
    values.update(dict.fromkeys(wanted.in_title(title), scale))
    values.update(dict.fromkeys(wanted.among(paper.categories), _CATEGORY_VALUE))
    return values


def phrase(text: str) -> str:
    """Return a text as features name it: lower case, single spaces, no punctuation."""
    return " ".join(token for token in _tokens(text[:_LONGEST_TITLE]) if token != _STOP)


def author_key(name: str) -> str:
    """Return the form under which a person's name is compared: without accents, case and doubled spaces."""
    return " ".join(folded(name[:_LONGEST_NAME]).split())


def author_keys(authors: Iterable[str]) -> dict[str, str]:
    """Return the authors' names by their keys, each person once, in order."""
    names: dict[str, str] = {}
    for name in authors:
        names.setdefault(author_key(name), name)
    names.pop("", None)
    return names


def author_value(authors: Iterable[str], known: Mapping[str, float]) -> float:
    """Return how well known the authors are from earlier picks: 0 for nobody, growing with the logarithm.

    ``known`` says how much each author counts, by ``author_key``.
    """
    return math.log1p(min(math.fsum(known.get(key, 0.0) for key in author_keys(authors)), _MOST_KNOWN_AUTHORS))


def _tokens(text: str) -> list[str]:
    """Return the words of a text, with a stop where a phrase ends."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:_LONGEST_ABSTRACT]
    return text.casefold().translate(_CLEANER).replace(_STOP, f" {_STOP} ").split()
