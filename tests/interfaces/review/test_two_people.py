"""Two people and one paper: nothing that either wrote is lost, and nobody approves what they have not seen."""

import pytest

from bot.domain.states import CandidateState
from bot.store.database import Database
from desk_stage import PAPERS, Step, Table

FIRST, SECOND, THIRD, _ = PAPERS


@pytest.fixture
def table(sqlite_database: Database) -> Table:
    return Table(sqlite_database)


def ben_writes(table: Table) -> None:
    table.does("ben", "note", FIRST, text="His.")


def ben_rejects(table: Table) -> None:
    table.does("ben", "reject", FIRST)


CONFLICT: tuple[Step, ...] = ("n", "'mine'", ben_writes, "escape")


def test_the_second_is_told_who_changed_the_note_and_sees_both(table: Table) -> None:
    seen = table.sit(*CONFLICT)
    assert "ben changed the note" in seen.said
    assert "His." in seen.theirs
    assert (seen.note, table.paper(FIRST).note) == ("mine", "His.")


def test_both_stay_in_sight_while_the_second_writes_on(table: Table) -> None:
    seen = table.sit(*CONFLICT, "' and more'")
    assert ("His." in seen.theirs, seen.note) == (True, "mine and more")
    assert "mine and more" in seen.posts


def test_esc_then_stores_ones_own_and_the_log_keeps_the_other(table: Table) -> None:
    seen = table.sit(*CONFLICT, "escape")
    paper = table.paper(FIRST)
    assert (paper.note, seen.theirs) == ("mine", "")
    assert any("His." in item.detail for item in paper.decisions)


def test_ctrl_g_takes_theirs(table: Table) -> None:
    seen = table.sit(*CONFLICT, "ctrl+g")
    assert (seen.note, seen.theirs, table.paper(FIRST).note) == ("His.", "", "His.")


def test_a_click_on_another_paper_leaves_no_conflict_behind(table: Table) -> None:
    seen = table.sit("n", "'mine'", ben_writes, "click:#rows@3,4")
    assert (seen.selected, seen.note) == (FIRST, "mine")
    assert "His." in seen.theirs


def test_what_the_editor_wrote_stands_in_the_note_beside_theirs(table: Table) -> None:
    table.written, table.meanwhile = "From my editor.", ben_writes
    seen = table.sit("e")
    assert (seen.note, table.paper(FIRST).note) == ("From my editor.", "His.")
    assert "His." in seen.theirs
    assert table.sit("escape").summary is None


def test_nobody_approves_a_note_that_changed_after_they_had_looked(table: Table) -> None:
    seen = table.sit(ben_writes, "a")
    assert "ben changed the note" in seen.said
    assert table.state(FIRST) is CandidateState.QUEUED
    assert (seen.selected, seen.note) == (FIRST, "His.")


def test_what_they_have_seen_by_then_they_may_approve(table: Table) -> None:
    table.sit(ben_writes, "a", "a")
    assert table.paper(FIRST).approved_by == "ada"


def test_what_another_curator_does_shows_up(table: Table) -> None:
    seen = table.sit(ben_rejects, "look")
    number = table.paper(FIRST).id
    assert seen.said == f"ben: reject of #{number}, it is rejected now"
    assert seen.rows[0] == f"✗ Steering and Probing #{number} rejected"
    assert "rejected by ben" in seen.about
    assert "1 of 4 decided" in seen.head


def test_a_note_of_another_shows_up_where_nothing_is_written(table: Table) -> None:
    assert table.sit(ben_writes, "look").note == "His."


@pytest.mark.parametrize("away", [(), ("tab",)])
def test_what_is_being_written_stays_when_news_come(table: Table, away: tuple[str, ...]) -> None:
    seen = table.sit("n", "'half a sen'", *away, ben_writes, "look")
    assert seen.note == "half a sen"
    assert "ben: note of" in seen.said


def test_what_somebody_else_decided_first_is_one_line(table: Table) -> None:
    seen = table.sit(lambda room: room.does("ben", "approve", FIRST), "x", "enter")
    assert table.state(FIRST) in {CandidateState.APPROVED, CandidateState.REJECTED}
    assert seen.said


def test_a_quick_approval_after_a_conflict_stores_and_approves_nothing(table: Table) -> None:
    seen = table.sit("n", "'mine'", ben_writes, ("escape", "a"))
    paper = table.paper(FIRST)
    assert (paper.note, paper.state) == ("His.", CandidateState.QUEUED)
    assert (seen.note, "His." in seen.theirs) == ("mine", True)


@pytest.mark.parametrize("quick", [("a", "x", "1"), ("a", "a"), ("a", "u"), ("a", "h", "enter")])
def test_keys_typed_after_a_decision_that_fails_decide_nothing(table: Table, quick: tuple[str, ...]) -> None:
    table.does("ada", "approve", SECOND)
    seen = table.sit(ben_writes, quick)
    assert {table.state(name) for name in PAPERS if name != SECOND} == {CandidateState.QUEUED}
    assert table.state(SECOND) is CandidateState.APPROVED
    assert "ben changed the note" in seen.said
    assert seen.said.endswith("did nothing")
    assert seen.selected == FIRST


def test_a_key_pressed_after_the_failure_was_seen_decides(table: Table) -> None:
    table.sit(ben_writes, ("a", "x", "1"), "x", "1")
    assert table.state(FIRST) is CandidateState.REJECTED
