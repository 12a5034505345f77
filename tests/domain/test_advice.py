"""What is wrong, and what to do: told apart in the words of an error, whatever a server says in between."""

import pytest

from bot.domain.advice import split_advice


@pytest.mark.parametrize(
    ("words", "wrong", "advice"),
    [
        (
            "the database is not set up yet; run: picks db upgrade",
            "the database is not set up yet",
            "run: picks db upgrade",
        ),
        ("it is full; the disk has no room; make room", "it is full; the disk has no room", "make room"),
        ("it broke", "it broke", None),
        ("the server refused it: one; two", "the server refused it: one; two", None),
        ("the server refused it (no; try later)", "the server refused it (no; try later)", None),
        ('it said "no; run away"; check the address', 'it said "no; run away"', "check the address"),
        ("it said “no; run away”; check the address", "it said “no; run away”", "check the address"),
        ("check it; settings are wrong", "check it; settings are wrong", None),
        ("it is broken; set A; or unset B", "it is broken", "set A; or unset B"),
        ("", "", None),
    ],
)
def test_advice_begins_behind_the_last_semicolon_that_is_followed_by_a_command(
    words: str, wrong: str, advice: str | None
) -> None:
    assert split_advice(words) == (wrong, advice)
