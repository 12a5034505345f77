"""A curator's words and links in the one note that a collection has for a paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.intake.collection_notes import LIMIT, read_note, units, write_note

THREAD = "https://x.com/ana/status/1"
CODE = "https://github.com/acme/tool"
PAGE = "https://picks.example/2412.06769/"


@pytest.mark.parametrize(
    ("text", "note", "thread", "code"),
    [
        ("A note.", "A note.", None, None),
        (f"A note.\nThread: {THREAD}\nCode: {CODE}", "A note.", THREAD, CODE),
        (f"A note.\n\nCode: {CODE}\nThread: {THREAD}\n", "A note.", THREAD, CODE),
        (f"A note. Thread: {THREAD}, Code: {CODE}.", "A note.", THREAD, CODE),
        (f"A note.\nthread : <{THREAD}>\nCODE:{CODE}", "A note.", THREAD, CODE),
        (f"Thread: {THREAD}", "", THREAD, None),
        (f"Two.\nCode: {CODE}\nCode: https://second.example", "Two.\nCode: https://second.example", None, CODE),
        ("A thread: of thought. Code: none", "A thread: of thought. Code: none", None, None),
        ("Code: javascript:alert(1)", "Code: javascript:alert(1)", None, None),
        (f"Encode: {CODE}", f"Encode: {CODE}", None, None),
        ("Two\n\nparagraphs.", "Two\n\nparagraphs.", None, None),
        ("Hidden \u202eevil\u202c\x00 words", "Hidden evil words", None, None),
        ("", "", None, None),
    ],
)
def test_lines_with_links_become_links(text: str, note: str, thread: str | None, code: str | None) -> None:
    assert read_note(text) == (note, thread, code)


def test_what_is_written_is_read_again() -> None:
    text = write_note("A note.\n\nAnother paragraph.", thread_url=THREAD, code_url=CODE, page=PAGE)
    assert text == f"A note.\n\nAnother paragraph.\nThread: {THREAD}\nCode: {CODE}"
    assert read_note(text) == ("A note.\n\nAnother paragraph.", THREAD, CODE)


def test_a_long_note_ends_at_a_sentence_and_leads_to_the_archive() -> None:
    note = "The first sentence says a lot. " * 20
    text = write_note(note.strip(), thread_url=THREAD, code_url=None, page=PAGE)
    assert units(text) <= LIMIT
    words, rest = text.split("\n", 1)
    assert words.endswith("says a lot.")
    assert rest == f"More: {PAGE}\nThread: {THREAD}"
    assert units(text) > LIMIT - 40


def test_a_note_of_one_sentence_ends_at_a_word_with_an_ellipsis() -> None:
    text = write_note("word " * 200, thread_url=None, code_url=None, page=PAGE)
    assert text.startswith("word word")
    assert "word…\nMore: " in text
    assert units(text) <= LIMIT


def test_a_limit_counts_as_strictly_as_the_hub_may() -> None:
    text = write_note("🧠" * 250, thread_url=None, code_url=None, page=None)
    assert text == "🧠" * 250
    assert units(write_note("🧠" * 251, thread_url=None, code_url=None, page=None)) <= LIMIT


def test_links_that_have_no_room_are_left_out_and_the_note_is_not() -> None:
    text = write_note("A sentence. " * 60, thread_url=THREAD, code_url=f"{CODE}/{'x' * 400}", page=PAGE)
    assert text.startswith("A sentence.")
    assert "Code:" not in text
    assert f"Thread: {THREAD}" in text


@given(st.text(max_size=700), st.booleans(), st.booleans())
def test_a_note_never_exceeds_the_limit(note: str, with_links: bool, with_page: bool) -> None:
    links = {"thread_url": THREAD, "code_url": CODE} if with_links else {"thread_url": None, "code_url": None}
    assert units(write_note(note, **links, page=PAGE if with_page else None)) <= LIMIT
