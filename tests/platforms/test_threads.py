"""A pick becomes the posts of a thread.

The form here is the one that begins with the title alone; ``test_hook_threads`` has the other.

Golden files: ``threads/<case>.pick.json`` says what a pick, the channel's style and its X rules are,
``<case>.bluesky.json`` and ``<case>.x.json`` what becomes of it in this form, ``<case>.bluesky.hook.json`` and
``<case>.x.hook.json`` in the other. To write those four anew, run

    PICKS_UPDATE_GOLDEN=1 pytest tests/platforms/test_threads.py

and read the difference before you keep it.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.channel_sections import LinkPolicy, ThreadForm, ThreadStyle, XRules
from bot.domain.papers import ArxivId
from bot.domain.posts import Facet, FacetKind, LinkCard, Platform, Quote, Thread, post_to_json
from bot.platforms.bluesky.thread import BLUESKY
from bot.platforms.x.prices import X_DELETE, X_POST, X_POST_WITH_URL, X_READ, x_price
from bot.platforms.x.text import find_urls, weighted_length
from bot.threads.addresses import find_links
from bot.threads.draft import Draft
from bot.threads.links import shown
from bot.threads.measure import grapheme_length
from bot.threads.plain import cut, one_line
from composing import compose, marked, texts
from composing import sample_draft as draft

GOLDEN = Path(__file__).parent / "threads"
CASES = sorted(file.name.removesuffix(".pick.json") for file in GOLDEN.glob("*.pick.json"))
STYLE = ThreadStyle(form=ThreadForm.TITLE, hashtags=("interpretability", "NLP"))
ABS = "https://arxiv.org/abs/2406.16254"
QUOTED = "https://bsky.app/profile/one.example/post/3kabc"
LABELS = ("Code", "Authors' thread", "All picks")
QUOTE = Quote(url=QUOTED, uri="at://did:plc:one/app.bsky.feed.post/3kabc", cid="bafyone")


def on_bluesky(pick: Draft, style: ThreadStyle = STYLE) -> Thread:
    return compose(pick, Platform.BLUESKY, style=style, x_rules=XRules())


def on_x(pick: Draft, links: LinkPolicy = LinkPolicy.LAST, style: ThreadStyle = STYLE) -> Thread:
    return compose(pick, Platform.X, style=style, x_rules=XRules(links=links))


def bare(text: str) -> str:
    return "".join(text.split())


# Golden files


@pytest.mark.parametrize("form", ThreadForm)
@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X, Platform.MASTODON])
@pytest.mark.parametrize("case", CASES)
def test_the_thread_is_as_its_golden_file_says(case: str, platform: Platform, form: ThreadForm) -> None:
    pick = json.loads((GOLDEN / f"{case}.pick.json").read_text("utf-8"))
    style, rules = ThreadStyle(**pick["style"], form=form), XRules(**pick["x"])
    written = _pretty(
        compose(_draft_from(pick["draft"]), platform, style=style, x_rules=rules, archive=pick.get("archive"))
    )
    file = GOLDEN / (f"{case}.{platform}.json" if form is ThreadForm.TITLE else f"{case}.{platform}.{form}.json")
    if os.environ.get("PICKS_UPDATE_GOLDEN"):
        file.write_text(written, "utf-8")
    assert file.read_text("utf-8") == written


def test_every_golden_file_belongs_to_a_pick() -> None:
    kinds = ("pick", *(f"{platform}{form}" for platform in ("bluesky", "x", "mastodon") for form in ("", ".hook")))
    wanted = {f"{case}.{kind}.json" for case in CASES for kind in kinds}
    assert {file.name for file in GOLDEN.iterdir()} == wanted


def _draft_from(data: dict[str, Any]) -> Draft:
    """Read a draft; ``numbered_authors`` stands for so many authors that nobody wants to read in a file."""
    numbered = tuple(f"Author {number}" for number in range(1, 1 + data.pop("numbered_authors", 0)))
    quote = data.pop("quote", None)
    return Draft(
        arxiv_id=ArxivId.parse(data.pop("arxiv_id")),
        authors=tuple(data.pop("authors", ())) + numbered,
        quote=Quote(**quote) if quote else None,
        **data,
    )


def _pretty(thread: Thread) -> str:
    posts = [{key: value for key, value in post_to_json(post).items() if value} for post in thread.posts]
    data = {"cost_usd": str(thread.cost_usd), "remarks": thread.remarks, "posts": posts}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


# Bluesky


def test_a_bluesky_thread_is_title_note_and_links() -> None:
    assert texts(on_bluesky(draft(code_url="https://example.org/code"))) == [
        "Neurons That Know\n\nA. One, B. Two, C. Three et al.",
        "It finds neurons. It names them.",
        "Paper: arxiv.org/abs/2406.16254\nCode: example.org/code\n\n#interpretability #NLP",
    ]


def test_a_pick_without_note_has_no_empty_post() -> None:
    assert len(on_bluesky(draft(note="")).posts) == 2
    assert len(on_x(draft(note=" \n ")).posts) == 2


def test_the_first_post_alone_has_the_card() -> None:
    thread = on_bluesky(draft(abstract="We " + "study neurons " * 40))
    card = thread.posts[0].card
    assert [post.card for post in thread.posts[1:]] == [None, None]
    assert card is not None
    assert card == LinkCard(ABS, "Neurons That Know", card.description)
    assert card.description.startswith("We study neurons study")
    assert card.description.endswith(("study…", "neurons…"))
    assert 200 <= len(card.description) <= 300


def test_links_and_hashtags_are_marked_in_bytes() -> None:
    style = ThreadStyle(form=ThreadForm.TITLE, hashtags=("ünïcode",), langs=("de", "en"))
    last = on_bluesky(draft(code_url="https://example.org/" + "ö" * 60), style).posts[-1]
    assert marked(last) == [
        ("arxiv.org/abs/2406.16254", FacetKind.LINK, ABS),
        ("example.org/" + "ö" * 27 + "…", FacetKind.LINK, "https://example.org/" + "ö" * 60),
        ("#ünïcode", FacetKind.TAG, "ünïcode"),
    ]
    assert last.langs == ("de", "en")


def test_addresses_and_hashtags_of_the_note_are_marked_in_place() -> None:
    post = on_bluesky(
        draft(note="Ünlike https://example.org/a(b), (http://example.org). #NLP, not #1 or C# @one")
    ).posts[1]
    assert marked(post) == [
        ("https://example.org/a(b)", FacetKind.LINK, "https://example.org/a(b)"),
        ("http://example.org", FacetKind.LINK, "http://example.org"),
        ("#NLP", FacetKind.TAG, "NLP"),
    ]


def test_a_domain_in_the_note_is_a_link() -> None:
    thread = on_bluesky(draft(note="Code: github.com/acme/tool. See transformer-circuits.pub/2025 and README.md."))
    assert marked(thread.posts[1]) == [
        ("github.com/acme/tool", FacetKind.LINK, "https://github.com/acme/tool"),
        ("README.md", FacetKind.LINK, "https://README.md"),
    ]
    assert thread.remarks == (
        "Bluesky links names of files that could be addresses, as its own app does: README.md.",
        "Bluesky does not link transformer-circuits.pub/2025 in the note: write https:// before it.",
    )


def test_marks_never_overlap() -> None:
    post = on_bluesky(draft(note="See https://example.org/#NLP and #ßhttps://example.org now.")).posts[1]
    assert [kind for _, kind, _ in marked(post)] == [FacetKind.LINK, FacetKind.LINK]


def test_both_parts_of_an_address_too_long_for_a_post_lead_to_it() -> None:
    url = "https://example.org/" + "a" * 400
    first, second = on_bluesky(draft(note=url)).posts[1:-1]
    assert first.text + second.text == url
    assert {facet.value for facet in first.facets + second.facets} == {url}


def test_strangers_text_is_never_marked() -> None:
    pick = draft(title="https://evil.example #now @one", authors=("#two https://evil.example",), abstract="#three")
    assert on_bluesky(pick).posts[0].facets == ()


def test_the_authors_thread_is_quoted_when_it_was_found() -> None:
    thread = on_bluesky(draft(thread_url=QUOTED, quote=QUOTE))
    assert thread.posts[-1].quote == QUOTE
    assert texts(thread)[-1] == "Paper: arxiv.org/abs/2406.16254\n\n#interpretability #NLP"
    assert thread.remarks == ()


def test_the_authors_thread_is_linked_with_a_remark_when_it_was_not_found() -> None:
    thread = on_bluesky(draft(thread_url=QUOTED))
    assert thread.posts[-1].quote is None
    assert texts(thread)[-1].splitlines()[1] == "Authors' thread: bsky.app/profile/one.example/post/3kabc"
    assert thread.remarks == (f"The authors' thread could not be embedded, so it is linked: {QUOTED}",)


@pytest.mark.parametrize("url", ["https://x.com/one/status/1", "https://bsky.app/profile/one.example"])
def test_an_authors_thread_that_no_post_can_embed_is_linked_without_a_remark(url: str) -> None:
    thread = on_bluesky(draft(thread_url=url))
    assert marked(thread.posts[-1])[1] == (url.removeprefix("https://"), FacetKind.LINK, url)
    assert thread.remarks == ()


def test_hashtags_without_room_are_left_out_and_named() -> None:
    tags = tuple(letter * 64 for letter in "abcdefgh")
    thread = on_bluesky(draft(), ThreadStyle(form=ThreadForm.TITLE, hashtags=tags))
    assert texts(thread)[-1].split("\n\n")[1] == " ".join(f"#{tag}" for tag in tags[:4])
    assert thread.remarks == (f"The last post has no room for {', '.join(f'#{tag}' for tag in tags[4:])}.",)


def test_the_console_shows_what_bluesky_would() -> None:
    shown_there = compose(draft(), Platform.CONSOLE, style=STYLE, x_rules=XRules())
    assert shown_there == replace(on_bluesky(draft()), platform=Platform.CONSOLE)


# The first post on both platforms


def test_a_long_title_shortens_the_authors_first() -> None:
    names = tuple(f"{letter}. " + "Name" * 8 for letter in "ABCD")
    first = texts(on_bluesky(draft(title="Word " * 40 + "end", authors=names)))[0]
    assert first == "Word " * 40 + f"end\n\n{names[0]} et al."


def test_a_longer_title_is_cut_at_a_word() -> None:
    for thread in (on_bluesky(draft(title="Word, " * 170)), on_x(draft(title="Word, " * 170))):
        title, authors = thread.posts[0].text.split("\n\n")
        assert authors == "A. One et al."
        assert title.endswith(", Word…")
        assert thread.posts[0].length > thread.posts[0].limit - 8


def test_a_name_cannot_push_the_title_out() -> None:
    first = texts(on_bluesky(draft(title="Word " * 60, authors=("Name " * 60, "B. Two"))))[0]
    title, authors = first.split("\n\n")
    assert len(title) > 190
    assert authors == cut(authors, lambda text: len(text) <= 100)


def test_three_thousand_authors_are_one_line() -> None:
    names = tuple(f"Author {number}" for number in range(3435))
    assert texts(on_x(draft(authors=names)))[0] == "Neurons That Know\n\nAuthor 0, Author 1, Author 2 et al."


@pytest.mark.parametrize(
    ("title", "authors", "wanted"),
    [
        ("Two\n  lines\tof", ("A.\nOne", " ", ""), "Two lines of\n\nA. One"),
        ("a\u202eb\u200bc\x00d\u2066e\ufefff", ("A\u202e One",), "abcdef\n\nA One"),
        (" \u200b ", (), "arXiv:2406.16254"),
        ("\u200d", (), "arXiv:2406.16254"),
        ("👩‍👩‍👧‍👦 e\u0301", (), "👩‍👩‍👧‍👦 é"),
    ],
)
def test_strangers_text_is_one_visible_line(title: str, authors: tuple[str, ...], wanted: str) -> None:
    assert texts(on_bluesky(draft(title=title, authors=authors)))[0] == wanted


# X


def test_an_x_thread_has_its_links_in_the_last_post() -> None:
    thread = on_x(draft(code_url="https://example.org/code", thread_url=QUOTED, quote=QUOTE))
    assert texts(thread) == [
        "Neurons That Know\n\nA. One, B. Two, C. Three et al.",
        "It finds neurons. It names them.",
        f"Paper: {ABS}\nCode: https://example.org/code\nAuthors' thread: {QUOTED}\n\n#interpretability #NLP",
    ]
    assert thread.cost_usd == Decimal("0.230")


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://example.org/a_(b)?c=d,e", "https://example.org/a_(b)?c=d,e"),
        ("https://ja.example.org/wiki/人工知能", "https://ja.example.org/wiki/%E4%BA%BA%E5%B7%A5%E7%9F%A5%E8%83%BD"),
        ("https://ru.example.org/wiki/Нейрон", "https://ru.example.org/wiki/Нейрон"),
        ("https://example.org/a?b=ü#ö", "https://example.org/a?b=%C3%BC#%C3%B6"),
        ("https://example.org/%E4%BA%BA工", "https://example.org/%E4%BA%BA%E5%B7%A5"),
        ("https://example.org/(((a)))", "https://example.org/%28%28%28a%29%29%29"),
        ("http://例え.テスト/a", "http://xn--r8jz45g.xn--zckzah/a"),
    ],
)
def test_an_address_that_x_would_cut_is_encoded(url: str, written: str) -> None:
    assert find_urls(written)[0].text == written
    for thread in (on_x(draft(code_url=url)), on_x(draft(note=f"See {url} now."))):
        assert f": {written}\n" in thread.posts[-1].text
        assert thread.single is not None
        assert f": {written}\n" in thread.single.text
        assert thread.remarks == ()
    assert f": {written}\n" in on_x(draft(code_url=url), LinkPolicy.FIRST).posts[0].text


def test_an_address_that_x_cannot_link_is_named() -> None:
    thread = on_x(draft(code_url="https://localhost/a"))
    assert "Code: https://localhost/a\n" in thread.posts[-1].text
    assert thread.remarks == (
        "The post with the links has addresses that X does not link as a whole: https://localhost/a.",
        "The single post has addresses that X does not link as a whole: https://localhost/a.",
    )


def test_a_domain_in_the_note_is_no_link_on_x_and_the_preview_says_so() -> None:
    pick = draft(note="Code is at github.com/acme/tool, with a README.md.")
    thread = on_x(pick)
    assert [bool(find_urls(text)) for text in texts(thread)] == [False, False, True]
    said = "X does not link github.com/acme/tool in the note"
    assert thread.remarks == (f"{said}: write https:// before it to have it among the links too.",)
    assert on_x(pick, LinkPolicy.NONE).remarks == (f"{said}.",)


def test_an_x_thread_may_have_its_links_in_the_first_post() -> None:
    thread = on_x(draft(title="Word " * 100), LinkPolicy.FIRST)
    first, note = texts(thread)
    assert first.startswith("Word Word")
    assert first.endswith(f"Word…\n\nA. One et al.\n\nPaper: {ABS}\n\n#interpretability #NLP")
    assert note == "It finds neurons. It names them."
    assert thread.posts[0].length > 270
    assert thread.cost_usd == Decimal("0.215")


def test_an_x_thread_may_have_no_link_at_all() -> None:
    pick = draft(note="See https://example.org.", code_url="https://example.org/code", thread_url=QUOTED)
    thread = on_x(pick, LinkPolicy.NONE)
    assert texts(thread)[-1] == "arXiv:2406.16254\n\n#interpretability #NLP"
    assert [find_urls(text) for text in texts(thread)] == [(), (), ()]
    assert thread.cost_usd == Decimal("0.045")


def test_an_old_arxiv_id_is_no_link_either() -> None:
    thread = on_x(draft(arxiv_id=ArxivId("math.GT/0309136")), LinkPolicy.NONE)
    assert bare(texts(thread)[-1]) == "arXiv:math.GT/0309136#interpretability#NLP"
    assert find_urls(texts(thread)[-1]) == ()


def test_what_looks_like_a_link_to_x_is_none() -> None:
    pick = draft(
        title="@one README.md $TSLA #now",
        authors=("x.ai",),
        note="Read cs.CL, asp.net, @two, $x$ #NLP https://example.org",
    )
    first, note, last = texts(on_x(pick))
    assert [find_urls(text) for text in (first, note)] == [(), ()]
    assert bare(first) == "@oneREADME.md$TSLA#nowx.ai"
    assert "#now" not in first.split(" ")
    assert note.endswith("#NLP https://example.\u200aorg")
    assert last == f"Paper: {ABS}\nMentioned: https://example.org\n\n#interpretability #NLP"


def test_an_address_of_the_note_that_is_the_picks_own_is_not_named_twice() -> None:
    pick = draft(note=f"See {ABS} and https://example.org/code.", code_url="https://example.org/code")
    assert texts(on_x(pick))[-1].splitlines()[:3] == [f"Paper: {ABS}", "Code: https://example.org/code", ""]


def test_mentioned_addresses_without_room_are_left_out_and_named() -> None:
    urls = [f"https://example.org/{number}" for number in range(12)]
    thread = on_x(draft(note=" ".join(urls), code_url="https://example.org/code"))
    kept = [line for line in texts(thread)[-1].splitlines() if line.startswith("Mentioned")]
    left_out = ", ".join(f"Mentioned: {url}" for url in urls[len(kept) :])
    assert 0 < len(kept) < 12
    assert texts(thread)[-1].endswith("\n\n#interpretability #NLP")
    assert thread.remarks[0] == f"The post with the links has no room for {left_out}."
    assert thread.remarks[1].startswith("The single post has no room for Mentioned: ")


def test_a_link_of_any_length_counts_as_23_on_x() -> None:
    last = on_x(draft(code_url="https://example.org/" + "a" * 1000)).posts[-1]
    assert last.length == len("Paper: ") + 23 + len("\nCode: ") + 23 + len("\n\n#interpretability #NLP")


def test_prices_are_those_of_the_list() -> None:
    prices = [X_POST, X_POST_WITH_URL, X_DELETE, X_READ]
    assert prices == [Decimal(price) for price in ("0.015", "0.200", "0.010", "0.001")]
    assert x_price(["plain", "https://example.org", "cs.CL"]) == Decimal("0.415")


# Small parts


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("(https://example.org/a_(b))", ["https://example.org/a_(b)"]),
        ("https://example.org/a?b=c,d. Then", ["https://example.org/a?b=c,d"]),
        ("見https://example.org/a。次", ["https://example.org/a"]),
        ("“https://example.org”, https://example.org…", ["https://example.org", "https://example.org"]),
        ("https:// http://. xhttps://example.org ftp://example.org", []),
        ("https://example.org/a—and so on", ["https://example.org/a"]),
    ],
)
def test_addresses_are_found_without_the_punctuation_around_them(text: str, urls: list[str]) -> None:
    assert [found.url for found in find_links(text)] == urls
    assert [text[found.start : found.end] for found in find_links(text)] == urls


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://arxiv.org/abs/2406.16254", "arxiv.org/abs/2406.16254"),
        ("https://www.example.org/", "example.org"),
        ("http://example.org/" + "a" * 28, "example.org/" + "a" * 28),
        ("http://example.org/" + "a" * 29, "example.org/" + "a" * 27 + "…"),
    ],
)
def test_addresses_are_shown_short(url: str, wanted: str) -> None:
    assert shown(url) == wanted


# Whatever the input


PARTS = st.sampled_from(
    [
        "probe",
        "layers,",
        "works.",
        "e.g.",
        "Fig. 3",
        "cs.CL",
        "README.md",
        "x.ai",
        "$x$",
        "$TSLA",
        "@one",
        "#NLP",
        "https://example.org/a?b=c",
        "http://example.org/" + "long" * 90,
        "例え.jp",
        "github.com/acme/tool,",
        "https://ja.example.org/wiki/人工知能",
        "#3D",
        "ปัญญาประดิษฐ์" * 9,
        "然后。",
        "👩‍👩‍👧‍👦",
        "e\u0301\u0323",
        "z" + "\u0301" * 700,
        "\n\n",
        "\u202e",
        "ก" * 90,
        "x" * 300,
    ]
)
TEXTS = st.lists(PARTS, max_size=30).map(" ".join) | st.text(max_size=300)
URLS = st.none() | st.sampled_from(
    [QUOTED, "https://x.com/one/status/1", "https://example.org/" + "a" * 500, "http://例え.jp/ö"]
)
DRAFTS = st.builds(
    Draft,
    arxiv_id=st.sampled_from([ArxivId("2406.16254"), ArxivId("math.GT/0309136")]),
    title=TEXTS,
    abstract=TEXTS,
    authors=st.lists(TEXTS, max_size=4).map(tuple),
    note=TEXTS,
    thread_url=URLS,
    code_url=URLS,
)
STYLES = st.builds(
    ThreadStyle,
    form=st.just(ThreadForm.TITLE),
    hashtags=st.lists(st.sampled_from(["NLP", "a" * 64, "b" * 64, "ü" * 64, "文" * 64]), max_size=5, unique=True).map(
        tuple
    ),
    authors_shown=st.integers(1, 4),
)


@given(DRAFTS, STYLES)
@settings(deadline=None)
def test_every_bluesky_post_keeps_the_limits_and_its_marks_are_true(pick: Draft, style: ThreadStyle) -> None:
    thread = on_bluesky(pick, style)
    for post in thread.posts:
        assert post.text.strip()
        assert post.length == grapheme_length(post.text) <= post.limit == 300
        assert len(post.text.encode()) <= 3000
        assert _ordered(post.facets)
        for text, kind, value in marked(post):
            assert (
                text in (f"#{value}", f"＃{value}")
                if kind is FacetKind.TAG
                else text in (value, shown(value)) or text in value
            )
    assert bare("".join(texts(thread)[1:-1])) == bare(pick.note)


def _ordered(facets: tuple[Facet, ...]) -> bool:
    edges = [edge for facet in facets for edge in (facet.start, facet.end)]
    return edges == sorted(edges)


@given(DRAFTS, STYLES, st.sampled_from(LinkPolicy))
@settings(deadline=None, max_examples=60)
def test_every_x_post_keeps_the_limit_and_one_alone_has_links(
    pick: Draft, style: ThreadStyle, policy: LinkPolicy
) -> None:
    thread = on_x(pick, policy, style)
    for post in thread.posts:
        assert post.text.strip()
        assert post.length == weighted_length(post.text) <= post.limit == 280
        assert post.facets == ()
    holder = {LinkPolicy.FIRST: 0, LinkPolicy.LAST: len(thread.posts) - 1, LinkPolicy.NONE: -1}[policy]
    with_urls = [number for number, text in enumerate(texts(thread)) if find_urls(text)]
    assert with_urls == [holder] * (holder >= 0)
    note = texts(thread)[1:] if policy is LinkPolicy.FIRST else texts(thread)[1:-1]
    assert bare("".join(note)) == bare(pick.note)
    assert (thread.single is None) is (len(thread.posts) == 1)
    if thread.single is not None:
        assert thread.single.length == weighted_length(thread.single.text) <= 280
        assert bool(find_urls(thread.single.text)) is (policy is not LinkPolicy.NONE)


@given(DRAFTS, STYLES, st.sampled_from(LinkPolicy))
@settings(deadline=None, max_examples=40)
def test_every_post_of_the_other_form_keeps_the_limits_too(pick: Draft, style: ThreadStyle, policy: LinkPolicy) -> None:
    style = style.model_copy(update={"form": ThreadForm.HOOK})
    bluesky, x = on_bluesky(pick, style), on_x(pick, policy, style)
    for post in (*bluesky.posts, *x.posts, *([x.single] if x.single else [])):
        assert post.text.strip()
        assert post.length <= post.limit
        assert len(post.text.encode()) <= 3000
        assert _ordered(post.facets)
    for text, kind, value in (mark for post in bluesky.posts for mark in marked(post)):
        assert text in (*LABELS, f"#{value}", f"＃{value}") or (kind is FacetKind.LINK and text in value)
    assert all(post.length == weighted_length(post.text) for post in x.posts)
    holder = {LinkPolicy.FIRST: 0, LinkPolicy.LAST: len(x.posts) - 1, LinkPolicy.NONE: -1}[policy]
    assert [number for number, text in enumerate(texts(x)) if find_urls(text)] == [holder] * (holder >= 0)
    assert bare(pick.note) in bare("".join(texts(bluesky)))


def test_the_single_post_holds_a_short_note_whole_and_a_long_one_not_at_all() -> None:
    short = on_x(draft(note="Worth reading."))
    assert short.single is not None
    assert "Worth reading." in short.single.text
    assert "Paper: https://arxiv.org/abs/2406.16254" in short.single.text
    long = on_x(draft(note="Worth reading. " * 20))
    assert long.single is not None
    assert "Worth reading." not in long.single.text


@given(DRAFTS, STYLES, st.sampled_from(Platform))
@settings(deadline=None, max_examples=30)
def test_the_same_pick_gives_the_same_thread(pick: Draft, style: ThreadStyle, platform: Platform) -> None:
    once = compose(pick, platform, style=style, x_rules=XRules())
    assert compose(pick, platform, style=style, x_rules=XRules()) == once


@given(TEXTS, st.integers(1, 60))
@settings(deadline=None)
def test_a_cut_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    line = one_line(text)
    short = cut(line, lambda beginning: grapheme_length(beginning) <= limit)
    assert grapheme_length(short) <= limit
    assert line.startswith(short.removesuffix("…"))


# The curators' real notes


def real_picks(shared_data: Path) -> Iterator[Draft]:
    for line in (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines():
        pick = json.loads(line)
        if pick["note"]:
            links = {key: pick[key] for key in ("thread_url", "code_url")}
            yield draft(arxiv_id=ArxivId(pick["arxiv_id"]), title=pick["title"], note=pick["note"], **links)


def test_the_real_notes_become_good_threads(shared_data: Path) -> None:
    picks = list(real_picks(shared_data))
    assert len(picks) == 54
    for pick in picks:
        bluesky, x = on_bluesky(pick), on_x(pick)
        assert all(BLUESKY.fits(text) for text in texts(bluesky))
        assert all(weighted_length(text) <= 280 for text in texts(x))
        assert [bare("".join(texts(thread)[1:-1])) for thread in (bluesky, x)] == [bare(pick.note)] * 2
        assert [bool(find_urls(text)) for text in texts(x)] == [False] * (len(x.posts) - 1) + [True]
        assert len(texts(x)[-1].splitlines()) == len(find_urls(texts(x)[-1])) + 2
        assert min(len(texts(thread)[-2]) for thread in (bluesky, x)) >= 40
