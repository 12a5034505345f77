"""What a curator may write, and how a refusal reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel_sections import ThreadStyle
from bot.threads.validation import LinkError, NoteError, check_link, check_note

STYLE = ThreadStyle(note_limit=50)


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("  It works.  ", "It works."),
        ("one  \r\ntwo\rthree\t\n", "one\ntwo\nthree"),
        ("one\n \n\n\n\ntwo", "one\n\ntwo"),
        ("cafe\u0301", "café"),
        ("\ufeffzero\u200bwidth soft\u00adhyphen", "zerowidth softhyphen"),
        (" \n\t ", ""),
        ("👩‍👩‍👧‍👦" * 50, "👩‍👩‍👧‍👦" * 50),
    ],
)
def test_a_note_is_tidied(note: str, wanted: str) -> None:
    assert check_note(note, STYLE) == wanted


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Cf", "Cn", "Co"]) | st.just("\n"), max_size=40))
def test_tidying_twice_changes_nothing(note: str) -> None:
    style = ThreadStyle(note_limit=500)
    assert check_note(check_note(note, style), style) == check_note(note, style)


def test_a_note_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(NoteError) as caught:
        check_note("x" * 53, STYLE)
    assert str(caught.value) == "the note has 53 characters, the channel allows 50: take out 3"


@pytest.mark.parametrize("mark", ["\x00", "\x1b", "\x7f", "\u202e", "\u202a", "\uffff", "\ud800"])
def test_a_control_character_is_refused_with_its_place(mark: str) -> None:
    with pytest.raises(NoteError) as caught:
        check_note(f"ab{mark}c", STYLE)
    message = f"the note holds U+{ord(mark):04X}, a control character, at 3: take it out"
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a/b?c=d&e=[f]#g",
        "HTTPS://Example.ORG/a",
        "https://müller.example/ä",
        "https://example.org/" + "a" * 1980,
    ],
)
def test_a_web_address_is_a_link(url: str) -> None:
    assert check_link(f" {url}\n") == url


@pytest.mark.parametrize("around", ["{}.", "<{}>", "({}),", "“{}”", "**{}**", "`{}`", "{}！", "{}🎉"])
@pytest.mark.parametrize("url", ["https://example.org/a_(b)", "https://ja.example.org/wiki/人工知能"])
def test_what_stands_around_an_address_is_taken_off_as_in_a_note(around: str, url: str) -> None:
    assert check_link(around.format(url)) == url


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://a.example/x,https://b.example/y", "it holds more than one address"),
        ("[https://example.org/md](https://example.org/md)", "it holds more than one address"),
        ("https://distill.example/2020’s", "'’s' is no part of the address in it (percent-encode it if it is)"),
        ("https://circuits.example's", '"\'s" is no part of the address in it (percent-encode it if it is)'),
        ("https://-a.example", "readers see no address in it"),
    ],
)
def test_what_a_note_would_cut_is_refused(url: str, reason: str) -> None:
    with pytest.raises(LinkError) as caught:
        check_link(url)
    assert f"cannot be used as a link: {reason}; give an address" in str(caught.value)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "it begins with neither https:// nor http://"),
        ("example.org/a", "it begins with neither https:// nor http://"),
        ("javascript:alert(1)", "it begins with neither https:// nor http://"),
        ("ftp://example.org", "it begins with neither https:// nor http://"),
        ("https://", "it names no host"),
        ("https:///path", "it names no host"),
        ("https://../a", "it names no host"),
        ("https://user:secret@example.org", "it names a user or a password"),
        ("https://example.org\\@evil.example", "it holds U+005C, which no address may hold"),
        ("https://example.org/a b", "it holds a space"),
        ("https://example.org/a\nb", "it holds U+000A, which no address may hold"),
        ("https://example.org/\u202egpj", "it holds U+202E, which no address may hold"),
        ("https://example.org:0/", "its port is 0"),
        ("https://example.org/" + "a" * 1981, "it has 2001 characters, more than 2000"),
    ],
)
def test_anything_else_is_refused_with_the_reason(url: str, reason: str) -> None:
    with pytest.raises(LinkError) as caught:
        check_link(url)
    assert f"cannot be used as a link: {reason}; give an address such as https://example.org/page" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["https://[::1", "https://example.org:port/", "https://example.org:99999/"])
def test_an_address_that_cannot_be_read_is_refused(url: str) -> None:
    with pytest.raises(LinkError, match="it is no address"):
        check_link(url)


@given(st.text())
def test_any_text_is_taken_or_refused_in_one_line(text: str) -> None:
    try:
        answer = check_link(text)
    except LinkError as refused:
        answer = str(refused)
    assert len(answer.splitlines()) == 1
