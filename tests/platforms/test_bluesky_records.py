"""Keys, content ids and records. The vectors come from a real server and from the reference implementation."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.posts import Facet, FacetKind, LinkCard, Post, Quote
from bot.platforms.bluesky.records import (
    RecordRef,
    ThreadBatch,
    microseconds,
    post_record,
    public_url,
    record_cid,
    thread_batch,
    thread_keys,
    tid,
)

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
CARD = LinkCard(url="https://arxiv.org/abs/2412.11965", title="A title", description="")
QUOTE = Quote(url="https://bsky.app/profile/a.test/post/k", uri="at://did:plc:a/app.bsky.feed.post/k", cid="bafyquote")
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def post(text: str = "Some words", **more: object) -> Post:
    return Post(text=text, length=len(text), limit=300, **more)  # type: ignore[arg-type]


def test_a_key_is_written_like_the_reference_implementation_does() -> None:
    assert tid(1734343200123456, clock=5) == "3ldg2z7tem227"
    assert tid(0, clock=0) == "2" * 13


moments = st.integers(min_value=0, max_value=2**53 - 1)
clocks = st.integers(min_value=0, max_value=1023)


@given(moments, moments, clocks)
def test_keys_have_the_allowed_form_and_sort_by_time(first: int, second: int, clock: int) -> None:
    keys = [tid(first, clock=clock), tid(second, clock=clock)]
    assert all(TID.fullmatch(key) for key in keys)
    assert sorted(keys) == [tid(at, clock=clock) for at in sorted([first, second])]


def test_microseconds_are_whole_and_know_the_time_zone() -> None:
    moment = datetime(2024, 12, 16, 11, 0, 0, 123457, tzinfo=timezone(timedelta(hours=1)))
    assert microseconds(moment) == 1734343200123457


@given(st.text(max_size=40))
def test_the_keys_of_a_thread_are_made_of_its_name_alone_and_grow(name: str) -> None:
    keys = thread_keys(name, range(30))
    assert keys == sorted(set(keys))
    assert all(TID.fullmatch(key) for key in keys)
    assert thread_keys(name, [7, 8]) == keys[7:9]


def test_the_keys_of_two_threads_have_nothing_in_common() -> None:
    papers = [f"2412.{number:05}" for number in range(2000)]
    names = [*papers, *(f"{name} after 1" for name in papers), *(f"cs/9912{number:03}" for number in range(900))]
    keys = [key for name in names for key in thread_keys(name, range(25))]
    assert len(set(keys)) == len(keys)
    assert thread_keys("2412.11965", [0]) == ["3lchnx4utrwfx"]  # once given, for good


def test_the_keys_of_papers_sort_as_the_papers_do() -> None:
    names = ["cs/9912001", "cs/0001002", "0704.0001", "2411.99999", "2412.00001", "2412.11965", "2412.11966"]
    firsts = [thread_keys(name, [0])[0] for name in names]
    assert firsts == sorted(firsts)


def test_a_content_id_is_the_one_that_the_server_gives() -> None:
    record = {"$type": "app.bsky.feed.post", "text": "Größe 🧠", "createdAt": "2024-12-16T10:00:00.000Z"}
    assert record_cid(record) == "bafyreiao5b7eis3mvgcuhql5ap4ge3v6kfefsa35nptbv2knzujm4docf4"


def test_a_content_id_does_not_depend_on_the_order_of_keys() -> None:
    record = post_record(post(card=CARD), created_at=NOW)
    assert record_cid(dict(reversed(record.items()))) == record_cid(record)


def test_a_bare_post_holds_nothing_empty() -> None:
    assert post_record(post(), created_at=NOW) == {
        "$type": "app.bsky.feed.post",
        "text": "Some words",
        "createdAt": "2024-12-16T10:00:00.000Z",
    }


def test_the_date_is_written_in_utc() -> None:
    eastern = NOW.astimezone(timezone(timedelta(hours=-5)))
    assert post_record(post(), created_at=eastern)["createdAt"] == "2024-12-16T10:00:00.000Z"


def test_facets_become_links_and_tags() -> None:
    facets = (
        Facet(start=0, end=4, kind=FacetKind.LINK, value="https://example.org/"),
        Facet(start=5, end=10, kind=FacetKind.TAG, value="words"),
    )
    written = post_record(post(facets=facets), created_at=NOW)["facets"]
    index = "app.bsky.richtext.facet#byteSlice"
    assert written == [
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"$type": index, "byteStart": 0, "byteEnd": 4},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://example.org/"}],
        },
        {
            "$type": "app.bsky.richtext.facet",
            "index": {"$type": index, "byteStart": 5, "byteEnd": 10},
            "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "words"}],
        },
    ]


@pytest.mark.parametrize(
    ("card", "quote", "kind"),
    [
        (CARD, None, "app.bsky.embed.external"),
        (None, QUOTE, "app.bsky.embed.record"),
        (CARD, QUOTE, "app.bsky.embed.recordWithMedia"),
    ],
)
def test_card_and_quote_choose_the_embed(card: LinkCard | None, quote: Quote | None, kind: str) -> None:
    embed = post_record(post(card=card, quote=quote), created_at=NOW)["embed"]
    assert isinstance(embed, dict)
    assert embed["$type"] == kind


def test_a_batch_survives_the_trip_through_json() -> None:
    batch = thread_batch(
        [post("Größe 🧠", card=CARD), post("Second", quote=QUOTE)],
        host="https://pds.test",
        repo="did:plc:a",
        keys=["3ldg2z7tem227", "3ldg2z7tem327"],
        now=NOW,
    )
    again = ThreadBatch.model_validate(json.loads(json.dumps(batch.model_dump(mode="json"), sort_keys=True)))
    assert again == batch
    assert [record_cid(write["value"]) for write in again.writes] == [name.cid for name in batch.posts]  # type: ignore[arg-type]


def test_a_batch_continues_what_is_out() -> None:
    out = [RecordRef("at://did:plc:a/app.bsky.feed.post/1", "cid1"), RecordRef("at://x/app.bsky.feed.post/2", "cid2")]
    batch = thread_batch([post()], host="", repo="did:plc:a", keys=["3ldg2z7tem227"], now=NOW, after=out)
    (write,) = batch.writes
    assert isinstance(write["value"], dict)
    assert write["value"]["createdAt"] == "2024-12-16T10:00:00.002Z"
    assert write["value"]["reply"]["root"]["cid"] == "cid1"
    assert write["value"]["reply"]["parent"]["cid"] == "cid2"


def test_every_post_needs_a_key() -> None:
    with pytest.raises(ValueError, match="shorter"):
        thread_batch([post(), post()], host="", repo="did:plc:a", keys=["3ldg2z7tem227"], now=NOW)


def test_the_public_page_shows_the_profile() -> None:
    uri = "at://did:plc:a/app.bsky.feed.post/3ldg2z7tem227"
    assert public_url(uri, profile="picks.test") == "https://bsky.app/profile/picks.test/post/3ldg2z7tem227"
