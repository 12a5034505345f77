"""The desk: every key does what the verb of the shell does, and what others do shows up."""

from datetime import timedelta

import pytest

from bot.domain.states import CandidateState
from bot.store.database import Database
from desk_stage import CODE, PAPERS, YESTERDAY, Table
from samples import TUESDAY

FIRST, SECOND, THIRD, _ = PAPERS


@pytest.fixture
def table(sqlite_database: Database) -> Table:
    return Table(sqlite_database)


def test_the_newest_day_lies_on_the_desk_best_first(table: Table) -> None:
    seen = table.sit()
    assert len(seen.rows) == len(PAPERS)
    assert all(row.startswith(f"· {title[:12]}") for row, title in zip(seen.rows, PAPERS.values(), strict=True))
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
    assert "bluesky · 1 post" in seen.posts
    assert "x · 1 post · $" in seen.posts
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
    assert "never" in seen.window
    assert table.state(FIRST) is CandidateState.QUEUED


def test_what_a_window_cannot_read_is_said_there_and_nothing_typed_is_lost(table: Table) -> None:
    seen = table.sit("A", "'xx'", "enter")
    assert "cannot read the time 'xx'" in seen.window
    seen = table.sit("h", "slash", "'blah'", "enter")
    assert "cannot read the date 'blah'" in seen.window
    table.sit("A", "'x'", "enter", "backspace", "'13:00'", "enter")
    assert table.state(FIRST) is CandidateState.APPROVED


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


@pytest.mark.parametrize("quick", [("a", "e"), ("a", "e", "e")])
def test_the_editor_after_a_quick_decision_is_for_the_next_paper_and_the_decision_stands(
    table: Table, quick: tuple[str, ...]
) -> None:
    table.written = "From my editor."
    table.sit(quick)
    assert (table.state(FIRST), table.paper(FIRST).note) == (CandidateState.APPROVED, "")
    assert table.paper(SECOND).note == "From my editor."


def test_after_undo_and_the_editor_at_once_the_desk_goes_on(table: Table) -> None:
    table.does("ada", "reject", FIRST)
    table.written = "From my editor."
    seen = table.sit(("u", "e"), "n", "' And on.'", "escape", "q")
    assert table.state(FIRST) is CandidateState.QUEUED
    assert any(table.paper(name).note.endswith("And on.") for name in PAPERS)
    assert seen.summary


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
    assert [row.partition(" #")[0] for row in seen.rows] == ["· Probing of Yesterday"]


def test_another_day_is_chosen_from_those_that_wait(table: Table) -> None:
    seen = table.sit("g", "j", "down", "enter")
    assert [row.partition(" #")[0] for row in seen.rows] == ["· Probing of Yesterday"]


def test_titles_are_never_markup(table: Table) -> None:
    seen = table.sit("j")
    assert "[bold]Markup[/" in seen.rows[1]
    assert "[bold]Markup[/bold]" in seen.about


def test_leaving_says_what_was_done(table: Table) -> None:
    assert table.sit("a", "x", "enter", "q").summary == ("4 candidates of 2026-02-17: 1 approved, 1 rejected, 2 left")


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
def test_every_way_out_keeps_what_was_written(table: Table, key: str) -> None:
    assert table.sit("n", "'not yet kept'", key).summary == "4 candidates of 2026-02-17: 4 left"
    assert table.paper(FIRST).note == "not yet kept"


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
@pytest.mark.parametrize("light", [False, True])
def test_every_size_shows_list_paper_note_thread_and_keys(table: Table, size: tuple[int, int], *, light: bool) -> None:
    picture = table.sit(size=size, light=light).picture.replace("&#160;", " ")
    for words in ("Steering and", "A. 1, B. 1", "note", "bluesky · 1 post", "approve", "quit", "0 of 4 decided"):
        assert words in picture


@pytest.mark.parametrize("size", [(20, 6), (40, 12), (300, 90)])
def test_no_size_ends_the_desk(table: Table, size: tuple[int, int]) -> None:
    assert table.sit("n", "'words'", "escape", "j", size=size).selected == SECOND


# Hands that are quick, and the mouse


def test_keys_that_come_before_the_screen_has_followed_mean_the_paper_below(table: Table) -> None:
    table.sit(("j", "a", "x", "1"))
    states = [table.state(name) for name in (FIRST, SECOND, THIRD)]
    assert states == [CandidateState.QUEUED, CandidateState.APPROVED, CandidateState.REJECTED]


def test_words_that_come_before_the_paper_are_words_and_no_keys(table: Table) -> None:
    table.does("ada", "note", SECOND, text="Old.")
    seen = table.sit(("j", "n", "a", "x", "a"))
    assert (seen.selected, seen.note) == (SECOND, "Old.axa")
    table.sit(("j", "n", "a", "x", "a", "escape"))
    assert [table.paper(name).note for name in (FIRST, SECOND)] == ["", "Old.axa"]
    assert {table.state(name) for name in PAPERS} == {CandidateState.QUEUED}


