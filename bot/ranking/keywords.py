"""Find the words and authors of a channel file in a paper.

Pure: the same paper and rules always give the same matches. A word counts once for the title and once for the abstract,
however often it stands there.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Final, Self

from bot.domain.author_names import names_in
from bot.domain.channel_sections import Ranking
from bot.domain.folding import word_form
from bot.domain.papers import Paper
from bot.ranking.features import author_key, author_keys

_SPACE: Final = re.compile(r"[\s-]+")


@dataclass(frozen=True, slots=True)
class Match:
    """A word or an author of the channel file that a paper has: ``text`` as it stands there, ``where`` in words."""

    weight: float
    text: str
    where: str
    author: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the channel file.

    A text without its ``sign``, its longest part, cannot match, and a match begins with its ``needle``, its first part:
    both are cheap to find.
    """

    weight: float
    needle: str
    sign: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, word: str, weight: float = 0.0) -> Self:
        parts = _parts(word)
        return cls(weight, parts[0], max(parts, key=len), _pattern(word))

    def found_in(self, text: str, plain: str) -> str | None:
        """Return the word as it stands in the text, of which ``plain`` is the folded form."""
        place = plain.find(self.needle)
        while place >= 0:
            if match := self.pattern.match(plain, place):
                return _original(text, *match.span())
            place = plain.find(self.needle, place + 1)
        return None


def _original(text: str, start: int, end: int) -> str:
    """Return the stretch of a text that became this stretch of its folded form."""
    if text.isascii() and len(word_form(text)) == len(text):
        return text[start:end]
    ends = list(accumulate(len(word_form(char)) for char in text))
    return text[bisect_right(ends, start) : bisect_right(ends, end)]


class Words:
    """Some words of a channel file, made ready to be looked for in many texts."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = [_Word.of(word) for word in words]

    def stand_in(self, text: str, plain: str) -> bool:
        """Say whether a text has one of them; ``plain`` is its folded form."""
        return any(word.sign in plain and word.found_in(text, plain) for word in self._words)


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
        self._always = {author_key(name): name for name in ranking.always}
        self._excluded = [(entry, _Word.of(entry), set(map(author_key, names_in(entry)))) for entry in ranking.exclude]

    def points(self, paper: Paper) -> float:
        """Return the sum of the weights that the paper earns."""
        return math.fsum(match.weight for match in self.found_in(paper))

    def matches(self, paper: Paper) -> list[Match]:
        """Return what the channel file has to say of the paper, the weightiest first."""
        return sorted(self.found_in(paper), key=lambda match: (-abs(match.weight), match.text))

    def found_in(self, paper: Paper) -> Iterator[Match]:
        """Yield what ``matches`` returns, in any order."""
        yield from self._word_matches(paper)
        yield from self._author_matches(paper.authors)

    def excluded_by(self, paper: Paper) -> str | None:
        """Return the channel file's entry that rules the paper out: a word in its text, or an author's whole name."""
        if not self._excluded:
            return None
        text = f"{paper.title}\n{paper.abstract}"
        plain, people = word_form(text), author_keys(paper.authors)
        for entry, word, names in self._excluded:
            if names & people.keys() or word.found_in(text, plain):
                return entry
        return None

    def always_shown(self, paper: Paper) -> str | None:
        """Return the author because of whom the channel always shows the paper, None for a paper that it excludes."""
        named = next((self._always[key] for key in author_keys(paper.authors) if key in self._always), None)
        return named if named and self.excluded_by(paper) is None else None

    def _word_matches(self, paper: Paper) -> Iterator[Match]:
        title, abstract = word_form(paper.title), word_form(paper.abstract)
        plain = f"{title}\n{abstract}"
        present = [words for sign, words in self._words.items() if sign in plain]
        for word in chain.from_iterable(present):
            in_title, in_abstract = word.found_in(paper.title, title), word.found_in(paper.abstract, abstract)
            match = in_title or in_abstract
            if match is None:
                continue
            total = word.weight * (self._title_factor * (in_title is not None) + (in_abstract is not None))
            where = "title and abstract" if in_title and in_abstract else "title" if in_title else "abstract"
            yield Match(total, " ".join(match.split()), where)

    def _author_matches(self, authors: Sequence[str]) -> Iterator[Match]:
        for key in author_keys(authors) if self._authors else ():
            if key in self._authors:
                name, weight = self._authors[key]
                yield Match(weight, name, "authors", author=True)


def _parts(word: str) -> list[str]:
    return list(filter(None, _SPACE.split(word_form(word).removesuffix("*"))))


def _pattern(word: str) -> re.Pattern[str]:
    body = r"[\s-]+".join(map(re.escape, _parts(word)))
    # "multi-*" has any word behind it, "circuit*" any ending.
    ending = r"[\s-]+\w+" if word_form(word).endswith("-*") else r"\w*" if word.endswith("*") else ""
    return re.compile(rf"(?<!\w){body}{ending}(?!\w)")
