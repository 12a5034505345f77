"""Strangers' text: what a terminal obeys and what hides words goes, everything else stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text import is_hidden, is_unsafe, sanitize

ALLOWED_CONTROLS = set("\t\n\v\f\r\x85")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\x1b]0;HACK\x07", "]0;HACK"),
        ("\x9d0;HACK\x9c", "0;HACK"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\u2066a\u2067b\u2068c\u2069", "abc"),
        ("a\ud800b\udfff", "ab"),
        ("a\x00b\x7f\ufeff\u061c\u200e\u200f", "ab"),
        ("two\n\tlines\r\n", "two\n\tlines\r\n"),
        ("👩\u200d🔬 naïve 模型 می\u200cخواهم", "👩\u200d🔬 naïve 模型 می\u200cخواهم"),
    ],
)
def test_harmful_characters_go_and_the_rest_stays(text: str, wanted: str) -> None:
    assert sanitize(text) == wanted


@given(st.text(st.characters()))
def test_no_text_keeps_a_control_character_or_a_surrogate(text: str) -> None:
    shown = sanitize(text)
    assert [char for char in shown if unicodedata.category(char) in {"Cc", "Cs"} and char not in ALLOWED_CONTROLS] == []
    assert sanitize(shown) == shown


@pytest.mark.parametrize(
    ("char", "unsafe", "hidden"),
    [
        ("a", False, False),
        ("\n", True, True),
        ("\x1b", True, True),
        ("\ud800", True, True),
        ("\u202e", True, True),
        ("\u2028", True, False),
        ("\u00ad", False, True),
        ("\ufeff", False, True),
        ("\uffff", False, True),
        ("\u200d", False, False),
    ],
)
def test_what_a_terminal_obeys_and_what_nobody_sees_are_two_things(char: str, *, unsafe: bool, hidden: bool) -> None:
    assert (is_unsafe(char), is_hidden(char)) == (unsafe, hidden)
