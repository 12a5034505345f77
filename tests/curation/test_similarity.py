"""How alike two papers are."""

import random

import pytest

from bot.curation.similarity import Rarity, cosine, in_common
from ranking_samples import KINDS, paper

PAPERS = [paper(kind, number) for number in range(20) for kind in KINDS]


def test_a_paper_is_most_like_itself_and_more_like_its_kind_than_others() -> None:
    rarity = Rarity(PAPERS)
    own, same, other = (
        rarity.vector(item) for item in (paper("circuits", 1), paper("circuits", 2), paper("vision", 3))
    )
    assert cosine(own, own) == pytest.approx(1.0)
    assert cosine(own, own) > cosine(own, same) > cosine(own, other) >= 0.0


def test_neither_side_nor_order_makes_a_difference() -> None:
    shuffled = random.Random(1).sample(PAPERS, len(PAPERS))
    first, second = Rarity(PAPERS), Rarity(shuffled)
    one, two = paper("circuits", 1), paper("steering", 2)
    assert cosine(first.vector(one), first.vector(two)) == cosine(second.vector(two), second.vector(one))


def test_with_no_other_papers_known_the_words_still_count() -> None:
    rarity = Rarity([])
    assert 0 < cosine(rarity.vector(paper("circuits", 1)), rarity.vector(paper("circuits", 2))) < 1


def test_what_two_papers_have_in_common_is_named_once_the_weightiest_first() -> None:
    first = {"sparse autoencoders": 0.6, "sparse": 0.4, "steering": 0.3, "the": 0.1, "a": 0.2}
    second = {"sparse autoencoders": 0.6, "sparse": 0.5, "steering": 0.3, "the": 0.1, "robots": 0.5}
    assert in_common(first, second, most=5) == ["sparse autoencoders", "steering", "the"]
    assert in_common(first, second, most=2) == ["sparse autoencoders", "steering"]
    assert in_common(first, {}, most=5) == []