def test_words_right_after_a_decision_are_for_the_next_paper(table: Table) -> None:
    seen = table.sit(("a", "n", "o", "x", "escape"))
    assert (table.state(FIRST), table.paper(FIRST).note) == (CandidateState.APPROVED, "")
    assert (seen.selected, table.paper(SECOND).note) == (SECOND, "ox")


def test_a_key_right_after_esc_is_no_letter_of_the_note(table: Table) -> None:
    table.sit("n", "'mine'", ("escape", "a"))
    paper = table.paper(FIRST)
    assert (paper.note, paper.state) == ("mine", CandidateState.APPROVED)


def test_a_click_selects_a_paper(table: Table) -> None:
    assert table.sit("click:#rows@3,4").selected == THIRD


def test_a_click_at_the_foot_does_what_the_key_does(table: Table) -> None:
    table.sit("click:#keys")
    assert table.state(FIRST) is CandidateState.APPROVED


def test_a_click_chooses_a_reason(table: Table) -> None:
    table.sit("x", "click:OptionList@4,1")
    assert table.paper(FIRST).decisions[-1].detail == "off topic"


def test_a_click_on_another_paper_keeps_the_note_and_goes_there(table: Table) -> None:
    seen = table.sit("n", "'mine'", "click:#rows@3,4")
    assert (table.paper(FIRST).note, seen.selected) == ("mine", THIRD)
    assert "Steering Alone" in seen.about


def test_a_note_that_cannot_be_stored_is_not_left(table: Table) -> None:
    table.channel = table.channel.model_copy(
        update={"thread": table.channel.thread.model_copy(update={"note_limit": 50})}
    )
    seen = table.sit("n", f"'{'a' * 60}'", "click:#rows@3,4")
    assert (seen.selected, seen.note) == (FIRST, "a" * 60)
    assert "take out 10" in seen.said
    assert "Ctrl+G" in seen.said


def test_what_was_left_comes_back(table: Table) -> None:
    seen = table.sit("n", "'slip'", "ctrl+g", "n", "ctrl+z", "escape")
    assert (seen.note, table.paper(FIRST).note) == ("slip", "slip")


# Links


def test_the_links_are_set_by_hand(table: Table) -> None:
    thread = "https://x.com/ada/status/123"
    table.sit("l", f"'{thread}'", "tab", "'https://example.org/code'", "enter")
    paper = table.paper(FIRST)
    assert (paper.thread_url, paper.code_url) == (thread, "https://example.org/code")


def test_a_wrong_link_is_said_and_may_be_mended(table: Table) -> None:
    seen = table.sit("l", "'nonsense'", "enter")
    assert "nonsense" in seen.said
    assert "the links of this pick" in seen.window
    table.sit("l", "'nonsense'", "enter", "escape")
    assert table.paper(FIRST).thread_url is None


# What was approved, and troubles


def test_the_thread_of_an_approved_pick_is_the_one_that_was_frozen(table: Table) -> None:
    seen = table.sit("n", "'a note.'", "escape", "a", "k")
    assert "approved by ada, goes out" in seen.about
    assert "bluesky · 1 post · approved" in seen.posts


def test_an_outage_is_said_once_and_ends_no_sitting(table: Table) -> None:
    def fails(room: Table) -> None:
        room.out_of_reach = True

    def returns(room: Table) -> None:
        room.out_of_reach = False

    assert table.sit(fails, "look", "look", "a", "n", "'words'", "escape").said.startswith(
        "the database does not answer"
    )
    returns(table)
    seen = table.sit(fails, "look", "x", "1", "n", "'words'", "escape", returns, "look", "escape", "a")
    paper = table.paper(FIRST)
    assert (paper.note, paper.state, seen.selected) == ("words", CandidateState.APPROVED, SECOND)
    assert table.sit(fails, "look", returns, "look").said == "the database answers again"


def test_words_that_cannot_be_stored_are_printed_when_the_person_leaves_twice(table: Table) -> None:
    def fails(room: Table) -> None:
        room.out_of_reach = True

    assert table.sit("n", "'my words'", fails, "ctrl+q").summary is None
    table.out_of_reach = False
    summary = table.sit("n", "'my words'", fails, "ctrl+q", "ctrl+q").summary
    assert summary is not None
    assert summary.endswith(f"not stored, your note for {FIRST}:\nmy words")


def test_undo_takes_back_nobody_elses_decision_by_a_slip(table: Table) -> None:
    table.sit("x", "enter", lambda room: room.does("ben", "reject", SECOND), "u")
    assert (table.state(FIRST), table.state(SECOND)) == (CandidateState.QUEUED, CandidateState.REJECTED)
