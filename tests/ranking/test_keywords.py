"""Ranking by words and authors: whole words, title above abstract, reasons in words."""

import pytest

from bot.domain.channels import Ranking
from bot.domain.papers import ArxivId, Paper
from bot.ranking.keywords import Score, WordRanker


def _paper(title: str = "", abstract: str = "", authors: tuple[str, ...] = ()) -> Paper:
    return Paper(ArxivId("2602.00001"), 1, title, abstract, authors, ("cs.CL",))


def _ranker(words: dict[str, float] | None = None, authors: dict[str, float] | None = None) -> WordRanker:
    return WordRanker(Ranking.model_validate({"words": words or {}, "authors": authors or {}, "title_factor": 2.0}))


def test_the_title_counts_more_than_the_abstract() -> None:
    ranker = _ranker({"probing": 1.5})
    assert ranker.score(_paper("Probing Models")) == Score(3.0, ("Probing +3.0 (title)",))
    assert ranker.score(_paper("", "we use probing")) == Score(1.5, ("probing +1.5 (abstract)",))
    assert ranker.score(_paper("Probing", "probing")) == Score(4.5, ("Probing +4.5 (title and abstract)",))


def test_a_word_counts_once_however_often_it_stands_there() -> None:
    assert _ranker({"probing": 1.0}).score(_paper("", "probing, probing and probing")).value == 1.0


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("circuit", "a circuit.", True),
        ("circuit", "circuits", False),
        ("circuit*", "circuits", True),
        ("circuit*", "short-circuit", True),
        ("circuit*", "microcircuit", False),
        ("sparse autoencoder*", "Sparse  Auto-encoders", False),
        ("sparse autoencoder*", "sparse-autoencoders", True),
        ("in-context learning", "in context\nlearning", True),
        ("LLM*", "llms", True),
        ("C++", "in C++ and", True),
        ("C++", "C+", False),
    ],
)
def test_a_word_matches_whole_words(word: str, text: str, found: bool) -> None:
    assert (_ranker({word: 1.0}).score(_paper("", text)).value == 1.0) is found


def test_a_watched_author_matches_without_accents_and_case() -> None:
    score = _ranker(authors={"Zoë Example": 2.0}).score(_paper(authors=("A. One", "ZOE EXAMPLE")))
    assert score == Score(2.0, ("watched author: Zoë Example +2.0",))


def test_reasons_come_weightiest_first_with_those_that_speak_against() -> None:
    ranker = _ranker({"probing": 1.0, "medical": -3.0})
    assert ranker.score(_paper("", "medical probing")) == Score(
        -2.0, ("medical -3.0 (abstract)", "probing +1.0 (abstract)")
    )


def test_a_paper_without_any_of_the_words_scores_nothing() -> None:
    assert _ranker({"probing": 1.0}).score(_paper("Cooking", "with gas")) == Score(0.0, ())
