"""The words and authors of a channel file: whole words, title above abstract, and where each was found."""

import pytest

from bot.arxiv.entries import plain
from bot.domain.channel_sections import Ranking
from bot.domain.papers import ArxivId, Paper
from bot.ranking.keywords import Match, WordRanker


def _paper(title: str = "", abstract: str = "", authors: tuple[str, ...] = ()) -> Paper:
    return Paper(ArxivId("2602.00001"), 1, title, abstract, authors, ("cs.CL",))


def _ranker(words: dict[str, float] | None = None, authors: dict[str, float] | None = None) -> WordRanker:
    return WordRanker(Ranking.model_validate({"words": words or {}, "authors": authors or {}, "title_factor": 2.0}))


def test_the_title_counts_more_than_the_abstract() -> None:
    ranker = _ranker({"probing": 1.5})
    assert ranker.matches(_paper("Probing Models")) == [Match(3.0, "Probing", "title")]
    assert ranker.matches(_paper("", "we use probing")) == [Match(1.5, "probing", "abstract")]
    assert ranker.matches(_paper("Probing", "probing")) == [Match(4.5, "Probing", "title and abstract")]


def test_a_word_counts_once_however_often_it_stands_there() -> None:
    assert _ranker({"probing": 1.0}).points(_paper("", "probing, probing and probing")) == 1.0


def test_a_word_is_found_behind_another_that_begins_like_it() -> None:
    found = _ranker({"sparse autoencoder*": 1.0}).matches(_paper("", "sparser is not sparse, Sparse Autoencoders are"))
    assert found == [Match(1.0, "Sparse Autoencoders", "abstract")]


def test_a_word_is_found_where_case_folding_makes_a_text_longer() -> None:
    assert _ranker({"probing": 1.0}).matches(_paper("", "ß Straße and Probing")) == [Match(1.0, "Probing", "abstract")]


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
        ("L_0", "the L₀ norm", True),
        ("L0", "the L_0 norm", True),
        ("L_0", "an L^0 norm", True),
        ("CO$_2$", "less CO₂", True),
        ("CO$_{2}$", "less CO_2", True),
        ("R^2", "an R² of", True),
        ("_circuit", "a circuit", True),
        ("lm_head*", "the lm_heads", True),
        ("head", "the lm_head", False),
        ("multi-*", "multi-head", True),
        ("multi-*", "multiplied", False),
        ("-circuit", "a circuit", True),
        ('"grokking"', "so-called “grokking” here", True),
        ("f'", "its f′ is", True),
        ("zero\u200bshot", "zeroshot", True),
    ],
)
def test_a_word_matches_whole_words(word: str, text: str, found: bool) -> None:
    assert (_ranker({word: 1.0}).points(_paper("", text)) == 1.0) is found


@pytest.mark.parametrize(
    "word",
    ["L_0", "CO$_2$", "$T^{2}$", "_circuit", "circuit*", "-probing-", "multi-*", "R&D", "C++", "10%", "$5", "<think>"],
)
def test_a_word_is_found_where_a_paper_writes_it_the_same_way(word: str) -> None:
    text = plain(f"we see {word.removesuffix('*')}model here" if word.endswith("*") else f"we see {word} here")
    assert _ranker({word: 1.0}).points(_paper("", text)) == 1.0


def test_the_match_shows_signs_that_do_not_count() -> None:
    found = _ranker({"L0 norm": 1.0}).matches(_paper("", "a_b the L_0 norm of"))
    assert [match.text for match in found] == ["L_0 norm"]


def test_a_watched_author_matches_without_accents_and_case() -> None:
    found = _ranker(authors={"Zoë Example": 2.0}).matches(_paper(authors=("A. One", "ZOE EXAMPLE")))
    assert found == [Match(2.0, "Zoë Example", "authors", author=True)]


def test_the_match_shows_the_word_as_it_stands_in_the_text() -> None:
    text = "Großer é\u0301 ﬁne — CO₂-Captures, Poincare\u0301 ball"
    found = _ranker({"co2 capture*": 1.0, "poincaré": 0.5}).matches(_paper("", text))
    assert [match.text for match in found] == ["CO₂-Captures", "Poincare\u0301"]


@pytest.mark.parametrize(
    ("watched", "author"),
    [
        ("Lukasz Kowal", "Łukasz Kowal"),
        ("Søren Lund", "SOREN LUND"),
        ("Þóra Æsdóttir", "Thora Aesdottir"),
        ("O'Brien", "O’Brien"),
        ("Shannon O'Neill", "Shannon O`Neill"),
    ],
)
def test_stroke_letters_match_as_in_searches(watched: str, author: str) -> None:
    paper = _paper(authors=(author,))
    assert _ranker(authors={watched: 2.0}).points(paper) == 2.0
    assert WordRanker(Ranking(exclude=(watched,), words={"x": 1.0})).excluded_by(paper) == watched


@pytest.mark.parametrize(
    "entry",
    ["Lukasz Kowal et al.", "Lukasz Kowal†", "Lukasz Kowal¹", "Lukasz Kowal (MIT)", "A. Smith and Lukasz Kowal"],
)
def test_a_name_is_excluded_whatever_is_written_around_it(entry: str) -> None:
    ranker = WordRanker(Ranking(exclude=(entry,), words={"x": 1.0}))
    assert ranker.excluded_by(_paper(authors=("B. Jones", "Łukasz Kowal"))) == entry
    assert ranker.excluded_by(_paper(authors=("B. Jones", "Łukasz Kowalski"))) is None


@pytest.mark.parametrize("written", ["Lukasz Kowal et al.", "Lukasz Kowal†", "Lukasz Kowal¹", "Lukasz Kowal (MIT)"])
def test_a_watched_name_matches_whatever_is_written_around_it(written: str) -> None:
    paper = _paper(authors=("Łukasz Kowal",))
    assert _ranker(authors={written: 2.0}).points(paper) == 2.0
    assert WordRanker(Ranking(always=(written,))).always_shown(paper) == "Lukasz Kowal"


def test_the_weightiest_come_first_with_those_that_speak_against() -> None:
    ranker, paper = _ranker({"probing": 1.0, "medical": -3.0}), _paper("", "medical probing")
    assert [match.text for match in ranker.matches(paper)] == ["medical", "probing"]
    assert ranker.points(paper) == -2.0


def test_a_paper_without_any_of_the_words_has_no_points() -> None:
    ranker, paper = _ranker({"probing": 1.0}), _paper("Cooking", "with gas")
    assert (ranker.points(paper), ranker.matches(paper)) == (0.0, [])
