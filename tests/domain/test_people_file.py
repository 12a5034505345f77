"""The file of people is read strictly, and names are compared as everywhere; a doubt is said."""

from pathlib import Path

import pytest

from bot.domain.channels import load_channels
from bot.domain.config_files import PEOPLE_FILE
from bot.domain.known_authors import Acquainted, DoubtfulAuthor, KnownAuthor, known_authors
from bot.domain.people import PeopleError, Person, load_people
from samples import CONSOLE_CHANNEL

WHOLE = """
# ours
["José Álvarez"]
bluesky = "@Jose.Example.com"  # small letters
x = "@Jose_A"

[Ana]
mastodon = "@Ana@Social.Example"
"""


def _read(folder: Path, text: str) -> tuple[Person, ...]:
    (folder / PEOPLE_FILE).write_text(text, "utf-8")
    return load_people(folder)


def test_people_are_read_with_their_handles_as_platforms_have_them(tmp_path: Path) -> None:
    found = _read(tmp_path, WHOLE)
    assert found == (
        Person("José Álvarez", {"bluesky": "jose.example.com", "x": "Jose_A"}),
        Person("Ana", {"mastodon": "Ana@social.example"}),
    )
    assert [person.line for person in found] == [3, 7]
    assert load_people(tmp_path / "elsewhere") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[Ana]\n\ntwitter = "ana"', "line 3: Ana.twitter is not a known key; known there: bluesky, x, mastodon"),
        ('[Ana]\nx = "ana"\nbluesky = "ana"', "line 3: Ana.bluesky: 'ana' is no handle on bluesky; write one such as"),
        ("[Ana]\nx = 5", "line 2: Ana.x: 5 is no handle on x; write one such as ana_example, in quotes"),
        ('[Ana]\nmastodon = "@ana"', "such as ana@social.example"),
        ('[Ana]\nx = "more_than_fifteen"', "line 2: Ana.x: 'more_than_fifteen' is no handle on x"),
        ("[Ana]\n", "line 1: Ana has no handle; write at least one, such as x ="),
        ('x = "ana"', 'line 1: x is no person; write ["x"], and handles below it'),
        ('["Ana, Bo"]\nx = "ana"', "line 1: 'Ana, Bo' would be 'Ana' and 'Bo'; write one name an entry"),
        ('["José A"]\nx = "a"\n["jose a"]\nx = "b"', "line 3: jose a is the same name as José A in line 1; keep one"),
        ('[Ana]\nx = "a"\n[Ana]\nx = "b"', "line 3: Ana stands there already; keep one of the two"),
        ('[Ana]\nx = "a"\n["Bo]\n', "is not valid TOML"),
        ("[Ana Example]\nx = 'a'", 'at line 1, column 6); write ["NAME"], and below it bluesky ='),
        ('Ana = {x = "a", site = "b"}', "line 1: Ana.site is not a known key"),
    ],
)
def test_what_is_wrong_is_said_with_line_reason_and_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PeopleError) as caught:
        _read(tmp_path, text)
    assert str(tmp_path / PEOPLE_FILE) in str(caught.value)
    assert said in str(caught.value)


def test_a_file_in_another_encoding_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / PEOPLE_FILE).write_bytes('[Ana]\nx = "a"\n["José"]\n'.encode("latin-1"))
    with pytest.raises(PeopleError, match="line 3: it is not in UTF-8"):
        load_people(tmp_path)


def test_the_file_of_people_is_no_channel(tmp_path: Path) -> None:
    (tmp_path / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    _read(tmp_path, WHOLE)
    assert list(load_channels(tmp_path)) == ["test"]


DIFFER = "the names differ in a given name or an initial"
NEEL, NORA, ANA, JOANN = (
    Person(name, {"x": "handle"}) for name in ("Neel Example", "Nora Example", "Ana María Muster", "Jo-Ann Sample")
)


def test_authors_are_known_whatever_case_and_accents_their_names_have() -> None:
    assert known_authors(["Bo Else", "ANA MARIA MUSTER"], [NEEL, ANA]) == Acquainted(
        known=(KnownAuthor("ANA MARIA MUSTER", ANA),)
    )


@pytest.mark.parametrize(
    ("authors", "people", "doubtful"),
    [
        (["N. Example"], [NEEL], ("N. Example", ("Neel Example",), DIFFER)),
        (
            ["Ana Muster"],
            [ANA],
            ("Ana Muster", ("Ana María Muster",), DIFFER),
        ),
        (["Jo Ann Sample"], [JOANN], ("Jo Ann Sample", ("Jo-Ann Sample",), DIFFER)),
        (["J. A. Sample"], [JOANN], ("J. A. Sample", ("Jo-Ann Sample",), DIFFER)),
        (
            ["N. Example"],
            [Person("N. Example", {}), NEEL, NORA],
            ("N. Example", ("N. Example", "Neel Example", "Nora Example"), "the initial fits several people"),
        ),
        (
            ["Neel Example", "Bo Else", "neel example"],
            [NEEL],
            ("Neel Example", ("Neel Example",), "2 authors of the paper are called Neel Example"),
        ),
    ],
)
def test_a_name_that_leaves_a_doubt_is_said_and_not_taken(
    authors: list[str], people: list[Person], doubtful: tuple[str, tuple[str, ...], str]
) -> None:
    found = known_authors(authors, people)
    assert found.known == ()
    assert found.doubtful[0] == DoubtfulAuthor(*doubtful)


def test_names_that_only_look_alike_are_nobodys() -> None:
    assert known_authors(["Nina Example", "Neel Examples", "Example Neel"], [NEEL]) == Acquainted()
