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
        ("CO2", "less CO₂ in", True),
        ("CO₂", "less CO2 in", True),
        ("L0 norm", "the L₀-norm", True),
        ("Poincare", "by Poincaré.", True),
        ("Erdős-Rényi", "Erdos–Renyi graphs", True),
        ("Straße*", "Strassenbau", True),
        ("co", "CO₂", False),
    ],
)
def test_a_word_matches_whole_words(word: str, text: str, found: bool) -> None:
    assert (_ranker({word: 1.0}).score(_paper("", text)).value == 1.0) is found


def test_a_watched_author_matches_without_accents_and_case() -> None:
    score = _ranker(authors={"Zoë Example": 2.0}).score(_paper(authors=("A. One", "ZOE EXAMPLE")))
    assert score == Score(2.0, ("watched author: Zoë Example +2.0",))


def test_the_reason_shows_the_word_as_it_stands_in_the_text() -> None:
    text = "Großer é\u0301 ﬁne — CO₂-Captures, Poincare\u0301 ball"
    score = _ranker({"co2 capture*": 1.0, "poincaré": 0.5}).score(_paper("", text))
    assert score.reasons == ("CO₂-Captures +1.0 (abstract)", "Poincare\u0301 +0.5 (abstract)")


@pytest.mark.parametrize(
    ("watched", "author"),
    [
        ("Lukasz Kowal", "Łukasz Kowal"),
        ("Søren Lund", "SOREN LUND"),
        ("Þóra Æsdóttir", "Thora Aesdottir"),
        ("O'Brien", "O’Brien"),
    ],
)
def test_stroke_letters_match_as_in_searches(watched: str, author: str) -> None:
    paper = _paper(authors=(author,))
    assert _ranker(authors={watched: 2.0}).score(paper).value == 2.0
    assert WordRanker(Ranking(exclude=(watched,), words={"x": 1.0})).excluded_by(paper) == watched


def test_reasons_come_weightiest_first_with_those_that_speak_against() -> None:
    ranker = _ranker({"probing": 1.0, "medical": -3.0})
    assert ranker.score(_paper("", "medical probing")) == Score(
        -2.0, ("medical -3.0 (abstract)", "probing +1.0 (abstract)")
    )


def test_a_paper_without_any_of_the_words_scores_nothing() -> None:
    assert _ranker({"probing": 1.0}).score(_paper("Cooking", "with gas")) == Score(0.0, ())
