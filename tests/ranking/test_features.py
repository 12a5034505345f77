"""What a paper looks like to the learned ranker: names people can read, for any text strangers may write."""

import math
import unicodedata
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.papers import ArxivId, Paper
from bot.ranking.features import Vocabulary, author_key, author_keys, author_value, features, phrase


def _paper(title: str = "", abstract: str = "", categories: tuple[str, ...] = ()) -> Paper:
    return Paper(ArxivId("2602.00001"), 1, title, abstract, ("A. One",), categories)


def test_words_and_pairs_stand_under_themselves_and_the_title_has_its_own() -> None:
    found = features(_paper("Sparse Autoencoders", "We probe.", ("cs.CL",)))
    assert set(found) == {
        "sparse",
        "autoencoders",
        "sparse autoencoders",
        "we",
        "probe",
        "we probe",
        "title: sparse",
        "title: autoencoders",
        "title: sparse autoencoders",
        "category: cs.CL",
    }


def test_no_pair_reaches_over_the_end_of_a_phrase_or_of_the_title() -> None:
    assert {name for name in features(_paper("One", "two, three (four) five-six")) if " " in name} == {
        "title: one",
        "five six",
    }


def test_a_word_counts_with_the_logarithm_of_its_number() -> None:
    found = features(_paper("", "probe " * 3 + "steer. " + "x. " * 40))
    assert found["probe"] == pytest.approx(found["steer"] * (1 + math.log(3)))


def test_a_longer_text_gives_its_words_less_weight() -> None:
    short, long = (features(_paper("", "probe. " + "x. " * count))["probe"] for count in (99, 399))
    assert short == pytest.approx(2 * long)


def test_only_known_features_are_returned_with_the_same_values() -> None:
    paper = _paper("Probing Again", "Probing again", ("cs.CL",))
    known = {
        "probing",
        "probing again",
        "again unseen",
        "title: probing",
        "title: probing again",
        "category: cs.CL",
        "unseen",
    }
    whole = features(paper)
    assert features(paper, Vocabulary(known)) == {name: whole[name] for name in known if name in whole}


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
def test_any_text_has_features(text: str) -> None:
    found = features(_paper(text, text))
    assert all(math.isfinite(value) and value > 0 for value in found.values())
    assert len(found) < 20_000


def test_people_are_known_without_accents_case_and_doubled_spaces() -> None:
    assert author_key(" Zoë  EXAMPLE ") == author_key(unicodedata.normalize("NFD", "Zoë Example")) == "zoe example"
    assert author_keys(["Zoë Example", "ZOE EXAMPLE", "", "B. Two"]) == {
        "zoe example": "Zoë Example",
        "b. two": "B. Two",
    }


def test_known_authors_add_up_and_level_off() -> None:
    known = {"a. one": 1.0, "b. two": 2.0, "c. three": 100.0}
    assert author_value(["Nobody"], known) == 0.0
    assert author_value(["A. One", "a. one"], known) == pytest.approx(math.log(2))
    assert author_value(["A. One", "B. Two"], known) == pytest.approx(math.log(4))
    assert author_value(["C. Three"], known) == pytest.approx(math.log(7))


@given(st.text(alphabet="ab. é-", max_size=40), st.text(alphabet="ab. é-", max_size=40), st.data())
def test_a_vocabulary_finds_what_everything_holds(title: str, abstract: str, data: st.DataObject) -> None:
    paper = _paper(title, abstract, ("cs.CL", "cs.LG"))
    whole = features(paper)
    asked = data.draw(st.sets(st.sampled_from(sorted(whole)))) | {"unseen", "b unseen", "title: unseen"}
    assert features(paper, Vocabulary(asked)) == {name: value for name, value in whole.items() if name in asked}
