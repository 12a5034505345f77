"""What the curators' decisions say of papers, as examples to learn from."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

import json_views as views
from bot.curation import decisions, housekeeping
from bot.curation.context import Account, Context, Edits
from bot.curation.training_data import Seen, Taught, examples, seen_now, taught_lately
from bot.domain.actors import Actor
from bot.domain.papers import AnnounceType
from bot.domain.posts import Quote
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import answers
from bot.ranking.examples import Example, Label
from bot.store.database import Database
from bot.store.learning_tables import KnownPick, TrainingState
from samples import NOON, TUESDAY, WEDNESDAY, announcement, batch, channel

FIRST, SECOND, THIRD, DULL = (f"2602.0000{number}" for number in range(1, 5))


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


@pytest.fixture
def context_of(database: Database) -> Callable[..., Context]:
    """Return a maker of desks on a queue of three papers, and one that is not queued."""
    titles = ("Probing", "Steering", "Probing and Steering", "Cooking")
    papers = batch(
        *(announcement(name, title) for name, title in zip((FIRST, SECOND, THIRD, DULL), titles, strict=True))
    )
    ingest(database, [Capture(papers, "test")], channels=[channel()], now=NOON)

    def make(*, days: int = 0) -> Context:
        accounts = dict.fromkeys(channel().posting.platforms, Account("an account"))
        now = NOON + timedelta(days=days)
        return Context(database, channel(), accounts, _no_quote, Actor("ada", "test"), now)

    return make


def _examples(database: Database, *, days: int = 0) -> dict[str, Example]:
    with database.reading() as session:
        found = list(examples(session, channel(), now=NOON + timedelta(days=days)))
    assert len({item.paper.arxiv_id for item in found}) == len(found)
    return {str(item.paper.arxiv_id): item for item in found}


def _labels(database: Database, *, days: int = 0) -> dict[str, Label]:
    return {name[-1]: item.label for name, item in _examples(database, days=days).items()}


def _know(database: Database, arxiv_id: str, title: str = "A Known Pick") -> None:
    with database.transaction() as session:
        session.add(KnownPick(channel="sample", arxiv_id=arxiv_id, title=title, imported_at=NOON))


def test_nobody_has_said_anything_of_a_paper_that_only_waits(context_of: Callable[..., Context]) -> None:
    decisions.hold(context_of(), FIRST, until=WEDNESDAY + timedelta(days=9))
    assert set(_labels(context_of().database).values()) == {Label.UNLABELLED}


def test_an_approval_and_a_refusal_with_its_reason_are_examples(context_of: Callable[..., Context]) -> None:
    context = context_of(days=1)
    decisions.approve(context, FIRST, Edits())
    decisions.reject(context, SECOND, reason="a survey")
    decisions.reject(context, DULL)
    found = _examples(context.database, days=1)
    assert (found[FIRST].label, found[FIRST].decided, found[FIRST].day) == (Label.APPROVED, WEDNESDAY, TUESDAY)
    assert (found[SECOND].label, found[SECOND].reason) == (Label.REJECTED, "a survey")
    assert (found[DULL].label, found[DULL].reason) == (Label.REJECTED, None)
    assert found[THIRD].label is Label.UNLABELLED


def test_what_was_taken_back_says_nothing(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.reject(context, FIRST)
    decisions.undo(context, FIRST)
    assert _labels(context.database)["1"] is Label.UNLABELLED


def test_what_a_curator_left_to_expire_counts_but_not_in_the_holidays(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    housekeeping.expire_candidates(database, channel(), now=NOON + timedelta(days=8))
    assert _labels(database)["2"] is Label.UNLABELLED
    decisions.undo(context_of(days=9), SECOND)
    decisions.reject(context_of(days=10), FIRST)
    housekeeping.expire_candidates(database, channel(), now=NOON + timedelta(days=17))
    assert _labels(database, days=17) == {
        "1": Label.REJECTED,
        "2": Label.EXPIRED,
        "3": Label.UNLABELLED,
        "4": Label.UNLABELLED,
    }


def test_a_withdrawal_is_no_refusal(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    notice = announcement(FIRST, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    ingest(database, [Capture(batch(notice, day=WEDNESDAY), "test")], channels=[channel()], now=NOON)
    housekeeping.retire_withdrawn(database, channel(), now=NOON)
    assert "1" not in _labels(database)


def test_known_picks_are_examples_with_or_without_their_text(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    _know(database, DULL)
    _know(database, "2401.00007")
    found = _examples(database)
    assert (found[DULL].label, found[DULL].paper.title) == (Label.PICK, "Cooking")
    assert (found["2401.00007"].label, found["2401.00007"].paper.title) == (Label.PICK, "A Known Pick")


def test_the_curators_word_of_today_counts_more_than_a_list(context_of: Callable[..., Context]) -> None:
    context = context_of()
    _know(context.database, FIRST)
    decisions.reject(context, FIRST)
    assert _labels(context.database)["1"] is Label.REJECTED


def test_a_known_pick_that_was_left_to_expire_is_a_pick(context_of: Callable[..., Context]) -> None:
    context = context_of()
    _know(context.database, FIRST)
    decisions.reject(context, SECOND)
    housekeeping.expire_candidates(context.database, channel(), now=NOON + timedelta(days=8))
    assert _labels(context.database) == {
        "1": Label.PICK,
        "2": Label.REJECTED,
        "3": Label.EXPIRED,
        "4": Label.UNLABELLED,
    }


def test_of_two_curators_the_last_word_counts(context_of: Callable[..., Context]) -> None:
    ada = context_of()
    bob = replace(ada, actor=Actor("bob", "chat"))
    decisions.reject(ada, FIRST, reason="a survey")
    decisions.undo(bob, FIRST)
    decisions.approve(bob, FIRST, Edits())
    decisions.approve(ada, SECOND, Edits())
    decisions.undo(bob, SECOND)
    decisions.reject(bob, SECOND)
    assert [_labels(ada.database)[name] for name in "12"] == [Label.APPROVED, Label.REJECTED]


def test_no_date_ahead_makes_everything_else_old(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    with database.transaction() as session:
        ahead = TUESDAY + timedelta(days=30_000)
        session.add(KnownPick(channel="sample", arxiv_id="2401.00007", title="One", day=ahead, imported_at=NOON))
        session.add(KnownPick(channel="sample", arxiv_id="2602.00008", title="Of This Month", imported_at=NOON))
    assert {item.day for item in _examples(database).values()} == {TUESDAY}


@pytest.mark.slow
def test_known_picks_may_be_more_than_a_query_can_name(context_of: Callable[..., Context]) -> None:
    database, many = context_of().database, 65_600
    with database.connection() as connection:
        connection.execute(
            text(
                "WITH RECURSIVE counted(number) AS"
                f" (SELECT 10000 UNION ALL SELECT number + 1 FROM counted WHERE number < {9_999 + many})"
                " INSERT INTO known_picks (channel, arxiv_id, title, imported_at)"
                " SELECT 'sample', '2401.' || number, '', :now FROM counted"
            ),
            {"now": NOON},
        )
    assert set(_labels(database).values()) == {Label.UNLABELLED}


def test_other_channels_and_other_feeds_teach_nothing(context_of: Callable[..., Context]) -> None:
    context = context_of()
    ingest(
        context.database,
        [Capture(batch(announcement("2602.00009"), feed="cs.CV"), "test")],
        channels=[channel()],
        now=NOON,
    )
    decisions.reject(context, FIRST)
    with context.database.reading() as session:
        other = {str(item.paper.arxiv_id): item.label for item in examples(session, channel("other"), now=NOON)}
    assert other == dict.fromkeys((FIRST, SECOND, THIRD, DULL), Label.UNLABELLED)


def test_the_text_is_the_one_that_was_announced(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    newer = announcement(FIRST, "Probing, Corrected", version=2, type=AnnounceType.REPLACE)
    ingest(database, [Capture(batch(newer, day=WEDNESDAY), "test")], channels=[channel()], now=NOON)
    assert _examples(database)[FIRST].paper.title == "Probing"


def test_old_papers_are_forgotten_and_what_was_decided_is_not(context_of: Callable[..., Context]) -> None:
    decisions.reject(context_of(), FIRST)
    database = context_of().database
    assert set(_labels(database, days=500)) == {"1", "2", "3", "4"}  # nothing newer came in
    newer = batch(announcement("2703.00009"), day=TUESDAY + timedelta(days=401))
    ingest(database, [Capture(newer, "test")], channels=[channel()], now=NOON + timedelta(days=500))
    assert _labels(database, days=500) == {"1": Label.REJECTED, "9": Label.UNLABELLED}
    assert set(_labels(database)) == {"1", "2", "3", "4", "9"}  # a date ahead makes nothing old


def test_what_the_clock_does_is_nothing_new(context_of: Callable[..., Context]) -> None:
    database = context_of().database
    housekeeping.expire_candidates(database, channel(), now=NOON + timedelta(days=8))
    with database.reading() as session:
        assert seen_now(session, "sample") == Seen(0, 0)


def test_every_decision_and_known_pick_is_something_new(context_of: Callable[..., Context]) -> None:
    context = context_of()

    def seen() -> tuple[bool, int]:
        with context.database.reading() as session:
            found = seen_now(session, "sample")
        return found.decision_id > 0, found.known_picks

    assert seen() == (False, 0)
    decisions.note(context, FIRST, Edits(note="Not a decision."))
    assert seen() == (False, 0)
    decisions.reject(context, FIRST)
    _know(context.database, DULL)
    assert seen() == (True, 1)


def _train(database: Database, *, seen: int, before: int) -> None:
    with database.transaction() as session:
        session.merge(TrainingState(channel="sample", decision_id=seen, previous_decision_id=before, taught_at=NOON))


def _taught(database: Database, *, hours: int = 1) -> Taught | None:
    with database.reading() as session:
        return taught_lately(session, channel(), now=NOON + timedelta(hours=hours))


def test_for_a_day_it_is_known_what_the_last_training_has_learned_anew(context_of: Callable[..., Context]) -> None:
    context = context_of()
    database = context.database
    assert _taught(database) is None
    decisions.reject(context, FIRST)
    with database.reading() as session:
        before = seen_now(session, "sample").decision_id
    decisions.approve(context, SECOND, Edits(note="A note."))
    decisions.reject(context, THIRD)
    with database.reading() as session:
        seen = seen_now(session, "sample").decision_id
    _train(database, seen=seen, before=before)
    assert _taught(database) == Taught(NOON, approved=1, rejected=1)
    assert _taught(database, hours=25) is None
    decisions.undo(context, THIRD)
    assert _taught(database) == Taught(NOON, approved=1, rejected=1), "the next training learns of it"
    _train(database, seen=seen, before=seen)
    assert _taught(database) is None, "nothing was decided between the two"


def test_the_last_word_on_a_paper_is_what_was_learned(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.approve(context, FIRST, Edits(note="A note."))
    decisions.undo(context, FIRST)
    decisions.reject(context, FIRST)
    decisions.approve(context, SECOND, Edits(note="A note."))
    decisions.undo(context, SECOND)
    with context.database.reading() as session:
        seen = seen_now(session, "sample").decision_id
    _train(context.database, seen=seen, before=0)
    assert _taught(context.database) == Taught(NOON, approved=0, rejected=1)


def test_it_is_told_with_the_queue_and_the_status(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.reject(context, FIRST)
    with context.database.reading() as session:
        seen = seen_now(session, "sample").decision_id
    _train(context.database, seen=seen, before=0)
    assert answers.since_last_night(context) == "since last night: 0 approved, 1 rejected"
    assert views.status(context.database, channel(), accounts={}, now=NOON)["learning"]["taught"] == {
        "at": "2026-02-17T12:00:00Z",
        "approved": 0,
        "rejected": 1,
    }
