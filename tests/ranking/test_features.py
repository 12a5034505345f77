"""How the ranker reads a paper: terms that people can read, for any text that strangers may write."""

import math
import unicodedata
from string import ascii_lowercase

import pytest

from bot.domain.papers import ArxivId, Paper
from bot.ranking.features import author_key, author_keys, history, levelled, phrase, terms, text_odds, tfidf


def _paper(title: str = "", abstract: str = "", categories: tuple[str, ...] = ()) -> Paper:
    return Paper(ArxivId("2602.00001"), 1, title, abstract, ("A. One",), categories)


def test_words_pairs_and_categories_are_terms_as_often_as_they_stand_there() -> None:
    assert terms(_paper("Sparse Autoencoders", "We probe. A probe", ("cs.CL",))) == [
        *("sparse", "autoencoders", "we", "probe", "probe"),
        *("sparse autoencoders", "autoencoders we", "we probe", "probe probe"),
        "category: cs.CL",
    ]


def test_terms_are_those_of_the_library_that_learns() -> None:
    text = pytest.importorskip("sklearn.feature_extraction.text")
    analyze = text.TfidfVectorizer(ngram_range=(1, 2)).build_analyzer()
    for words in ("GPT-4's self-attention: a $3\\times$ re-look_at naïve μ-models, 2.5B", "", "a I", "数学 と LLM"):
        assert terms(_paper("", words)) == analyze(unicodedata.normalize("NFKC", words))


def test_the_short_way_for_plain_text_finds_the_words_of_the_long_way() -> None:
    text = "".join(map(chr, range(128))) * 2 + " A_b 3x " + "w" * 60 + " " + "w" * 61
    assert text.isascii()
    assert terms(_paper("", text)) == terms(_paper("", text + " é"))


def test_a_name_or_category_of_any_signs_stays_a_short_key() -> None:
    assert len(author_key("\ufdfa" * 5_000)) <= 200
    assert max(map(len, terms(_paper("", "", ("x" * 5_000,))))) < 300


def test_a_vector_has_length_one_and_grows_with_the_logarithm_of_a_count() -> None:
    known = {"probe": (2.0, 5.0), "steer": (2.0, -1.0), "absent": (1.0, 9.0)}
    paper = _paper("", "probe probe probe steer unknown")
    values = tfidf(paper, known)
    assert list(values) == ["probe", "steer"]
    assert math.hypot(*values.values()) == pytest.approx(1.0)
    assert values["probe"] == pytest.approx(values["steer"] * (1 + math.log(3)))
    assert text_odds(paper, known) == pytest.approx(5.0 * values["probe"] - values["steer"])


def test_a_paper_without_known_terms_has_no_vector() -> None:
    known = {"probe": (2.0, 5.0)}
    assert tfidf(_paper("Cooking", "with gas"), known) == {}
    assert text_odds(_paper("Cooking", "with gas"), known) == 0.0


def test_compatibility_forms_and_case_are_one_word() -> None:
    assert phrase("ＰＲＯＢＩＮＧ  ﬁne-tuned\nMODELS") == "probing fine tuned models"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\x00\x1b[31m\u202e",
        "\ud800 lone",
        "ﷺ" * 20_000,
        "a" * 1_000_000,
        "word " * 200_000,
        "".join(map(chr, range(0x2FFF))),
        "{}[]()%s$x$\\textbf{}<script>",
        "数学" * 5_000,
        "e" + "\u0301" * 50_000,
        " ".join(
            f"{first}{second}{third}" for first in ascii_lowercase for second in ascii_lowercase for third in "abc"
        ),
    ],
    ids=lambda text: repr(text[:12]),
)
def test_any_text_has_terms(text: str) -> None:
    found = terms(_paper(text, text))
    assert len(found) < 20_000
    assert all(len(term) <= 121 for term in found)
    values = tfidf(_paper(text, text), dict.fromkeys(found, (1.5, 1.0)))
    assert all(math.isfinite(value) and value > 0 for value in values.values())


def test_people_are_known_without_accents_case_and_doubled_spaces() -> None:
    assert author_key(" Zoë  EXAMPLE ") == author_key(unicodedata.normalize("NFD", "Zoë Example")) == "zoe example"
    assert author_keys(["Zoë Example", "ZOE EXAMPLE", "", "B. Two"]) == {
        "zoe example": "Zoë Example",
        "b. two": "B. Two",
    }


def test_known_authors_add_up_each_once() -> None:
    known = {"a. one": 1.0, "b. two": 2.5}
    assert history(["Nobody"], known) == 0.0
    assert history(["A. One", "a. one"], known) == 1.0
    assert history(["A. One", "B. Two", "Nobody"], known) == 3.5


def test_large_sums_level_off_on_both_sides() -> None:
    assert [levelled(value) for value in (0.0, 1.0, 9.0)] == [0.0, math.log(2), math.log(10)]
    assert levelled(-9.0) == -levelled(9.0)
