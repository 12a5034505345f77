"""What the console shows, and what it never obeys."""

import io
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.posts import Facet, FacetKind, LinkCard, Post, Quote
from bot.platforms.console import ConsolePublisher, plain

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)


def shown(*posts: Post) -> str:
    stream = io.StringIO()
    publisher = ConsolePublisher(stream)
    publisher.send(publisher.prepare(posts, sent=(), name="a thread", now=NOW))
    return stream.getvalue()


def test_a_thread_is_shown_with_all_that_hangs_on_it() -> None:
    first = Post(
        text="Größe: the paper #nlp\n[bold]not markup[/bold]",
        length=45,
        limit=300,
        facets=(
            Facet(start=13, end=18, kind=FacetKind.LINK, value="https://arxiv.org/abs/2412.11965"),
            Facet(start=19, end=23, kind=FacetKind.TAG, value="nlp"),
        ),
        card=LinkCard(url="https://arxiv.org/abs/2412.11965", title="A title", description="About it"),
        quote=Quote(url="https://bsky.app/profile/a.test/post/1", uri="at://a/b/1", cid="c"),
    )
    second = Post(text="The end", length=7, limit=300)
    assert shown(first, second) == (
        "┌ post 1 of 2, 45 of 300 characters\n"
        "│ Größe: the paper #nlp\n"
        "│ [bold]not markup[/bold]\n"
        "│ [link] paper -> https://arxiv.org/abs/2412.11965\n"
        "│ [card] A title -> https://arxiv.org/abs/2412.11965\n"
        "│ [card] About it\n"
        "│ [quote] https://bsky.app/profile/a.test/post/1\n"
        "└\n"
        "┌ post 2 of 2, 7 of 300 characters\n"
        "│ The end\n"
        "└\n"
    )


def test_terminal_commands_are_shown_and_not_obeyed() -> None:
    assert plain("a\x1b[2Jb\r\x07\x9bc\u2028d") == "a\\x1b[2Jb\\r\\x07\\x9bc\\u2028d"


def test_words_cannot_be_hidden_by_turning_the_writing_direction() -> None:
    assert plain("\u202egnp.exe\u2066") == "\\u202egnp.exe\\u2066"


def test_emoji_and_other_scripts_stay_as_they_are() -> None:
    text = "👩‍🔬 नमस्ते 日本語 Größe\nnext line"
    assert plain(text) == text


@given(st.text(st.characters()))
def test_no_text_sends_a_control_character_to_the_terminal(text: str) -> None:
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in plain(text) if char != "\n")


def test_a_terminal_that_cannot_write_a_character_gets_an_escape() -> None:
    raw = io.BytesIO()
    publisher = ConsolePublisher(io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    publisher.send(publisher.prepare([Post(text="Größe", length=5, limit=300)], sent=(), name="a thread", now=NOW))
    assert b"Gr\\xf6\\xdfe" in raw.getvalue()


def test_the_same_words_get_the_same_ids() -> None:
    posts = (Post(text="Twice", length=5, limit=300), Post(text="Twice", length=5, limit=300))
    ids = []
    for _ in range(2):
        publisher = ConsolePublisher(io.StringIO())
        receipts = publisher.send(publisher.prepare(posts, sent=(), name="a thread", now=NOW))
        ids.append([receipt.remote_id for receipt in receipts])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2
    assert all(remote_id.startswith("console:") for remote_id in ids[0])
