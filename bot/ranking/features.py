"""How the ranker reads a paper: terms of its text and categories, and its authors' names as keys.

Training and scoring share this module, so they cannot drift apart. Pure, and without NumPy. Any string of any script is
a valid text; what is longer than a paper ever is gets cut.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Final

from bot.domain.folding import folded
from bot.domain.papers import Paper

VERSION: Final = 2
"""Raise it with any change that gives a paper other terms: weights fit one version only."""

CATEGORY: Final = "category: "

_LONGEST_TITLE: Final = 1_000  # characters; the longest titles of arXiv have a few hundred
_LONGEST_ABSTRACT: Final = 10_000  # arXiv itself stops at 1,920
_LONGEST_NAME: Final = 200
_WORD: Final = re.compile(r"\w{2,60}")  # TfidfVectorizer's own words, and no endless ones


def words(text: str) -> list[str]:
    """Return the words of a text as the ranker compares them: lower case, of two characters or more."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[: _LONGEST_TITLE + _LONGEST_ABSTRACT]
    return _WORD.findall(text.lower())


def terms(paper: Paper) -> list[str]:
    """Return what stands in a paper, as often as it stands there: words, pairs of neighbouring words, categories."""
    found = words(f"{paper.title[:_LONGEST_TITLE]}\n{paper.abstract[:_LONGEST_ABSTRACT]}")
    return [*found, *map(" ".join, pairwise(found)), *(CATEGORY + code for code in paper.categories)]


def tfidf(paper: Paper, idf: Mapping[str, float]) -> tuple[list[str], list[float]]:
    """Return the paper's terms that ``idf`` knows, and their values: a vector of length 1, or empty.

    A value is the term's inverse document frequency times 1 + ln(its count), as scikit-learn's ``TfidfVectorizer`` has
    it with ``sublinear_tf`` (https://scikit-learn.org/stable/modules/feature_extraction.html).
    """
    counts = Counter(filter(idf.__contains__, terms(paper)))
    values = [idf[term] * (1.0 + math.log(count)) if count > 1 else idf[term] for term, count in counts.items()]
    length = math.hypot(*values)
    return list(counts), [value / length for value in values]


def phrase(text: str) -> str:
    """Return a text as terms name it: lower case, single spaces, no punctuation."""
    return " ".join(words(text[:_LONGEST_TITLE]))


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


def history(authors: Iterable[str], known: Mapping[str, float]) -> float:
    """Return how many papers of these authors were chosen before; ``known`` counts them by ``author_key``."""
    return math.fsum(known.get(key, 0.0) for key in author_keys(authors))


def levelled(value: float) -> float:
    """Return a sum that grows with its logarithm: the tenth word or paper says less than the first."""
    return math.copysign(math.log1p(abs(value)), value)
