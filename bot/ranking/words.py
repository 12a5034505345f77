"""Score a paper by the words and authors of a channel file, with the reasons in words.

Pure: the same paper and rules always give the same score. A word counts once for the title and once for the abstract,
however often it stands there.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.channels import Ranking
from bot.papers import Paper


@dataclass(frozen=True, slots=True)
class Score:
    """How well a paper fits a channel; ``reasons`` are the parts of ``value``, the weightiest first."""

    value: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    weight: float
    reason: str


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the channel file; a text without the ``needle`` cannot match, and looking for it is cheap."""

    weight: float
    needle: str
    pattern: re.Pattern[str]


class WordRanker:
    """The words and watched authors of one channel, made ready to score many papers.

    In a word a trailing ``*`` matches any ending; without it the whole word must match. Case does not matter, and any
    white space or hyphen in a word matches either. Authors match without regard to case and accents.
    """

    def __init__(self, ranking: Ranking) -> None:
        self._title_factor = ranking.title_factor
        self._words = [_Word(weight, _needle(word), _pattern(word)) for word, weight in ranking.words.items()]
        self._authors = {_plain_name(name): (name, weight) for name, weight in ranking.authors.items()}

    def score(self, paper: Paper) -> Score:
        """Return the paper's score and the reasons for it."""
        parts = [*self._word_parts(paper), *self._author_parts(paper.authors)]
        parts.sort(key=lambda part: (-abs(part.weight), part.reason))
        return Score(round(sum(part.weight for part in parts), 3), tuple(part.reason for part in parts))

    def _word_parts(self, paper: Paper) -> list[_Part]:
        parts = []
        folded = f"{paper.title}\n{paper.abstract}".casefold()
        for word in self._words:
            if word.needle not in folded:
                continue
            in_title, in_abstract = word.pattern.search(paper.title), word.pattern.search(paper.abstract)
            match = in_title or in_abstract
            if match is None:
                continue
            total = word.weight * (self._title_factor * (in_title is not None) + (in_abstract is not None))
            where = "title and abstract" if in_title and in_abstract else "title" if in_title else "abstract"
            parts.append(_Part(total, f"{' '.join(match[0].split())} {_signed(total)} ({where})"))
        return parts

    def _author_parts(self, authors: Sequence[str]) -> list[_Part]:
        found: Mapping[str, tuple[str, float]] = {
            name: self._authors[name] for name in map(_plain_name, authors) if name in self._authors
        }
        return [_Part(weight, f"watched author: {name} {_signed(weight)}") for name, weight in found.values()]


def _needle(word: str) -> str:
    return re.split(r"[\s-]+", word.strip().removesuffix("*"))[0].casefold()


def _pattern(word: str) -> re.Pattern[str]:
    stem = word.strip().removesuffix("*")
    body = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+", stem))
    ending = r"\w*" if word.strip().endswith("*") else ""
    return re.compile(rf"(?<!\w){body}{ending}(?!\w)", re.IGNORECASE)


def _plain_name(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def _signed(weight: float) -> str:
    return f"{weight:+.1f}"
