"""The form that begins with the hook, on Bluesky and X; its golden files are those of ``test_threads``."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from bot.domain.channel_sections import LinkPolicy, ThreadForm, ThreadStyle, XRules
from bot.domain.posts import FacetKind, Picture, Platform, Quote, Thread, post_from_json, post_to_json
from bot.platforms.x.text import find_urls
from bot.threads.draft import Draft
from composing import compose, marked, sample_draft, texts

STYLE = ThreadStyle(hashtags=("interpretability", "NLP"))
ABS = "https://arxiv.org/abs/2406.16254"
CODE = "https://example.org/code"
ARCHIVE = "https://picks.example.org/"
QUOTED = "https://bsky.app/profile/one.example/post/3kabc"
QUOTE = Quote(url=QUOTED, uri="at://did:plc:one/app.bsky.feed.post/3kabc", cid="bafyone")
PICTURE = Picture.of(b"a picture", media_type="image/png", width=1200, height=630)
SENTENCE = "It finds neurons that know what the model does not know, and it names every one of them."


draft = partial(sample_draft, note=" ".join([SENTENCE] * 4))


def on_bluesky(pick: Draft, style: ThreadStyle = STYLE, *, archive: str | None = None) -> Thread:
    return compose(pick, Platform.BLUESKY, style=style, x_rules=XRules(), archive=archive)


def on_x(pick: Draft, links: LinkPolicy = LinkPolicy.LAST, style: ThreadStyle = STYLE) -> Thread:
    return compose(pick, Platform.X, style=style, x_rules=XRules(links=links))


def test_the_form_is_the_hook_unless_the_channel_says_otherwise() -> None:
    assert ThreadStyle().form is ThreadForm.HOOK
    assert on_bluesky(draft()).form == on_x(draft()).form == "hook"
    assert on_x(draft(), style=ThreadStyle(form=ThreadForm.TITLE)).form == "title"


def test_links_on_bluesky_are_words_and_the_card_alone_leads_to_the_paper() -> None:
    pick = draft(code_url=CODE, thread_url="https://x.com/one/status/1")
    first, last = on_bluesky(pick, archive=ARCHIVE).posts
    assert first.text.startswith("Neurons That Know\nA. One, B. Two, C. Three et al.\n\nIt finds neurons")
    assert first.card is not None
    assert (first.card.url, last.card) == (ABS, None)
    assert last.text.endswith(".\n\nCode · Authors' thread on x.com · All picks\n\n#interpretability #NLP")
    assert marked(last) == [
        ("Code", FacetKind.LINK, CODE),
        ("Authors' thread", FacetKind.LINK, "https://x.com/one/status/1"),
        ("All picks", FacetKind.LINK, ARCHIVE),
        ("#interpretability", FacetKind.TAG, "interpretability"),
        ("#NLP", FacetKind.TAG, "NLP"),
    ]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (QUOTED, "Authors' thread"),
        ("https://www.social.example/@one/109", "Authors' thread on social.example"),
        ("https://x.com/one/status/1", "Authors' thread on x.com"),
    ],
)
def test_a_thread_of_the_authors_on_another_platform_says_where(url: str, words: str) -> None:
    [post] = on_bluesky(draft(note=SENTENCE, thread_url=url), ThreadStyle()).posts
    assert post.text.split("\n\n")[-1] == words
    assert marked(post) == [("Authors' thread", FacetKind.LINK, url)]


def test_marks_of_note_and_heading_stay_on_their_words() -> None:
    style = ThreadStyle(heading="🔍 Today's #NLP pick", hashtags=("ünïcode",))
    [post] = on_bluesky(draft(note="Ünlike https://example.org/a, it works."), style).posts
    assert marked(post) == [
        ("#NLP", FacetKind.TAG, "NLP"),
        ("https://example.org/a", FacetKind.LINK, "https://example.org/a"),
        ("#ünïcode", FacetKind.TAG, "ünïcode"),
    ]


def test_strangers_text_is_never_marked() -> None:
    pick = draft(title="https://evil.example #now @one", authors=("#two https://evil.example",), abstract="#three")
    assert on_bluesky(pick).posts[0].facets == ()


def test_a_quote_stands_below_the_last_words_and_without_it_the_same_words_have_a_link() -> None:
    first, last = on_bluesky(draft(code_url=CODE, thread_url=QUOTED, quote=QUOTE)).posts
    assert (first.quote, last.quote) == (None, QUOTE)
    assert last.text.endswith("\n\nCode\n\n#interpretability #NLP")
    assert last.instead is not None
    assert last.instead.text == last.text.replace("Code", "Code · Authors' thread")
    assert last.instead.quote is None


def test_one_post_may_have_picture_and_quote_and_lose_the_quote_alone_or_both() -> None:
    [post] = on_bluesky(draft(note=SENTENCE, thread_url=QUOTED, quote=QUOTE, picture=PICTURE)).posts
    seen = {
        (unquoted, unpictured): post.reduced(unquoted=unquoted, unpictured=unpictured)
        for unquoted in (False, True)
        for unpictured in (False, True)
    }
    assert [(bool(it.quote), bool(it.picture)) for it in seen.values()] == [
        (True, True),
        (False, False),
        (False, True),
        (False, False),
    ]
    assert all(it.card is not None and it.card.url == ABS for it in seen.values())
    assert all("Authors' thread" in it.text for it in seen.values() if it.quote is None)
    assert post_from_json(post_to_json(post)) == post


def test_all_links_of_an_x_thread_stand_below_its_last_words() -> None:
    thread = on_x(draft(note=" ".join([SENTENCE] * 3), code_url=CODE, thread_url=QUOTED, quote=QUOTE))
    assert [bool(find_urls(text)) for text in texts(thread)] == [False, True]
    assert texts(thread)[-1].endswith(
        f"{SENTENCE}\n\nPaper: {ABS}\nCode: {CODE}\nAuthors' thread: {QUOTED}\n\n#interpretability #NLP"
    )
    assert thread.cost_usd == Decimal("0.215")


def test_an_x_thread_may_have_its_links_below_the_first_words() -> None:
    first, second = texts(on_x(draft(), LinkPolicy.FIRST))
    assert first == (
        f"Neurons That Know\nA. One, B. Two, C. Three et al.\n\n{SENTENCE}\n\nPaper: {ABS}\n\n#interpretability #NLP"
    )
    assert second == " ".join([SENTENCE] * 3)


def test_an_x_thread_without_links_names_the_paper_below_the_last_words() -> None:
    thread = on_x(draft(), LinkPolicy.NONE)
    assert texts(thread)[-1].endswith(f"{SENTENCE}\n\narXiv:2406.16254\n\n#interpretability #NLP")
    assert thread.cost_usd == Decimal("0.030")


def test_the_single_post_has_as_many_whole_sentences_as_have_room() -> None:
    single = on_x(draft()).single
    assert single is not None
    assert single.text == (
        f"Neurons That Know\nA. One, B. Two, C. Three et al.\n\n{SENTENCE}\n\nPaper: {ABS}\n\n#interpretability #NLP"
    )
    assert on_x(draft(note=SENTENCE)).single is None


def test_first_posts_on_x_say_which_line_names_the_paper() -> None:
    style = ThreadStyle(heading="Today's pick")
    thread = on_x(draft(title="cs.CL Neurons"), style=style)
    assert thread.posts[0].text.startswith(f"Today's pick\n\n{thread.posts[0].about}\nA. One")
    assert thread.single is not None
    assert {thread.posts[0].about, thread.single.about} == {"cs.\u200aCL Neurons"}
    assert [post.about for post in thread.posts[1:]] == [""]


def test_posts_without_what_is_new_are_stored_as_they_were() -> None:
    post = on_x(draft(), style=ThreadStyle(form=ThreadForm.TITLE)).posts[0]
    assert sorted(post_to_json(post)) == ["card", "facets", "langs", "length", "limit", "quote", "text"]
    pictured = on_bluesky(draft(picture=PICTURE), ThreadStyle(form=ThreadForm.TITLE)).posts[0]
    stored = post_to_json(pictured)["card"]
    assert isinstance(stored, dict)
    assert sorted(stored["picture"]) == ["cid", "height", "media_type", "size", "width"]


@pytest.mark.parametrize("alt", ["", "A card that says it all."])
def test_a_picture_is_the_same_whatever_is_said_of_it(alt: str) -> None:
    assert replace(PICTURE, alt=alt) == PICTURE
    [post] = on_bluesky(draft(note=SENTENCE, picture=replace(PICTURE, alt=alt))).posts
    kept = post_from_json(post_to_json(post))
    assert kept.picture is not None
    assert kept.picture.alt == alt
