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
