"""Papers that their authors withdraw: out of the queue with a notice, never posted silently."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from bot.curation.context import Account, Context, Edits
from bot.curation.decisions import approve, hold, reject, undo
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.actors import Actor
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform, Quote
from bot.domain.states import Action, CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.views import candidates
from bot.interfaces.views.attention import attention
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, Delivery, PaperRow
from samples import NOON, TUESDAY, WEDNESDAY, announcement, batch, channel

LATER = NOON + timedelta(hours=1)
THURSDAY = WEDNESDAY + timedelta(days=1)
SAMPLE = channel()
NOTICE = announcement("2602.00001", "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


def _context(database: Database) -> Context:
    return Context(
        database, SAMPLE, {Platform.CONSOLE: Account("standard output", "")}, _no_quote, Actor("a", "test"), NOON
    )


def _offered(database: Database) -> None:
    papers = [announcement(f"2602.0000{number}", "Probing") for number in range(1, 5)]
    ingest(database, [Capture(batch(*papers), "test")], channels=[SAMPLE], now=NOON)


def _withdrawn(database: Database) -> list[str]:
    ingest(database, [Capture(batch(NOTICE, day=WEDNESDAY), "test")], channels=[SAMPLE], now=NOON)
    return retire_withdrawn(database, SAMPLE, now=NOON)


def _states(database: Database) -> dict[str, str]:
    with database.reading() as session:
        return {row.arxiv_id: str(row.state) for row in session.exec(select(Candidate))}


def test_a_waiting_paper_leaves_the_queue_with_a_notice_and_the_next_best_moves_up(database: Database) -> None:
    _offered(database)
    assert sorted(_states(database)) == ["2602.00001", "2602.00002", "2602.00003"]
    assert _withdrawn(database) == ["2602.00001"]
    assert _states(database) == {"2602.00001": "rejected", **{f"2602.0000{n}": "queued" for n in (2, 3, 4)}}
    with database.reading() as session:
        [decision] = session.exec(select(Decision).where(Decision.action == Action.WITHDRAW)).all()
        assert (decision.by, decision.detail) == ("worker", "version 2 is a notice of withdrawal")
        assert session.get_one(PaperRow, "2602.00001").withdrawn
    assert retire_withdrawn(database, SAMPLE, now=NOON) == []


def test_an_approved_pick_goes_back_to_the_queue_and_its_posts_are_gone(database: Database) -> None:
    _offered(database)
    approve(_context(database), "2602.00001", Edits(note="Mine."))
    assert _withdrawn(database) == ["2602.00001"]
    assert _states(database)["2602.00001"] == "queued"
    with database.reading() as session:
        assert session.exec(select(Delivery)).all() == []


def test_a_curator_may_want_it_nevertheless(database: Database) -> None:
    _offered(database)
    _withdrawn(database)
    context = _context(database)
    undo(context, "2602.00001")
    assert retire_withdrawn(database, SAMPLE, now=NOON) == []
    assert _states(database)["2602.00001"] == "queued"


def test_a_paper_on_hold_leaves_too(database: Database) -> None:
    _offered(database)
    hold(_context(database), "2602.00001", until=TUESDAY + timedelta(days=9))
    assert _withdrawn(database) == ["2602.00001"]
    assert _states(database)["2602.00001"] == "rejected"


@pytest.mark.parametrize("state", [CandidateState.PUBLISHING, CandidateState.PUBLISHED, CandidateState.ATTENTION])
def test_what_is_out_stays_as_it_is_with_a_note_in_its_log(database: Database, state: CandidateState) -> None:
    _offered(database)
    with database.transaction() as session:
        row = session.exec(select(Candidate).where(Candidate.arxiv_id == "2602.00001")).one()
        row.state = state
    assert _withdrawn(database) == ["2602.00001"]
    assert _states(database)["2602.00001"] == state


def test_a_paper_that_was_withdrawn_before_it_was_seen_is_never_offered(database: Database) -> None:
    ingest(database, [Capture(batch(NOTICE, day=WEDNESDAY), "test")], channels=[SAMPLE], now=NOON)
    _offered(database)
    assert sorted(_states(database)) == ["2602.00002", "2602.00003", "2602.00004"]


def test_a_withdrawn_paper_that_a_curator_chooses_by_hand_stays_approved(database: Database) -> None:
    ingest(database, [Capture(batch(NOTICE, day=WEDNESDAY), "test")], channels=[SAMPLE], now=NOON)
    approve(_context(database), "2602.00001", Edits(note="A story of its own."))
    assert retire_withdrawn(database, SAMPLE, now=NOON) == []
    assert _states(database)["2602.00001"] == "approved"
    assert _version(database, 3, withdrawn=True) == ["2602.00001"]  # that nobody has seen
    assert _states(database)["2602.00001"] == "queued"


def test_a_paper_that_comes_back_waits_again(database: Database) -> None:
    _offered(database)
    _withdrawn(database)
    alive = announcement("2602.00001", "Probing", version=3, type=AnnounceType.REPLACE)
    ingest(database, [Capture(batch(alive, day=THURSDAY), "test")], channels=[SAMPLE], now=NOON)
    assert retire_withdrawn(database, SAMPLE, now=NOON) == []
    assert _states(database)["2602.00001"] == "queued"


def test_a_paper_that_a_person_rejected_stays_rejected_whatever_its_authors_do(database: Database) -> None:
    _offered(database)
    reject(_context(database), "2602.00001")
    assert _withdrawn(database) == ["2602.00001"]
    alive = announcement("2602.00001", "Probing", version=3, type=AnnounceType.REPLACE)
    ingest(database, [Capture(batch(alive, day=THURSDAY), "test")], channels=[SAMPLE], now=NOON)
    retire_withdrawn(database, SAMPLE, now=NOON)
    assert _states(database)["2602.00001"] == "rejected"


def _version(database: Database, number: int, *, withdrawn: bool) -> list[str]:
    """Take in a version of the paper, and act on it."""
    item = announcement("2602.00001", "Probing", version=number, type=AnnounceType.REPLACE, withdrawn=withdrawn)
    ingest(
        database,
        [Capture(batch(item, day=TUESDAY + timedelta(days=number - 1)), "test")],
        channels=[SAMPLE],
        now=NOON,
    )
    return retire_withdrawn(database, SAMPLE, now=NOON)


def test_a_paper_that_is_withdrawn_again_is_not_posted(database: Database) -> None:
    _offered(database)
    approve(_context(database), "2602.00001", Edits(note="Mine."))
    assert _version(database, 2, withdrawn=True) == ["2602.00001"]
    assert _version(database, 3, withdrawn=False) == []
    approve(_context(database), "2602.00001", Edits())
    assert _version(database, 4, withdrawn=True) == ["2602.00001"]
    assert _states(database)["2602.00001"] == "queued"
    with database.reading() as session:
        assert session.exec(select(Delivery)).all() == []
        notices = session.exec(select(Decision.detail).where(Decision.action == Action.WITHDRAW)).all()
    assert notices == [f"version {number} is a notice of withdrawal" for number in (2, 4)]


@pytest.mark.parametrize("number", [2, 3])
def test_an_approval_in_spite_of_a_withdrawal_holds_for_that_version_alone(database: Database, number: int) -> None:
    _offered(database)
    approve(_context(database), "2602.00001", Edits(note="Mine."))
    _version(database, 2, withdrawn=True)
    approve(_context(database), "2602.00001", Edits())
    assert _version(database, number, withdrawn=True) == (["2602.00001"] if number == 3 else [])
    assert _states(database)["2602.00001"] == ("queued" if number == 3 else "approved")


def test_a_paper_that_comes_and_goes_is_in_the_queue_while_it_is_there(database: Database) -> None:
    _offered(database)
    states = []
    for number in range(2, 6):
        _version(database, number, withdrawn=number % 2 == 0)
        states.append(_states(database)["2602.00001"])
    assert states == ["rejected", "queued", "rejected", "queued"]


SAID = "This paper has been withdrawn by the authors."
DOUBTED = announcement("2602.00001", "Probing", version=2, type=AnnounceType.REPLACE, notice=SAID)


def _doubted(database: Database) -> list[str]:
    ingest(database, [Capture(batch(DOUBTED, day=WEDNESDAY), "test")], channels=[SAMPLE], now=LATER)
    return retire_withdrawn(database, SAMPLE, now=LATER)


def _attention(database: Database) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        return [(item.what, item.why, item.next) for item in attention(session, SAMPLE, {})]


def test_in_doubt_nothing_is_dropped_and_the_sentence_is_shown(database: Database) -> None:
    _offered(database)
    assert _doubted(database) == []
    assert _states(database)["2602.00001"] == "queued"
    rows = candidates.queue(database, SAMPLE, state=CandidateState.QUEUED, limit=None)
    assert {row.arxiv_id: row.perhaps_withdrawn for row in rows if row.perhaps_withdrawn} == {"2602.00001": SAID}
    shown = candidates.show(database, SAMPLE, "2602.00001")
    assert (shown.withdrawn, shown.perhaps_withdrawn) == (False, SAID)


def test_an_approval_stands_in_doubt_and_a_person_is_told_until_it_is_given_again(database: Database) -> None:
    _offered(database)
    approve(_context(database), "2602.00001", Edits(note="Mine."))
    assert _attention(database) == []
    assert _doubted(database) == []
    assert _states(database)["2602.00001"] == "approved"
    assert _attention(database) == [
        (
            "the approved paper 2602.00001",
            f"version 2, which came after the approval, may be a notice of withdrawal: “{SAID}”",
            "picks undo 2602.00001 takes the approval back, picks approve 2602.00001 keeps it",
        )
    ]
    approve(replace(_context(database), now=LATER), "2602.00001", Edits())
    assert _attention(database) == []


def test_the_log_keeps_the_sentence_by_which_a_paper_was_withdrawn(database: Database) -> None:
    _offered(database)
    said = replace(NOTICE, notice=SAID)
    ingest(database, [Capture(batch(said, day=WEDNESDAY), "test")], channels=[SAMPLE], now=NOON)
    assert retire_withdrawn(database, SAMPLE, now=NOON) == ["2602.00001"]
    shown = candidates.show(database, SAMPLE, "2602.00001")
    assert [row.detail for row in shown.decisions if row.action is Action.WITHDRAW] == [
        f"version 2 is a notice of withdrawal: “{SAID}”"
    ]
    assert shown.perhaps_withdrawn is None
