"""Invented papers of a few kinds for tests of the ranker: the words of a kind mixed with words that all papers use."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from typing import Final

import pytest

from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Example, Label

TRAINING: Final = pytest.mark.skipif(
    find_spec("sklearn") is None, reason="training needs scikit-learn: the extra named train"
)
"""Marks tests that train, without importing what takes more than a second to import."""

FIRST_DAY: Final = date(2026, 1, 5)
KINDS: Final = {
    "circuits": "circuits heads patching residual stream induction ablation",
    "steering": "steering vectors activation refusal directions",
    "vision": "images pixels segmentation detection camera",
    "medicine": "patients clinical diagnosis hospital records",
    "robots": "robots grasping control policy navigation",
}
_COMMON: Final = "method results data training large language model tasks performance evaluation propose show new learn"


def paper(kind: str, number: int, *, authors: tuple[str, ...] = ("A. One", "B. Two")) -> Paper:
    """Return one paper of a kind; the same number always gives the same text."""
    rng = random.Random(f"{kind} {number}")
    own, common = KINDS[kind].split(), _COMMON.split()
    title = " ".join(rng.sample(own, 2) + rng.sample(common, 2)).title()
    abstract = " ".join(rng.choices(own, k=15) + rng.choices(common, k=45))
    return Paper(ArxivId(f"2601.{number:05}"), 1, title, abstract, authors, ("cs.CL",))


def day(number: int) -> date:
    """Return a day, counted from 0."""
    return FIRST_DAY + timedelta(days=number)


def examples(days: int = 20, *, each: int = 4, liked: str = "circuits", label: Label = Label.PICK) -> Iterator[Example]:
    """Yield ``each`` papers of every kind a day; the first paper of the liked kind was chosen."""
    number = 0
    for when in range(days):
        for kind in KINDS:
            for place in range(each):
                number += 1
                chosen = kind == liked and place == 0
                yield Example(paper(kind, number), day(when), label if chosen else Label.UNLABELLED)
