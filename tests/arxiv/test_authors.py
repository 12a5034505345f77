"""Author lists: affiliations, nicknames, teams, suffixes and accents."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv.authors import split_authors


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("A. One, B. Two", ("A. One", "B. Two")),
        ("", ()),
        (r"Andr\'es \"Exampl{\'e}, {\L}ukasz M{\o}del", ("Andrés Ëxamplé", "Łukasz Mødel")),
        ("A. One (Example University, Example Town), B. Two (Lab (North, East), Town)", ("A. One", "B. Two")),
        (r"A. One (ABC R\&D, Universit\'e d'Exemple)", ("A. One",)),
        ("A. One (Unclosed University, B. Two, C. Three (X)", ("A. One", "B. Two", "C. Three")),
        ("A. One), B. Two", ("A. One", "B. Two")),
        ("A. One, B. Two, and C. Three", ("A. One", "B. Two", "C. Three")),
        ("A. One and B. Two", ("A. One", "B. Two")),
        ("A. One and, B. Two", ("A. One", "B. Two")),
        (r"A. and\'exemple", ("A. andéxemple",)),
        ("A. One, et al.", ("A. One",)),
        ("A. One, Jr., B. Two III, C. Three Jr.", ("A. One Jr.", "B. Two III", "C. Three Jr.")),
        ("Example Team", ("Example Team",)),
        ("Example Team: A. One, B. Two", ("Example Team", "A. One", "B. Two")),
        ("Example,  :, A. One", ("Example", "A. One")),
        ("ExampleMark,  :Mark, A. OneMark", ("ExampleMark", "A. OneMark")),
        ("The Probes and Circuits Collaboration, A. One", ("The Probes and Circuits Collaboration", "A. One")),
        ("Mononym, A. One", ("Mononym", "A. One")),
        ("A. \x9d0;One, \u202eB. Two\u202c, \u200f\x1b", ("A. 0;One", "B. Two")),
        (r"A. <b>O</b>ne&#157;&#x202e;, B. \unicode{x9b}Two", ("A. One", "B. Two")),
        ("می‌خواهم", ("می‌خواهم",)),
    ],
)
def test_a_creator_string_becomes_names(creator: str, names: tuple[str, ...]) -> None:
    assert split_authors(creator) == names


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("A. One (Nick),  Given (Nick),  Family, C. Three", ("A. One", "Given Family", "C. Three")),
        ("Given (Nick),  Family, C. Three", ("Given Family", "C. Three")),
        (
            "A. One (Nick),  Mono (Nick), B. Two (Nick),  Given (Nick),  Family",
            ("A. One", "Mono", "B. Two", "Given Family"),
        ),
    ],
)
def test_a_name_that_arxiv_cut_at_its_nickname_is_joined_again(creator: str, names: tuple[str, ...]) -> None:
    assert split_authors(creator) == names


def test_the_anchors_of_rss_1_are_taken_out() -> None:
    creator = (
        ' <a href="http://example.org/find/au:+One_A/0/1">A. O&#x27;One</a>, <a href="http://example.org">B. Two</a>'
    )
    assert split_authors(creator) == ("A. O'One", "B. Two")


def test_thousands_of_authors_are_all_kept_in_order() -> None:
    names = tuple(f"A{number}. Example" for number in range(3_435))
    assert split_authors(", ".join(names)) == names


@settings(deadline=None)
@given(st.text(alphabet="ab(),:.& <>\\{}'\"and", max_size=120))
def test_no_creator_string_raises_or_leaves_brackets_and_blanks(creator: str) -> None:
    for name in split_authors(creator):
        assert name == name.strip() != ""
        assert "(" not in name


@pytest.mark.parametrize(
    ("creator", "names"),
    [
        ("A. One, B. Two et al.", ("A. One", "B. Two")),
        ("A. One, B. Two, et al", ("A. One", "B. Two")),
        ("A. One, B. Two and others", ("A. One", "B. Two")),
        ("A. One, Others", ("A. One",)),
        ("A. One & B. Two", ("A. One", "B. Two")),
        (r"A. One \& B. Two", ("A. One", "B. Two")),
        ("A. One &amp; B. Two", ("A. One", "B. Two")),
        ("Research & Development Team, A. One", ("Research & Development Team", "A. One")),
        ("A. One*, B. Two†, ‡C. Three#", ("A. One", "B. Two", "C. Three")),
        (r"A. One$^{1,2}$, B. Two$^*$, C. Three^{1,*}", ("A. One", "B. Two", "C. Three")),
        (r"A. One\textsuperscript{1,2}, B. Two¹ ²", ("A. One", "B. Two")),
        ("A. One1, B. Two2, GPT-4", ("A. One", "B. Two", "GPT-4")),
        ("A. Onex., B. Two III., C. Three Jr., D. E.", ("A. Onex", "B. Two III", "C. Three Jr.", "D. E.")),
        ("Jiří\\, A. One", ("Jiří", "A. One")),
        (r"J\^{o}rg One, R\^one Two", ("Jôrg One", "Rône Two")),
        ("Etienne Et One, A. Anders, B. Othmers", ("Etienne Et One", "A. Anders", "B. Othmers")),
    ],
)
def test_what_is_written_around_names_is_no_part_of_them(creator: str, names: tuple[str, ...]) -> None:
    assert split_authors(creator) == names
