"""The desk: every key does what the verb of the shell does, and what others do shows up."""

from datetime import timedelta

import pytest

from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.review.desk import Desk
from bot.store.database import Database
from desk_stage import CODE, PAPERS, YESTERDAY, Table
from samples import TUESDAY, announcement, batch

FIRST, SECOND, THIRD, _ = PAPERS


@pytest.fixture
def table(sqlite_database: Database) -> Table:
    return Table(sqlite_database)


def test_the_newest_day_lies_on_the_desk_best_first(table: Table) -> None:
    seen = table.sit()
    assert [row.split("\n")[1] for row in seen.rows] == list(PAPERS.values())
    assert seen.selected == FIRST
    assert "0 of 4 decided" in seen.head
    assert "A. 1, B. 1" in seen.about
    assert "Steering and Probing" in seen.posts


def test_three_keys_beside_the_note_approve_a_pick(table: Table) -> None:
    seen = table.sit("n", "'a note.'", "escape", "a")
    paper = table.paper(FIRST)
    assert (paper.state, paper.note, paper.approved_by) == (CandidateState.APPROVED, "a note.", "ada")
    assert paper.slot is not None
    assert paper.decisions[-1].mouth == "shell"
    assert (seen.selected, seen.rows[0][0]) == (SECOND, "✓")
    assert "1 of 4 decided" in seen.head


def test_the_threads_follow_the_note_while_it_is_written(table: Table) -> None:
    seen = table.sit("n", "'words that nobody has stored'")
    assert "words that nobody has stored" in seen.posts
    assert "bluesky · 3 posts" in seen.posts
    assert "x · 3 posts · $" in seen.posts
    assert table.paper(FIRST).note == ""


def test_a_note_that_is_left_is_as_it_was(table: Table) -> None:
    seen = table.sit("n", "'slip'", "ctrl+g")
    assert (seen.note, table.paper(FIRST).note) == ("", "")


def test_what_is_too_long_is_said_where_the_thread_stands(table: Table) -> None:
    table.channel = table.channel.model_copy(
        update={"thread": table.channel.thread.model_copy(update={"note_limit": 50})}
    )
    seen = table.sit("n", f"'{'a' * 60}'")
    assert "take out 10" in seen.posts


@pytest.mark.parametrize(
    ("keys", "reason"), [(("1",), "survey"), (("enter",), ""), (("/", "'my own words'", "enter"), "my own words")]
)
def test_a_rejection_has_a_reason_by_one_more_key_or_in_words(table: Table, keys: tuple[str, ...], reason: str) -> None:
    seen = table.sit("x", *keys)
    paper = table.paper(FIRST)
    assert (paper.state, paper.decisions[-1].detail) == (CandidateState.REJECTED, reason)
    assert seen.selected == SECOND


def test_a_rejection_that_is_left_rejects_nothing(table: Table) -> None:
    table.sit("x", "escape")
    assert table.state(FIRST) is CandidateState.QUEUED


def test_a_paper_is_held_until_a_date(table: Table) -> None:
    seen = table.sit("h", "/", "'2026-03-02'", "enter")
    assert str(table.paper(FIRST).held_until) == "2026-03-02"
    assert seen.rows[0].startswith("~")


def test_a_wrong_date_is_one_line_and_changes_nothing(table: Table) -> None:
    seen = table.sit("h", "/", "'never'", "enter")
    assert "never" in seen.said
    assert table.state(FIRST) is CandidateState.QUEUED


def test_a_time_may_be_chosen(table: Table) -> None:
    table.sit("A", "'2026-02-20 15:30'", "enter")
    assert table.paper(FIRST).slot is not None
    assert str(table.paper(FIRST).slot) == "2026-02-20 15:30:00+00:00"


def test_undo_takes_back_the_last_decision(table: Table) -> None:
    seen = table.sit("x", "enter", "a", "u")
    assert (table.state(FIRST), table.state(SECOND)) == (CandidateState.REJECTED, CandidateState.QUEUED)
    assert seen.selected == SECOND


def test_undo_takes_back_the_decision_on_the_paper_that_is_selected(table: Table) -> None:
    table.sit("x", "enter", "a", "k", "k", "u")
    assert (table.state(FIRST), table.state(SECOND)) == (CandidateState.QUEUED, CandidateState.APPROVED)


def test_with_nothing_to_undo_one_line_says_so(table: Table) -> None:
    assert "nothing" in table.sit("u").said


def test_the_editor_writes_the_note(table: Table) -> None:
    table.written = "From the editor."
    table.sit("e")
    assert table.paper(FIRST).note == "From the editor."


def test_the_code_of_the_abstract_is_taken_by_one_key(table: Table) -> None:
    assert CODE in table.sit().about
    table.sit("c")
    assert table.paper(FIRST).code_url == CODE


def test_the_paper_opens_in_the_browser(table: Table) -> None:
    table.sit("j", "o")
    assert table.opened == [f"https://arxiv.org/abs/{SECOND}"]


def test_without_a_browser_the_address_is_said(table: Table) -> None:
    table.browser = False
    assert f"no browser could be opened here: see https://arxiv.org/abs/{FIRST}" in table.sit("o").said


