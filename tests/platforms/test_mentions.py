"""A mention stands in the line of authors, for whom it was asked; whatever else looks like one stays plain text."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.channels import Channel
from bot.domain.papers import ArxivId
from bot.domain.people import Mention
from bot.domain.posts import Facet, FacetKind, Picture, Platform, Thread
from bot.platforms.mastodon.text import length
from bot.platforms.registry import TRAITS
from bot.platforms.traits import Words
from bot.platforms.x.text import find_mentions, weighted_length
from bot.threads.draft import Draft
from samples import channel

ANA = Mention("Ána Éxample", "ana.example.com", "did:plc:" + "a" * 24)
ANA_ON_X = Mention("Ána Éxample", "ana_ex")
DRAFT = Draft(
    arxiv_id=ArxivId("2602.00001"),
    title="Ána Éxample, B. Two (@victim) et al.",
    abstract="An abstract by @victim.",
    authors=("Ána Éxample", "B. Two (@victim)", "C. Three", "D. Four"),
    note="A note of @victim, and of Ána Éxample.",
)


def _compose(platform: Platform, *people: Mention, draft: Draft = DRAFT, **thread: Any) -> Thread:
    mentioning, wanted = TRAITS[platform].mentioning, _channel(**thread)
    assert mentioning is not None
    return mentioning.compose(draft, wanted, people)


def _channel(**thread: Any) -> Channel:
    return channel(thread={"authors_shown": 3, **thread})


def _mentions(thread: Thread) -> list[Facet]:
    posts = (*thread.posts, *(post.instead for post in thread.posts if post.instead))
    return [facet for post in posts for facet in post.facets if facet.kind is FacetKind.MENTION]


def test_on_bluesky_the_name_in_the_line_of_authors_leads_to_the_account_and_no_word_changes() -> None:
    thread = _compose(Platform.BLUESKY, ANA)
    plain = TRAITS[Platform.BLUESKY].compose(DRAFT, _channel())
    [facet] = _mentions(thread)
    first = thread.posts[0]
    assert first.text.encode()[facet.start : facet.end].decode() == "Ána Éxample"
    assert facet.start > len(DRAFT.title.encode())
    assert facet.value == ANA.account
    assert [post.text for post in thread.posts] == [post.text for post in plain.posts]
    assert thread.remarks[-1] == "Mentions Ána Éxample: @ana.example.com."
    assert TRAITS[Platform.BLUESKY].mentions(first) == ("Ána Éxample",)
    assert thread.fingerprint != plain.fingerprint


def test_the_form_without_the_picture_mentions_the_same_people() -> None:
    draft = replace(DRAFT, picture=Picture("b" * 59, "image/png", 9, 10, 10))
    thread = _compose(Platform.BLUESKY, ANA, draft=draft)
    assert len(_mentions(thread)) == 2


def test_on_x_the_handle_stands_behind_the_name_and_all_other_signs_are_defused() -> None:
    long = replace(DRAFT, note=" ".join([DRAFT.note] * 8))
    thread = _compose(Platform.X, ANA_ON_X, draft=long)
    assert thread.posts[0].text.splitlines()[1].startswith("Ána Éxample (@ana_ex), B. Two")
    assert thread.single is not None
    assert "(@ana_ex)" in thread.single.text
    for post in (*thread.posts, thread.single):
        assert {span.text for span in find_mentions(post.text)} <= {"@ana_ex"}
        assert post.length == weighted_length(post.text) <= 280
    assert TRAITS[Platform.X].mentions(thread.posts[0]) == ["@ana_ex"]
    assert thread.remarks[-1] == "Mentions Ána Éxample: @ana_ex."


def test_on_mastodon_the_whole_handle_stands_behind_the_name_and_all_other_signs_are_defused() -> None:
    ana = Mention("Ána Éxample", "ana@social.example")
    traits, thread = TRAITS[Platform.MASTODON], _compose(Platform.MASTODON, ana)
    assert thread.posts[0].text.splitlines()[1].startswith("Ána Éxample (@ana@social.example), B. Two")
    assert [name for post in thread.posts for name in traits.mentions(post)] == ["@ana@social.example"]
    bare = thread.posts[0].text.replace("@ana@social.example", "@ana")
    assert thread.posts[0].length == length(bare, per_address=23)
    assert thread.remarks[-1] == "Mentions Ána Éxample: @ana@social.example."


def test_a_strangers_handle_is_marked_as_altered_with_the_reason() -> None:
    text = TRAITS[Platform.X].compose(DRAFT, _channel()).posts[0].text
    [first, *_] = TRAITS[Platform.X].altered(text, Words())
    assert (first.was, first.why) == (
        "@victim",
        "it would mention somebody; a hair space behind the sign keeps it from that",
    )


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X, Platform.MASTODON])
def test_who_is_not_in_the_line_of_authors_is_not_mentioned_and_that_is_said(platform: Platform) -> None:
    hidden = Mention("D. Four", "four.example.com", "did:plc:" + "d" * 24)
    thread = _compose(platform, hidden)
    assert _mentions(thread) == []
    assert replace(thread, remarks=()) == replace(TRAITS[platform].compose(DRAFT, _channel()), remarks=())
    assert thread.remarks[-1] == (
        "Does not mention D. Four (@four.example.com): the line of authors does not show the name, or is full."
    )


def test_on_x_a_full_line_mentions_as_many_as_it_has_room_for() -> None:
    title = "An Exceedingly Long Title " * 8
    people = [Mention(f"Person Number {word}", f"person_{word}") for word in ("one", "two", "three")]
    draft = replace(DRAFT, title=title, authors=tuple(item.author for item in people))
    thread = _compose(Platform.X, *people, draft=draft)
    made = TRAITS[Platform.X].mentions(thread.posts[0])
    assert 0 < len(made) < 3
    assert [remark.startswith("Mentions") for remark in thread.remarks[-3:]] == [True, *[False] * 2][:3]
    assert thread.posts[0].length <= 280


def test_the_console_mentions_nobody() -> None:
    assert TRAITS[Platform.CONSOLE].mentioning is None
