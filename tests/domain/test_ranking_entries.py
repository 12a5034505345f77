"""Words and names of a channel file: each is read as papers are, or refused because it could never match."""

import gzip
import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.arxiv.authors import split_authors
from bot.domain.channel_sections import Ranking
from bot.domain.ranking_entries import name


@pytest.mark.parametrize(
    "written",
    [
        "Lukasz Kowal et al.",
        "Lukasz Kowal, et al",
        "Lukasz Kowal and others",
        "Lukasz Kowal†",
        "‡ Lukasz Kowal ‡",
        "Lukasz Kowal¹",
        "Lukasz Kowal¹,²",
        "Lukasz Kowal$^{1,2}$",
        "Lukasz Kowal1",
        "Lukasz Kowal (MIT)",
        "Lukasz Kowal (MIT, Lab (North))",
        "  Lukasz   Kowal ",
        "Lukasz\u00a0Kowal\u200b",
        "Lukasz Kowal.",
        "and Lukasz Kowal",
        "<b>Lukasz</b> Kowal",
        "Lukasz Kowal,",
    ],
)
def test_what_stands_around_a_name_does_not_keep_it_from_matching(written: str) -> None:
    assert name(written).replace("\u200b", "").replace("\u00a0", " ") == "Lukasz Kowal"


@pytest.mark.parametrize("written", ["Sammy Kowal, Jr.", "Sammy Kowal Jr."])
def test_a_suffix_stays_with_its_name(written: str) -> None:
    assert name(written) == "Sammy Kowal Jr."


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("Kowal, Lukasz", "would be 'Kowal' and 'Lukasz'; write one name an entry, with the given name first"),
        ("A. Smith and B. Jones", "would be 'A. Smith' and 'B. Jones'"),
        ("A. Smith & B. Jones", "would be 'A. Smith' and 'B. Jones'"),
        ("A. Smith, B. Jones, C. Wu", "would be 'A. Smith' and 'B. Jones' and 'C. Wu'"),
        ("A. Smith; B. Jones", "holds ';', which no name has"),
        ("Lukasz Kowal [MIT]", "holds '[', which no name has"),
        ("Lukasz Kowal <lk@example.org", "which no name has"),
        ("@lukasz", "holds '@', which no name has"),
        ("Lukasz Kowal 1", "holds '1', which no name has"),
        (r"{\L}ukasz Kowal", "holds TeX; write the name as people read it"),
        (r"Jos\'e Kowal", "holds TeX"),
        ("J~Kowal", "holds TeX"),
        ("Lukasz*", "has a star, but names are whole"),
        ("et al.", "holds no name"),
        ("Jr.", "holds no name"),
        ("123", "holds no name"),
        (" ", "holds no name"),
    ],
)
@pytest.mark.parametrize("key", ["authors", "always"])
def test_what_no_author_can_be_called_is_refused_with_the_reason(key: str, written: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Ranking.model_validate({"words": {"x": 1}, key: {written: 1.0} if key == "authors" else [written]})
    assert reason in str(caught.value)


def test_two_ways_to_write_one_name_are_the_same_and_a_hyphen_makes_another() -> None:
    with pytest.raises(ValidationError, match=r"'Ana Díaz' and 'ana diaz et al\.' are the same"):
        Ranking(always=("Ana Díaz", "ana diaz et al."))
    assert Ranking(always=("Jean-Paul Roy", "Jean Paul Roy")).always == ("Jean-Paul Roy", "Jean Paul Roy")


def test_every_name_of_real_papers_may_stand_in_a_channel_file(shared_data: Path) -> None:
    names = set()
    with gzip.open(shared_data / "arxiv" / "listings" / "2024-06.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            names |= {person for author in json.loads(line)["authors"] for person in split_authors(author)}
    broken = {person for person in names if "|" in person or person == "Jr."}  # "Yuyang WangLIRMM | ADAC"
    assert len(names) > 10_000
    assert len(broken) <= 3
    assert {person for person in names - broken if name(person) != person} == set()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("circuit *", "has a blank before its star"),
        ("circuit\t*", "has a blank before its star"),
        (r"$\alpha$-divergence", "holds TeX; write it as people read it"),
        (r"\ell_1", "holds TeX"),
        (r"100\%", "holds TeX"),
        ("Fig.~1", "holds TeX"),
        ("``grokking''", "holds TeX"),
        ("{BERT}", "holds TeX"),
        ("R&amp;D", "is written for web pages; write 'R&D'"),
        ("_", "holds no word"),
        ("_ *", "holds no word"),
        ("++", "holds no word"),
        ("$$", "holds no word"),
        ("\u200b", "holds no word"),
    ],
)
@pytest.mark.parametrize("key", ["words", "exclude"])
def test_a_word_that_could_never_match_is_refused_with_the_reason(key: str, written: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Ranking.model_validate({"always": ["A. One"], key: {written: 1.0} if key == "words" else [written]})
    assert reason in str(caught.value)


@pytest.mark.parametrize("written", ["Kowal, Lukasz", "A. Smith, B. Jones", "planning, acting"])
def test_an_exclusion_with_a_list_is_refused(written: str) -> None:
    with pytest.raises(ValidationError, match="has a comma; write one word or name an entry"):
        Ranking(exclude=(written,), always=("A. One",))


@pytest.mark.parametrize(("one", "other"), [("L_0", "L0"), ("CO$_2$", "CO₂"), ("R^{2}", "R2"), ("_circuit", "circuit")])
def test_words_that_differ_in_raised_and_lowered_signs_are_the_same(one: str, other: str) -> None:
    with pytest.raises(ValidationError, match="are the same"):
        Ranking(words={one: 1.0, other: 2.0})