@pytest.mark.parametrize(
    ("key", "words"),
    [("t", "the thread as it would be posted"), ("w", "why it is offered"), ("question_mark", "approve for a time")],
)
def test_a_window_shows_what_a_key_asks_for_and_esc_closes_it(table: Table, key: str, words: str) -> None:
    assert words in _all_windows(table, key)
    assert table.sit(key, "escape").window == ""


def _all_windows(table: Table, key: str) -> str:
    seen = table.sit(key)
    return seen.window + seen.picture.replace("&#160;", " ")


def test_a_search_finds_any_stored_paper_and_lays_it_on_the_desk(table: Table) -> None:
    seen = table.sit("/", "'yesterday'", "enter", "enter")
    assert seen.selected == YESTERDAY
    assert len(seen.rows) == len(PAPERS) + 1


def test_a_search_without_success_says_so(table: Table) -> None:
    assert table.sit("/", "'zebra'", "enter").said == "no stored paper has all these words"


def test_the_desk_begins_with_the_day_that_was_asked_for(table: Table) -> None:
    seen = table.sit(day=TUESDAY - timedelta(days=1))
    assert [row.split("\n")[1] for row in seen.rows] == ["Probing of Yesterday"]


def test_another_day_is_chosen_from_those_that_wait(table: Table) -> None:
    seen = table.sit("g", "j", "down", "enter")
    assert [row.split("\n")[1] for row in seen.rows] == ["Probing of Yesterday"]


def test_titles_are_never_markup(table: Table) -> None:
    seen = table.sit("j")
    assert "[bold]Markup[/bold]" in seen.rows[1]
    assert "[bold]Markup[/bold]" in seen.about


def test_leaving_says_what_was_done(table: Table) -> None:
    assert table.sit("a", "x", "enter", "q").summary == ("4 candidates of 2026-02-17: 1 approved, 1 rejected, 2 left")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
def test_every_way_out_keeps_what_was_written(table: Table, key: str) -> None:
    assert table.sit("n", "'not yet kept'", key).summary == "4 candidates of 2026-02-17: 4 left"
    assert table.paper(FIRST).note == "not yet kept"


def test_what_another_curator_does_shows_up_once(table: Table) -> None:
    mine = Desk(table.call, "ada")
    mine.load()
    table.does("ben", "reject", SECOND)
    table.does("ben", "note", FIRST, text="His.")
    numbers = [table.paper(name).id for name in (FIRST, SECOND)]
    assert [item.what for item in mine.refresh()] == [
        f"ben: note of #{numbers[0]}, it is queued now",
        f"ben: reject of #{numbers[1]}, it is rejected now",
    ]
    assert mine.refresh() == []
    assert mine.done == 1


def test_ones_own_decisions_are_no_news(table: Table) -> None:
    mine = Desk(table.call, "ada")
    mine.load()
    mine.decide("reject", FIRST, reason="")
    assert mine.refresh() == []


def test_papers_that_come_in_join_the_desk(table: Table) -> None:
    mine = Desk(table.call, "ada")
    mine.load()
    late = batch(announcement("2602.00008", "Probing Late", authors=("A. Late",)), feed="cs.LG")
    ingest(table.database, [Capture(late, "test")], channels=[table.channel], now=table.now)
    assert [item.what for item in mine.refresh()] == [f"#{table.paper('2602.00008').id} came in"]
    assert mine.rows[-1].arxiv_id == "2602.00008"


def test_a_note_that_two_people_change_is_lost_to_neither(table: Table) -> None:
    seen = table.sit("n", "'mine'", lambda room: room.does("ben", "note", FIRST, text="His."), "escape")
    assert "ben changed the note" in seen.said
    assert "His." in seen.posts
    assert (seen.note, table.paper(FIRST).note) == ("mine", "His.")


def test_after_a_conflict_ones_own_note_is_stored_by_the_next_esc_and_the_log_keeps_the_other(table: Table) -> None:
    table.sit("n", "'mine'", lambda room: room.does("ben", "note", FIRST, text="His."), "escape", "escape")
    paper = table.paper(FIRST)
    assert paper.note == "mine"
    assert any("His." in item.detail for item in paper.decisions)


def test_after_a_conflict_the_others_note_may_be_taken(table: Table) -> None:
    seen = table.sit("n", "'mine'", lambda room: room.does("ben", "note", FIRST, text="His."), "escape", "ctrl+g")
    assert (seen.note, table.paper(FIRST).note) == ("His.", "His.")


def test_what_the_database_refuses_ends_no_sitting(table: Table) -> None:
    seen = table.sit(lambda room: room.does("ben", "reject", FIRST), "a", "j")
    assert "rejected" in seen.said or "approve" in seen.said
    assert seen.selected == SECOND


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
@pytest.mark.parametrize("light", [False, True])
def test_every_size_shows_list_paper_note_thread_and_keys(table: Table, size: tuple[int, int], *, light: bool) -> None:
    picture = table.sit(size=size, light=light).picture.replace("&#160;", " ")
    for words in ("Steering and Probing", "A. 1, B. 1", "note", "bluesky · 2 posts", "a approve", "q quit", "decided"):
        assert words in picture
