"""A mention is made where the channel wants it and the preview shows it; the approval freezes what was shown."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from bot.curation.context import Account, Acquaintances, Context, Edits
from bot.curation.decisions import approve
from bot.curation.drafts import compose_threads
from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, TransientError
from bot.domain.people import Person
from bot.domain.posts import FacetKind, Platform, Post
from bot.intake.ingest import Capture, ingest
from bot.interfaces.views.threads import frozen_threads
from bot.platforms.registry import TRAITS
from bot.store.database import Database
from publishing_stage import no_quote
from samples import NOON, announcement, batch, channel

PAPER = "2602.00001"
DID = "did:plc:" + "a" * 24
ANA = Person("Ana Example", {"bluesky": "ana.example.com", "x": "ana_ex"})
WANTED = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC"}, thread={"mentions": True})
SILENT = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC"})
Make = Callable[..., Context]


@pytest.fixture
def make(database: Database) -> Make:
    paper = announcement(PAPER, "Probing, by @victim", authors=("Ana Example", "B. Two"), abstract="@victim")
    ingest(database, [Capture(batch(paper), "test")], channels=[WANTED], now=NOON)

    def context(people: Sequence[Person] = (ANA,), resolve: Callable[[str], str] = lambda _: DID) -> Context:
        accounts = dict.fromkeys(WANTED.posting.platforms, Account("an account"))
        asked = Acquaintances(lambda: people, resolve)
        return Context(database, WANTED, accounts, no_quote, Actor("ada", "test"), NOON, acquaintances=asked)

    return context


def _mentions(platform: Platform, posts: Sequence[Post]) -> list[str]:
    return [word for post in posts for word in TRAITS[platform].mentions(post)]


def test_what_the_preview_shows_is_what_is_frozen(make: Make, database: Database) -> None:
    shown = compose_threads(make(), PAPER, Edits(note="A note for @victim."))
    assert _mentions(Platform.BLUESKY, shown[Platform.BLUESKY].posts) == ["Ana Example"]
    assert _mentions(Platform.X, shown[Platform.X].posts) == ["@ana_ex"]
    approve(make(), PAPER, Edits(note="A note for @victim."))
    frozen = frozen_threads(database, WANTED, PAPER)
    for platform, thread in shown.items():
        assert [post.text for post in frozen[platform].posts] == [post.text for post in thread.posts]
        assert frozen[platform].remarks == thread.remarks
        told = frozen[platform].posts[0].mentioning
        assert told is not None
        assert list(told.mentions) == _mentions(platform, thread.posts)
    [facet] = [item for item in shown[Platform.BLUESKY].posts[0].facets if item.kind is FacetKind.MENTION]
    assert facet.value == DID


def test_where_the_channel_wants_none_nobody_is_asked_and_nobody_mentioned(make: Make) -> None:
    def never(handle: str) -> str:
        raise AssertionError(handle)

    context = replace(make(resolve=never), channel=SILENT)
    for platform, thread in compose_threads(context, PAPER, Edits(note="@ana_ex")).items():
        assert _mentions(platform, thread.posts) == []
        assert not any("ention" in remark for remark in thread.remarks)


@pytest.mark.parametrize(
    "error", [PermanentError("example.org knows nobody of that name"), TransientError("no answer")]
)
def test_a_handle_that_does_not_resolve_goes_out_as_plain_text_and_the_preview_says_so(
    make: Make, error: Exception
) -> None:
    def fails(handle: str) -> str:
        raise error

    shown = compose_threads(make(resolve=fails), PAPER, Edits())
    bluesky = shown[Platform.BLUESKY]
    assert _mentions(Platform.BLUESKY, bluesky.posts) == []
    assert "Ana Example" in bluesky.posts[0].text
    assert bluesky.remarks[-1] == (
        f"Does not mention Ana Example: @ana.example.com of people.toml does not resolve, {error}."
    )
    assert _mentions(Platform.X, shown[Platform.X].posts) == ["@ana_ex"]


def test_an_ambiguous_name_is_said_and_not_mentioned(make: Make) -> None:
    context = make(people=[Person("Ana M. Example", {"x": "other"})])
    for platform, thread in compose_threads(context, PAPER, Edits()).items():
        assert _mentions(platform, thread.posts) == []
        assert thread.remarks[-1].startswith("Does not mention Ana Example, who may be Ana M. Example of people.toml: ")


def test_strangers_words_never_mention_anybody(make: Make) -> None:
    for platform, thread in compose_threads(make(people=()), PAPER, Edits(note="See @victim.")).items():
        assert _mentions(platform, thread.posts) == []
