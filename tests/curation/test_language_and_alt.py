"""What is frozen says in which language it is, and what its picture shows."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.curation import decisions, drafts
from bot.curation.context import Edits
from bot.domain.channel_sections import ThreadForm, ThreadStyle
from bot.domain.papers import ArxivId
from bot.domain.posts import Platform, Thread
from bot.store.database import Database
from bot.threads.cards.alternative import alt_text
from bot.threads.cards.words import Card
from bot.threads.draft import Draft
from publishing_stage import PAPER, approved_stage

GERMAN = "Die Arbeit zeigt, was die Neuronen wissen, und wie sie es sagen."


@pytest.fixture
def composed(sqlite_database: Database) -> Callable[..., dict[Platform, Thread]]:
    """Return what composes the pick's threads with a note, in a style, with its card drawn."""
    stage = approved_stage(sqlite_database)

    def compose(note: str, style: ThreadStyle) -> dict[Platform, Thread]:
        channel = stage.channel.model_copy(update={"thread": style})
        context = replace(stage.context(), channel=channel, draw=lambda words: Card(words.note.encode()))
        return drafts.compose_threads(context, PAPER, Edits(note=note))

    return compose


@pytest.mark.parametrize("form", ThreadForm)
def test_every_post_is_in_the_language_of_the_note(
    composed: Callable[..., dict[Platform, Thread]], form: ThreadForm
) -> None:
    style = ThreadStyle(form=form)
    for threads, wanted in ((composed(GERMAN, style), ("de",)), (composed("Worth reading.", style), ("en",))):
        assert {post.langs for thread in threads.values() for post in thread.posts} == {wanted}


def test_a_language_that_is_not_the_channels_is_said_where_posts_bear_one(
    composed: Callable[..., dict[Platform, Thread]],
) -> None:
    said = "The posts are marked as being in the language of the note, de."
    german, english = (composed(note, ThreadStyle()) for note in (GERMAN, "Worth reading."))
    assert {platform for platform, thread in german.items() if said in thread.remarks} == set(german) - {Platform.X}
    assert not [remark for thread in english.values() for remark in thread.remarks if "language" in remark]


def test_a_channel_in_two_languages_keeps_both(composed: Callable[..., dict[Platform, Thread]]) -> None:
    threads = composed(GERMAN, ThreadStyle(langs=("en", "de-CH")))
    assert {post.langs for thread in threads.values() for post in thread.posts} == {("en", "de-CH")}


def test_the_picture_s_words_have_one_full_stop_behind_names_that_end_with_one() -> None:
    draft = Draft(arxiv_id=ArxivId("2602.00001"), title="Probing", abstract="", authors=("A. One",) * 4, note="It is.")
    assert alt_text(draft) == "Probing, by A. One, A. One, A. One et al. It is."
    assert alt_text(replace(draft, title="Is it?", authors=())) == "Is it? It is."


def test_the_picture_says_in_words_what_it_shows(composed: Callable[..., dict[Platform, Thread]]) -> None:
    picture = composed("It is   worth\nreading.", ThreadStyle())[Platform.BLUESKY].posts[0].picture
    assert picture is not None
    assert picture.alt == "Probing, by A. One, B. Two. It is worth reading."
    long = composed("word " * 900, ThreadStyle(note_limit=5000))[Platform.BLUESKY].posts[0].picture
    assert long is not None
    assert long.alt.endswith(" word…")
    assert 990 < len(long.alt) <= 1000


def test_a_change_of_the_form_reaches_only_what_is_approved_anew(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    hook = stage.approved(Platform.X)
    title = stage.channel.thread.model_copy(update={"form": ThreadForm.TITLE})
    stage.channel = stage.channel.model_copy(update={"thread": title})
    assert stage.approved(Platform.X) == hook
    assert "This is sentence number 1," in hook[0]
    decisions.note(stage.context(), PAPER, Edits(note="Other words."))
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    assert stage.approved(Platform.X)[1] == "Other words."
