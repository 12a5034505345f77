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
from typing import Final, TypeAlias

from bot.domain.folding import folded
from bot.domain.papers import Paper

VERSION: Final = 3
"""Raise it with any change that gives a paper other terms: weights fit one version only."""

CATEGORY: Final = "category: "

Terms: TypeAlias = Mapping[str, tuple[float, float]]
"""Each known term's inverse document frequency and coefficient."""

_LONGEST_TITLE: Final = 1_000  # characters; the longest titles of arXiv have a few hundred
_LONGEST_ABSTRACT: Final = 10_000  # arXiv itself stops at 1,920
_LONGEST_NAME: Final = 200
_LONGEST_WORD: Final = 60
_WORD: Final = re.compile(r"\w+")
_ASCII: Final = "".join(char.lower() if _WORD.match(char) else " " for char in map(chr, range(128)))


def words(text: str) -> list[str]:
    """Return the words of a text as the ranker compares them: lower case, of two characters or more, cut after 60."""
    if text.isascii():  # nearly every paper, and faster than by the expression
        found = text.translate(_ASCII).split()
    else:
        text = unicodedata.normalize("NFKC", text)[: _LONGEST_TITLE + _LONGEST_ABSTRACT]
        found = _WORD.findall(text.lower())
    return [word[:_LONGEST_WORD] for word in found if len(word) > 1]


def terms(paper: Paper) -> list[str]:
    """Return what stands in a paper, as often as it stands there: words, pairs of neighbouring words, categories."""
    found = words(f"{paper.title[:_LONGEST_TITLE]}\n{paper.abstract[:_LONGEST_ABSTRACT]}")
    return [*found, *map(" ".join, pairwise(found)), *(CATEGORY + code[:_LONGEST_NAME] for code in paper.categories)]


def tfidf(paper: Paper, known: Terms) -> dict[str, float]:
    """Return the values of the paper's known terms: a vector of length 1, or empty.

    A value is the term's inverse document frequency times 1 + ln(its count), as scikit-learn's ``TfidfVectorizer`` has
    it with ``sublinear_tf`` (https://scikit-learn.org/stable/modules/feature_extraction.html).
    """
    counts = Counter(filter(known.__contains__, terms(paper)))
    values = {term: known[term][0] * (1.0 + math.log(count)) for term, count in counts.items()}
    length = math.hypot(*values.values())
    return {term: value / length for term, value in values.items()}


def text_odds(paper: Paper, known: Terms) -> float:
    """Return the sum of the paper's ``tfidf`` values times their coefficients, without a vector: it is asked often."""
    squares = total = 0.0
    for term, count in Counter(filter(known.__contains__, terms(paper))).items():
        value, coefficient = known[term]
        if count > 1:
            value *= 1.0 + math.log(count)
        squares += value * value
        total += value * coefficient
    return total / math.sqrt(squares) if squares else 0.0


def phrase(text: str) -> str:
    """Return a text as terms name it: lower case, single spaces, no punctuation."""
    return " ".join(words(text[:_LONGEST_TITLE]))


def author_key(name: str) -> str:
    """Return the form under which a person's name is compared: without accents, case and doubled spaces."""
    return " ".join(folded(name[:_LONGEST_NAME]).split())[:_LONGEST_NAME]  # one sign may become eighteen letters


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
