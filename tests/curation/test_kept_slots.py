"""A slot survives a change of the words, whether a person chose it or not; one that cannot stay is said."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

import json_views as views
from bot.curation.context import Account, Context, Edits
from bot.curation.decisions import approve, hold, note, reject, undo
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.actors import Actor
from bot.domain.papers import AnnounceType
from bot.domain.posts import Quote
from bot.intake.ingest import Capture, ingest
from bot.store.database import Database
from samples import NOON, WEDNESDAY, announcement, batch, channel

ONE, TWO = "2602.00001", "2602.00002"
SAMPLE = channel(queue={"size": 10})
CHOSEN = NOON + timedelta(days=10, minutes=15)
FIRST_SLOT = NOON + timedelta(hours=22)
ContextAt = Callable[..., Context]


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


@pytest.fixture
def at(database: Database) -> ContextAt:
    """Return a maker of contexts: what a curator works with at a moment."""
    papers = batch(announcement(ONE, "Probing"), announcement(TWO, "Probing Again"))
    ingest(database, [Capture(papers, "test")], channels=[SAMPLE], now=NOON)

    def make(now: datetime = NOON) -> Context:
        accounts = dict.fromkeys(SAMPLE.posting.platforms, Account("an account"))
        return Context(database, SAMPLE, accounts, _no_quote, Actor("ada", "test"), now)

    return make


def test_a_chosen_time_survives_mending_the_note(at: ContextAt) -> None:
    approve(at(), ONE, Edits(note="Frist."), at=CHOSEN)
    note(at(), ONE, Edits(note="First."))
    approval = approve(at(), ONE, Edits())
    assert (approval.slot, approval.lost) == (CHOSEN, None)
    assert views.show(at().database, SAMPLE, ONE)["deliveries"][0]["due_at"] == "2026-02-27T12:15:00Z"


def test_it_survives_as_often_as_the_note_is_mended_and_an_approval_with_other_words(at: ContextAt) -> None:
    approve(at(), ONE, Edits(note="Frist."), at=CHOSEN)
    for words in ("Fisrt.", "First."):
        note(at(), ONE, Edits(note=words))
    note(at(), ONE, Edits(code_url="https://example.org"))
    assert approve(at(), ONE, Edits(note="First of all.")).slot == CHOSEN
    assert approve(at(), ONE, Edits(note="First of all!")).slot == CHOSEN


def test_a_chosen_time_stays_when_the_authors_withdraw_the_paper_and_a_curator_wants_it_all_the_same(
    at: ContextAt,
) -> None:
    approve(at(), ONE, Edits(note="First."), at=CHOSEN)
    notice = announcement(ONE, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    ingest(at().database, [Capture(batch(notice, day=WEDNESDAY), "test")], channels=[SAMPLE], now=NOON)
    retire_withdrawn(at().database, SAMPLE, now=NOON)
    assert approve(at(), ONE, Edits()).slot == CHOSEN


def test_a_chosen_time_that_is_past_by_then_is_said(at: ContextAt) -> None:
    approve(at(), ONE, Edits(note="Frist."), at=CHOSEN)
    note(at(), ONE, Edits(note="First."))
    late = CHOSEN + timedelta(minutes=1)
    approval = approve(at(late), ONE, Edits())
    assert (approval.slot, str(approval.lost)) == (CHOSEN + timedelta(days=2, hours=21, minutes=45), "it is past")
    assert approval.lost is not None
    assert approval.lost.slot == CHOSEN


def test_another_choice_takes_its_place_without_a_word(at: ContextAt) -> None:
    approve(at(), ONE, Edits(note="Frist."), at=CHOSEN)
    note(at(), ONE, Edits(note="First."))
    other = CHOSEN + timedelta(hours=1)
    approval = approve(at(), ONE, Edits(), at=other)
    assert (approval.slot, approval.lost) == (other, None)
    note(at(), ONE, Edits(note="First!"))
    assert approve(at(), ONE, Edits()).slot == other


def test_a_slot_that_nobody_chose_stays_while_it_is_free(at: ContextAt) -> None:
    approve(at(), TWO, Edits(note="Second."))
    slot = approve(at(), ONE, Edits(note="Frist.")).slot
    undo(at(), TWO)
    note(at(), ONE, Edits(note="First."))
    approval = approve(at(), ONE, Edits())
    assert (approval.slot, approval.lost) == (slot, None)


def test_a_slot_that_another_pick_took_meanwhile_is_said(at: ContextAt) -> None:
    approve(at(), ONE, Edits(note="Frist."))
    note(at(), ONE, Edits(note="First."))
    assert approve(at(), TWO, Edits(note="Second.")).slot == FIRST_SLOT
    approval = approve(at(), ONE, Edits())
    assert (approval.slot, str(approval.lost)) == (FIRST_SLOT + timedelta(days=1), "it is taken, or no slot any more")


@pytest.mark.parametrize(
    "decide",
    [
        lambda context: undo(context, ONE),
        lambda context: (note(context, ONE, Edits(note="First.")), reject(context, ONE), undo(context, ONE)),
        lambda context: (
            note(context, ONE, Edits(note="First.")),
            hold(context, ONE, until=CHOSEN.date()),
            undo(context, ONE),
        ),
    ],
    ids=["undo", "reject", "hold and undo"],
)
def test_who_takes_the_decision_back_takes_the_time_back(at: ContextAt, decide: Callable[[Context], object]) -> None:
    approve(at(), ONE, Edits(note="Frist."), at=CHOSEN)
    decide(at())
    approval = approve(at(), ONE, Edits())
    assert (approval.slot, approval.lost) == (FIRST_SLOT, None)
