"""What Mastodon makes of a text: its length there, and that strangers' words link, mention and tag nothing."""

import pytest

from bot.domain.posts import Platform
from bot.platforms.mastodon.text import length, unlink, unmention
from bot.platforms.registry import TRAITS
from bot.platforms.traits import Words
from mastodon_account import Accepted, as_html, count, utc_now

TRAITS_THERE = TRAITS[Platform.MASTODON]
LONG = "https://example.org/" + "a" * 200


def in_the_server(text: str) -> str:
    return as_html(text, "https://mastodon.example")


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("four", 4),
        ("e\u0301", 1),
        ("👩‍👩‍👧‍👦", 1),
        (LONG, 23),
        (f"See {LONG}, and http://a.de.", 4 + 23 + 6 + 23 + 1),
        ("https://a.de", 23),
        ("arxiv.org/abs/2412.11965 is no link", 35),
        ("hi @ada@mastodon.example!", 8),
        ("ada@example.org", 15),
    ],
)
def test_a_text_is_as_long_as_the_server_says(text: str, counted: int) -> None:
    assert length(text, per_address=23) == counted == count(text, "", per_url=23)


def test_an_address_that_the_server_may_not_know_counts_whole() -> None:
    unknown = "https://example.notatopleveldomain/" + "a" * 50
    assert length(unknown, per_address=23) == len(unknown)


def test_a_server_may_count_addresses_otherwise() -> None:
    assert length(f"See {LONG}", per_address=40) == 44


@pytest.mark.parametrize(
    "text",
    [
        "by @ada and @ada@mastodon.example",
        "see https://evil.example/x and http://evil.example",
        "a #hashtag and ＃another",
        "gemini://evil.example xmpp:me@evil.example magnet:?xt=1",
        "an :emoji: and :another_one:",
        "见https://evil.example and _http://evil.example",
        "behind a joiner \u200d@ada or \u200c@ada@mastodon.example",
        "behind a raised digit \u00b2#hashtag \u00b2@ada \u00b2:emoji:",
        "behind a letter that older servers take for none: \u00e9#hashtag",
    ],
)
def test_strangers_words_link_mention_and_tag_nothing(text: str) -> None:
    posted = unlink(text)
    assert "<a " not in in_the_server(posted)
    assert ":emoji:" not in posted
    assert posted.replace("\u200a", "") == text
    assert [item.was for item in TRAITS_THERE.altered(posted, Words())] != []


@pytest.mark.parametrize("text", ["3:2 of x@y, C# and a/b#c", "mail ada@example.org at 10:30:45", "a = b@c"])
def test_words_that_are_nothing_to_the_server_stay_as_they_are(text: str) -> None:
    assert unlink(text) == text
    assert list(TRAITS_THERE.altered(text, Words())) == []


def test_the_curators_links_and_hashtags_are_meant_and_mentions_are_not() -> None:
    posted = unmention("See https://example.org/x by @ada #nlp")
    shown = in_the_server(posted)
    assert shown.count("<a ") == 2
    post = Accepted("1", posted, None, "public", "en", "key", utc_now())
    assert post.mentions == []


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://mastodon.example/@picks/109876543", "109876543"),
        ("https://mastodon.example/@picks/109876543?x=1", "109876543"),
        ("https://mastodon.example/users/picks/statuses/109876543", "109876543"),
        ("https://mastodon.example/@picks", None),
        ("https://x.com/picks/status/109876543", None),
    ],
)
def test_a_post_is_read_from_its_address(address: str, number: str | None) -> None:
    assert TRAITS_THERE.named_by_address is not None
    found = TRAITS_THERE.named_by_address.read(address)
    assert (found.remote_id if found else None) == number
    assert TRAITS_THERE.has_post(address) is (number is not None)
