"""A pick as a Mastodon thread: few posts, the paper's address first, nothing above the server's limit."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.channel_sections import ThreadForm, ThreadStyle
from bot.domain.papers import ArxivId
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform, Thread
from bot.platforms.mastodon.replies import reply_on_mastodon
from bot.platforms.mastodon.text import handles_in, unmention
from bot.platforms.mastodon.thread import compose_for_mastodon
from bot.threads.addresses import find_links
from bot.threads.draft import Draft
from mastodon_account import count

PAPER = "https://arxiv.org/abs/2412.11965"
DRAFT = Draft(
    arxiv_id=ArxivId("2412.11965"),
    title="Inferring Functionality of Attention Heads",
    abstract="Attention heads.",
    authors=("Amit Elhelo", "Mor Geva"),
)
STYLE = ThreadStyle(hashtags=("interpretability", "nlp"), note_limit=5000)
SENTENCE = "This sentence says what the paper shows in a few words, and no more than that. "


def composed(style: ThreadStyle = STYLE, **changes: object) -> Thread:
    return compose_for_mastodon(replace(DRAFT, **changes), style=style)  # type: ignore[arg-type]


@pytest.mark.parametrize(("form", "gap"), [(ThreadForm.HOOK, "\n"), (ThreadForm.TITLE, "\n\n")])
def test_a_pick_with_a_short_note_is_one_post_whose_first_address_is_the_papers(form: ThreadForm, gap: str) -> None:
    style = STYLE.model_copy(update={"form": form})
    thread = composed(style, note="Worth reading. More at https://example.org/more.", code_url="https://github.com/a/b")
    [post] = thread.posts
    assert (thread.platform, thread.form, post.limit) == (Platform.MASTODON, form, 500)
    assert post.text == (
        f"Inferring Functionality of Attention Heads{gap}Amit Elhelo, Mor Geva\n\n{PAPER}\n\n"
        "Worth reading. More at https://example.org/more.\n\n"
        "Code: https://github.com/a/b\n\n#interpretability #nlp"
    )


def test_a_long_note_goes_on_below_and_the_links_stand_with_its_last_words() -> None:
    style = STYLE.model_copy(update={"form": ThreadForm.TITLE})
    thread = composed(style, note=(SENTENCE * 8).strip(), code_url="https://github.com/a/b")
    assert len(thread.posts) == 3
    assert thread.posts[0].text.endswith(PAPER)
    assert thread.posts[-1].text.endswith("Code: https://github.com/a/b\n\n#interpretability #nlp")
    assert thread.posts[-1].text.startswith("This sentence")


def test_the_hook_stands_below_the_papers_address_and_saves_a_post() -> None:
    thread = composed(note=(SENTENCE * 8).strip(), code_url="https://github.com/a/b", limits=PostLimits(500, 23))
    assert len(thread.posts) == 2
    assert f"{PAPER}\n\nThis sentence says" in thread.posts[0].text
    assert thread.posts[0].about == "Inferring Functionality of Attention Heads"
    assert thread.posts[-1].text.endswith("no more than that.\n\nCode: https://github.com/a/b")


def test_hashtags_stand_in_the_first_post_because_the_others_are_not_public() -> None:
    first, *others = composed(note=(SENTENCE * 20).strip()).posts
    assert first.text.endswith("no more than that.\n\n#interpretability #nlp")
    assert others
    assert all("#" not in post.text for post in others)


def test_a_correcting_reply_has_the_words_alone_in_posts_as_long_as_the_server_takes() -> None:
    posts = reply_on_mastodon((SENTENCE * 8).strip() + " @all", style=STYLE, limits=PostLimits(300, 23))
    assert [post.length <= post.limit == 300 for post in posts] == [True] * 3
    assert posts[-1].text.endswith("@\u200aall")


@pytest.mark.parametrize("characters", [150, 500, 1000, 5000])
def test_no_post_is_longer_than_the_server_takes_by_its_own_count(characters: int) -> None:
    note = (SENTENCE * 6 + "https://example.org/" + "a" * 300 + " @ada@example.org 👩‍👩‍👧‍👦 " + SENTENCE * 5).strip()
    limits = PostLimits(characters, 23)
    thread = composed(note=note, limits=limits, title="Probing " * 40, thread_url="https://x.com/a/status/1")
    for post in thread.posts:
        assert 0 < count(post.text, "", per_url=23) == post.length <= post.limit == characters
    assert (len(thread.posts) == 1) is (characters == 5000)


def test_a_server_that_takes_more_gets_fewer_posts() -> None:
    note = (SENTENCE * 20).strip()
    posts = [len(composed(note=note, limits=PostLimits(size, 23)).posts) for size in (300, 500, 1000, 5000)]
    assert posts == sorted(posts, reverse=True)
    assert posts[-1] == 1


def test_strangers_words_are_no_mention_no_hashtag_and_no_link() -> None:
    [post] = composed(
        STYLE.model_copy(update={"hashtags": ()}), title="@all #win https://evil.example", authors=()
    ).posts
    assert post.text == f"@\u200aall #\u200awin https://\u200aevil.example\n\n{PAPER}"


def test_what_has_no_room_and_what_is_no_link_is_said_to_the_curator() -> None:
    thread = composed(note="See example.org/x.", code_url="https://github.com/" + "é" * 500, limits=PostLimits(150, 23))
    said = " ".join(thread.remarks)
    assert "Mastodon does not link example.org/x in the note: write https:// before it." in said
    assert "The thread has no room for #interpretability, #nlp." in said
    assert thread.posts[-1].text.endswith("é" * 500)


def test_posts_carry_the_channels_language() -> None:
    assert {post.langs for post in composed(ThreadStyle(langs=("de",)), note=SENTENCE * 9).posts} == {("de",)}


PIECES = st.sampled_from(
    [
        "probes",
        "layers,",
        "work.",
        "e.g.",
        "@all",
        "@ada@social.example",
        ":joy:",
        "#win",
        "https://example.org/" + "long" * 90,
        "example.org/x",
        "यह काम करता है।",
        "这个方法有效。",
        "👩‍👩‍👧‍👦",
        "\n\n",
        "x" * 260,
    ]
)
NOTES = st.lists(PIECES, max_size=40).map(" ".join).map(str.strip)


@given(NOTES, NOTES, st.lists(NOTES, max_size=3).map(tuple), st.sampled_from([200, 500, 65_535]), st.booleans())
@settings(deadline=None, max_examples=60)
def test_whatever_comes_every_post_fits_the_paper_is_linked_first_and_the_note_is_whole(
    note: str, title: str, authors: tuple[str, ...], characters: int, hooked: bool
) -> None:
    style = STYLE.model_copy(update={"form": ThreadForm.HOOK if hooked else ThreadForm.TITLE})
    thread = composed(style, note=note, title=title, authors=authors, limits=PostLimits(characters, 23))
    assert all(0 < count(post.text, "", per_url=23) <= post.length <= characters for post in thread.posts)
    assert find_links(thread.posts[0].text)[0].url == PAPER
    texts = (re.sub("#interpretability|#nlp", "", post.text) for post in thread.posts)
    words = "".join("".join(text.split()) for text in texts)
    assert "".join(unmention(note).split()) in words
    assert [handle for post in thread.posts for handle in handles_in(post.text)] == []
