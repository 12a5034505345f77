"""The page that shows a thread as a follower sees it: marks by bytes, cards, quotes, and no markup of strangers."""

from typing import Any

import pytest

import follower_page
from archive_site import Seen
from follower_page import segments

AUTHOR = {"handle": "picks.test", "displayName": "<b>Picks</b>", "labels": [{"val": "bot"}]}
LINK = "app.bsky.richtext.facet#link"


def facet(start: int, end: int, **feature: str) -> dict[str, Any]:
    return {"index": {"byteStart": start, "byteEnd": end}, "features": [{"$type": LINK, **feature}]}


def post(uri: str, text: str, *, parent: str | None = None, **more: Any) -> dict[str, Any]:
    record: dict[str, Any] = {"text": text, "facets": more.pop("facets", [])}
    if parent:
        record["reply"] = {"parent": {"uri": parent}}
    return {"uri": uri, "author": AUTHOR, "record": record, **more}


def as_it_is(url: str) -> str:
    return url


@pytest.mark.parametrize(
    ("text", "marks", "pieces"),
    [
        ("plain", [], [("plain", False)]),
        ("Größe 🧠 here", [(13, 17)], [("Größe 🧠 ", False), ("here", True)]),
        ("🧠", [(0, 4)], [("🧠", True)]),
        ("one two", [(4, 7), (0, 3)], [("one", True), (" ", False), ("two", True)]),
        ("one two", [(0, 5), (4, 7)], [("one t", True), ("wo", False)]),
        ("one", [(2, 9)], [("one", False)]),
        ("one", [(2, 1)], [("one", False)]),
    ],
    ids=["none", "beyond ASCII", "all of it", "out of order", "overlapping", "beyond the end", "reversed"],
)
def test_marks_cover_the_bytes_that_they_name(
    text: str, marks: list[tuple[int, int]], pieces: list[tuple[str, bool]]
) -> None:
    facets = [facet(start, end, uri="https://example.org/") for start, end in marks]
    assert [(words, bool(mark)) for words, mark in segments(text, facets)] == pieces


def test_a_page_links_only_what_leads_somewhere_and_takes_no_markup() -> None:
    marks = [
        facet(0, 3, uri="https://example.org/?a=1&b=2"),
        facet(4, 7, uri="javascript:alert(1)"),
        {"index": {"byteStart": 8, "byteEnd": 12}, "features": [{"$type": f"{LINK[:-4]}tag", "tag": "tag"}]},
        {"index": {"byteStart": 13, "byteEnd": 17}, "features": [{"$type": f"{LINK[:-4]}mention", "did": "did:plc:x"}]},
    ]
    view = {"post": post("a", "one two #tag @you <script>", facets=marks)}
    page = _read(follower_page.page("<i>", {"<u>": {"<s>": follower_page.thread(view, pictures=as_it_is)}}))
    assert list(page.links) == [
        "https://example.org/?a=1&b=2",
        "https://bsky.app/hashtag/tag",
        "https://bsky.app/profile/did:plc:x",
    ]
    assert {name for name, _ in page.elements} & {"script", "i", "u", "s"} == set()
    assert "one two #tag @you <script>" in page.text
    assert "<b>Picks</b>" in page.text


def test_card_and_quote_stand_below_the_words() -> None:
    card = {"uri": "https://arxiv.org/abs/1", "title": "A Title", "description": "About", "thumb": "thumb.png"}
    quoted = {"author": AUTHOR, "value": {"text": "Theirs"}}
    embed = {
        "$type": "app.bsky.embed.recordWithMedia#view",
        "media": {"$type": "app.bsky.embed.external#view", "external": card},
        "record": {"record": quoted},
    }
    page = _read(follower_page.thread({"post": post("a", "Ours", embed=embed)}, pictures=lambda url: f"kept/{url}"))
    assert list(page.links) == ["https://arxiv.org/abs/1", "kept/thumb.png"]
    places = [page.text.index(words) for words in ("Ours", "A Title", "arxiv.org", "Theirs")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("parents", "shown"),
    [
        ([], ["post 1"]),
        (["1"], ["post 1", "post 2"]),
        (["1", "2"], ["post 1", "post 2", "post 3"]),
        (["1", "2", "3"], ["post 1", "View full thread", "post 3", "post 4"]),
    ],
    ids=["one", "two", "three", "four"],
)
def test_a_timeline_hides_the_middle_of_a_thread_of_more_than_three_posts(parents: list[str], shown: list[str]) -> None:
    posts = [post("1", "post 1"), *(post(str(int(to) + 1), f"post {int(to) + 1}", parent=to) for to in parents)]
    item: dict[str, Any] = {"post": posts[-1]}
    if len(posts) > 1:
        item["reply"] = {"root": posts[0], "parent": posts[-2]}
    text = _read(follower_page.timeline(item, pictures=as_it_is)).text
    order = ["post 1", "View full thread", "post 2", "post 3", "post 4"]
    assert [words for words in order if words in text] == shown


def _read(page: str) -> Seen:
    seen = Seen()
    seen.feed(page)
    seen.close()
    return seen
