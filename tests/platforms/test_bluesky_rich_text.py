"""Links and hashtags of a note, beside those that the SDK's port of Bluesky's own app finds."""

import pytest
from atproto_client import models
from atproto_client.utils.facet_detection import detect_facets
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.posts import FacetKind
from bot.platforms.bluesky.rich_text import marks_of


def tags(text: str) -> list[str]:
    return [mark.value for mark in marks_of(text) if mark.kind is FacetKind.TAG]


def links(text: str) -> list[tuple[str, str]]:
    return [(text[mark.start : mark.end], mark.value) for mark in marks_of(text) if mark.kind is FacetKind.LINK]


def found_by_the_app(text: str, kind: type) -> list[tuple[int, int, str]]:
    facets = [facet for facet in detect_facets(text) if isinstance(facet.features[0], kind)]
    values = [facet.features[0].model_dump() for facet in facets]
    return [
        (facet.index.byte_start, facet.index.byte_end, value.get("tag") or value["uri"])
        for facet, value in zip(facets, values, strict=True)
        if not value.get("tag", "").startswith("$")
    ]


def ours(text: str, kind: FacetKind) -> list[tuple[int, int, str]]:
    return [
        (len(text[: mark.start].encode()), len(text[: mark.end].encode()), mark.value)
        for mark in marks_of(text)
        if mark.kind is kind
    ]


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("#3D and #100DaysOfCode, but #1 is a number", ["3D", "100DaysOfCode"]),
        ("#GPT-4 #GPT-4. #Llama-3.1-8B! #a_b #_a", ["GPT-4", "GPT-4", "Llama-3.1-8B", "a_b", "_a"]),
        ("#C++ and #C#", ["C++", "C"]),
        ("＃日本語 #🦋 #butter🦋fly #n0n3s@n5e!", ["日本語", "🦋", "butter🦋fly", "n0n3s@n5e"]),
        ("#double#rainbow ##hashash", ["double#rainbow", "#hashash"]),
        ("(#a) a#b /#c #️⃣ # #? #1? #\u00ad", []),
        ("#O'Reilly #O’Reilly #NLP's", []),
        ("'quoted #NLP'", ["NLP"]),
        ("#" + "a" * 64 + " #" + "b" * 65 + " #" + ("a" + "\u0301" * 9) * 64, ["a" * 64]),
    ],
)
def test_hashtags_are_those_of_the_app_but_for_apostrophes(note: str, wanted: list[str]) -> None:
    assert tags(note) == wanted


TAG_PIECES = st.sampled_from(
    ["#", "＃", "a", "Ab", "1", "é", "日", "🦋", "\ufe0f", "_", "-", ".", "!", ")", "(", " ", "\n"]
)
TAG_TEXTS = st.lists(TAG_PIECES, max_size=25).map("".join)


@given(TAG_TEXTS)
@example("#1a #a1 #1.a, ##")
def test_any_hashtags_are_those_of_the_app(text: str) -> None:
    assert ours(text, FacetKind.TAG) == found_by_the_app(text, models.AppBskyRichtextFacet.Tag)


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("It is at github.com/acme/tool.", [("github.com/acme/tool", "https://github.com/acme/tool")]),
        ("(GitHub.com/acme)", [("GitHub.com/acme", "https://GitHub.com/acme")]),
        ("README.md", [("README.md", "https://README.md")]),
        ("foo.com’s", [("foo.com", "https://foo.com")]),
        ("cs.CL, e.g. one@example.org, Node.js or transformer-circuits.pub/2025", []),
        ("see:github.com/a “github.com/b”", []),
        ("#tag,https://example.org", [("https://example.org", "https://example.org")]),
    ],
)
def test_a_domain_is_a_link_where_the_app_makes_one(note: str, wanted: list[tuple[str, str]]) -> None:
    assert links(note) == wanted
    assert tags(note) == []


LINK_PIECES = st.sampled_from(
    [
        "github.com",
        "x.ai",
        "cs.CL",
        "a.b.org",
        "1.ai",
        "a-b.com",
        "e.g.",
        "README.md",
        "/a",
        "?b=c",
        "#d",
        " ",
        "\n",
        " (",
    ]
)


@given(st.lists(LINK_PIECES, max_size=12).map(" ".join) | st.lists(LINK_PIECES, max_size=4).map("".join))
def test_any_domain_is_a_link_where_the_app_makes_one(text: str) -> None:
    app = {start for start, _, _ in found_by_the_app(text, models.AppBskyRichtextFacet.Link)}
    assert {start for start, _, _ in ours(text, FacetKind.LINK)} <= app
