"""Score a paper by the words and authors of a channel file, with the reasons in words.

Pure: the same paper and rules always give the same score. A word counts once for the title and once for the abstract,
however often it stands there.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final, Self

from bot.domain.channels import Ranking
from bot.domain.folding import folded
from bot.domain.papers import Paper
from bot.ranking.features import author_key, author_keys

_SPACE: Final = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Score:
    """How well a paper fits a channel; ``reasons`` are the parts of ``value``, the weightiest first."""

    value: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A word or an author of the channel file that a paper has: ``text`` as it stands there, ``where`` in words."""

    weight: float
    text: str
    where: str
    author: bool = False

    @property
    def reason(self) -> str:
        """Return the match as a reason."""
        signed = _signed(self.weight)
        return f"watched author: {self.text} {signed}" if self.author else f"{self.text} {signed} ({self.where})"


@dataclass(frozen=True, slots=True)
class _Text:
    """A text, as it is and folded."""

    whole: str
    folded: str

    @classmethod
    def of(cls, text: str) -> Self:
        return cls(text, folded(text))

    def original(self, start: int, end: int) -> str:
        """Return the stretch of the text that became this stretch of the folded one."""
        if self.whole.isascii():
            return self.whole[start:end]
        ends = list(accumulate(len(folded(char)) for char in self.whole))
        return self.whole[bisect_right(ends, start) : bisect_right(ends, end)]


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the channel file.

    A text without the ``sign``, its longest part, cannot match, and looking for it is cheap; a match begins with the
    ``needle``, its first part.
    """

    weight: float
    needle: str
    sign: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, word: str, weight: float = 0.0) -> Self:
        parts = _SPACE.split(folded(_stem(word)))
        return cls(weight, parts[0], max(parts, key=len), _pattern(word))

    def found_in(self, text: _Text) -> str | None:
        """Return the word as it stands in the text."""
        place = text.folded.find(self.needle)
        while place >= 0:
            if match := self.pattern.match(text.folded, place):
                return text.original(*match.span())
            place = text.folded.find(self.needle, place + 1)
        return None


class WordRanker:
    """The words and watched authors of one channel, made ready to score many papers.

    In a word a trailing ``*`` matches any ending; without it the whole word must match. Case, accents and small
    characters (CO₂) do not matter, and any white space or hyphen in a word matches either.
    """

    def __init__(self, ranking: Ranking) -> None:
        self._title_factor = ranking.title_factor
        self._words: dict[str, list[_Word]] = {}
        for word in (_Word.of(text, weight) for text, weight in ranking.words.items()):
            self._words.setdefault(word.sign, []).append(word)
        self._authors = {author_key(name): (name, weight) for name, weight in ranking.authors.items()}
        self._excluded = [(entry, _Word.of(entry)) for entry in ranking.exclude]

    def score(self, paper: Paper) -> Score:
        """Return the paper's score and the reasons for it."""
        return Score(round(self.points(paper), 3), tuple(match.reason for match in self.matches(paper)))

    def points(self, paper: Paper) -> float:
        """Return the sum of the weights that the paper earns."""
        return math.fsum(match.weight for match in self.found_in(paper))

    def matches(self, paper: Paper) -> list[Match]:
        """Return what the channel file has to say of the paper, the weightiest first."""
        return sorted(self.found_in(paper), key=lambda match: (-abs(match.weight), match.reason))

    def found_in(self, paper: Paper) -> Iterator[Match]:
        """Yield what ``matches`` returns, in any order."""
        yield from self._word_matches(paper)
        yield from self._author_matches(paper.authors)

    def excluded_by(self, paper: Paper) -> str | None:
        """Return the channel file's entry that rules the paper out: a word in its text, or an author's whole name."""
        if not self._excluded:
            return None
        text = _Text.of(f"{paper.title}\n{paper.abstract}")
        people = author_keys(paper.authors)
        for entry, word in self._excluded:
            if author_key(entry) in people or word.found_in(text):
                return entry
        return None

    def _word_matches(self, paper: Paper) -> Iterator[Match]:
        title, abstract = _Text.of(paper.title), _Text.of(paper.abstract)
        folded = f"{title.folded}\n{abstract.folded}"
        present = [words for sign, words in self._words.items() if sign in folded]
        for word in chain.from_iterable(present):
            in_title, in_abstract = word.found_in(title), word.found_in(abstract)
            match = in_title or in_abstract
            if match is None:
                continue
            total = word.weight * (self._title_factor * (in_title is not None) + (in_abstract is not None))
            where = "title and abstract" if in_title and in_abstract else "title" if in_title else "abstract"
            yield Match(total, " ".join(match.split()), where)

    def _author_matches(self, authors: Sequence[str]) -> Iterator[Match]:
        for key in author_keys(authors):
            if key in self._authors:
                name, weight = self._authors[key]
                yield Match(weight, name, "authors", author=True)


def _stem(word: str) -> str:
    return word.strip().removesuffix("*")


def _pattern(word: str) -> re.Pattern[str]:
    body = r"[\s-]+".join(re.escape(part) for part in _SPACE.split(folded(_stem(word))))
    ending = r"\w*" if word.strip().endswith("*") else ""
    return re.compile(rf"(?<!\w){body}{ending}(?!\w)")


def _signed(weight: float) -> str:
    return f"{weight:+.1f}"
