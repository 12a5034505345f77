"""Two curators and one paper: the second is told who wrote what before, and nothing that was written is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest

import json_views as views
from bot.curation.context import Account, Context, Edits
from bot.curation.decisions import NoteChangedError, approve, note
from bot.curation.words import Overwritten
from bot.domain.actors import Actor
from bot.domain.errors import PicksError
from bot.domain.posts import Quote
from bot.intake.ingest import Capture, ingest
from bot.store.database import Database
from samples import NOON, announcement, batch, channel

PAPER = "2602.00001"
SAMPLE = channel()
CODE = "https://example.org/code"
By = Callable[..., Context]


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


@pytest.fixture
def by(database: Database) -> By:
    """Return a maker of contexts: what a curator works with, some minutes after noon."""
    ingest(database, [Capture(batch(announcement(PAPER, "Probing")), "test")], channels=[SAMPLE], now=NOON)

    def make(name: str, minutes: int = 0) -> Context:
        accounts = dict.fromkeys(SAMPLE.posting.platforms, Account("an account"))
        now = NOON + timedelta(minutes=minutes)
        return Context(database, SAMPLE, accounts, _no_quote, Actor(name, "test"), now)

    return make


def _details(context: Context) -> list[tuple[str, str, str]]:
    rows = views.show(context.database, SAMPLE, PAPER)["decisions"]
    return [(row["action"], row["by"], row["detail"]) for row in rows]


def test_the_second_is_told_whose_note_it_was_and_what_it_said(by: By) -> None:
    assert note(by("ada"), PAPER, Edits(note="Ada's words.")).overwritten == ()
    done = note(by("bob", 5), PAPER, Edits(note="Bob's words."))
    assert done.overwritten == (Overwritten("ada", NOON, {"note": "Ada's words."}),)
    assert _details(by("ada")) == [
        ("note", "ada", "note: Ada's words."),
        ("note", "bob", "note: Bob's words.; instead of ada's note: Ada's words."),
    ]


def test_one_who_comes_back_is_told_too(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    note(by("bob", 5), PAPER, Edits(note="Bob's words."))
    done = note(by("ada", 9), PAPER, Edits(note="Ada's better words."))
    assert done.overwritten == (Overwritten("bob", NOON + timedelta(minutes=5), {"note": "Bob's words."}),)
    assert note(by("ada", 9), PAPER, Edits(note="Ada's best words.")).overwritten == ()


@pytest.mark.parametrize(
    ("edits", "replaced"),
    [
        (Edits(note="Ada's words."), None),
        (Edits(note="Ada's words.", code_url=CODE + "2"), {"code": CODE}),
        (Edits(note=""), {"note": "Ada's words."}),
        (Edits(thread_url="https://x.com/one/status/17"), None),
        (Edits(code_url=""), {"code": CODE}),
        (Edits(note="Bob's.", code_url=""), {"note": "Ada's words.", "code": CODE}),
    ],
)
def test_only_what_is_lost_from_sight_is_told(by: By, edits: Edits, replaced: dict[str, str] | None) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words.", code_url=CODE))
    done = note(by("bob"), PAPER, edits)
    assert done.overwritten == ((Overwritten("ada", NOON, replaced),) if replaced else ())


def test_an_approval_with_a_note_tells_it_too_and_leaves_the_words_in_the_log(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    done = approve(by("bob", 5), PAPER, Edits(note="Bob's words."))
    assert done.overwritten == (Overwritten("ada", NOON, {"note": "Ada's words."}),)
    assert _details(by("ada"))[1] == ("note", "bob", "note: Bob's words.; instead of ada's note: Ada's words.")
    after = note(by("ada", 9), PAPER, Edits(note="Ada's better words."))
    assert after.overwritten == (Overwritten("bob", NOON + timedelta(minutes=5), {"note": "Bob's words."}),)


def test_an_approval_says_whose_words_go_out_if_another_wrote_them(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    assert approve(by("ada"), PAPER, Edits()).words_of == {}
    assert approve(by("bob"), PAPER, Edits()).words_of == {"note": "ada"}
    assert approve(by("bob"), PAPER, Edits(note="Bob's words.")).words_of == {}


def test_who_adds_a_link_has_not_written_the_note(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    assert note(by("bob", 5), PAPER, Edits(code_url=CODE)).overwritten == ()
    assert approve(by("bob", 6), PAPER, Edits()).words_of == {"note": "ada"}
    assert approve(by("ada", 7), PAPER, Edits()).words_of == {"code": "bob"}
    done = note(by("bob", 8), PAPER, Edits(note="Bob's words."))
    assert done.overwritten == (Overwritten("ada", NOON, {"note": "Ada's words."}),)
    assert _details(by("ada"))[-1] == ("note", "bob", "note: Bob's words.; instead of ada's note: Ada's words.")


def test_ones_own_note_is_not_told_as_the_words_of_who_added_a_link(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    note(by("bob", 5), PAPER, Edits(code_url=CODE))
    assert note(by("ada", 8), PAPER, Edits(note="Ada's better words.")).overwritten == ()


def test_words_of_two_others_are_told_with_the_names_of_both(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    note(by("bob", 5), PAPER, Edits(code_url=CODE))
    done = approve(by("cy", 9), PAPER, Edits(note="Cy's words.", code_url=""))
    assert done.overwritten == (
        Overwritten("ada", NOON, {"note": "Ada's words."}),
        Overwritten("bob", NOON + timedelta(minutes=5), {"code": CODE}),
    )
    detail = _details(by("ada"))[2][2]
    assert detail.endswith(f"; instead of ada's note: Ada's words.; bob's code: {CODE}")


def test_who_wrote_while_another_added_a_link_is_not_stopped_and_not_told(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="First words."))
    note(by("bob", 5), PAPER, Edits(code_url=CODE))
    assert note(by("ada", 9), PAPER, Edits(note="Ada's words."), seen="First words.").overwritten == ()


def test_who_wrote_while_another_did_is_told_before_anything_is_replaced(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="First words."))
    note(by("bob", 5), PAPER, Edits(note="Bob's words."))
    with pytest.raises(PicksError) as caught:
        note(by("ada", 9), PAPER, Edits(note="Ada's words."), seen="First words.")
    assert str(caught.value) == (
        f'bob changed the note of {PAPER} at Tue 17 Feb 2026 12:05 UTC, while you wrote: it says "Bob\'s words." now; '
        f"look at both, and write again: picks note {PAPER}"
    )
    assert views.show(by("ada").database, SAMPLE, PAPER)["note"] == "Bob's words."
    note(by("ada", 9), PAPER, Edits(note="Ada's words."), seen="Bob's words.")


def test_nobody_approves_a_note_that_another_has_changed_since_they_looked(by: By) -> None:
    note(by("ada"), PAPER, Edits(note="Ada's words."))
    note(by("bob", 5), PAPER, Edits(note="Bob's words."))
    with pytest.raises(NoteChangedError) as caught:
        approve(by("ada", 9), PAPER, Edits(), seen="Ada's words.")
    assert str(caught.value) == (
        f'bob changed the note of {PAPER} at Tue 17 Feb 2026 12:05 UTC, after you had looked: it says "Bob\'s words." '
        f"now; look at both, and approve again: picks approve {PAPER}"
    )
    assert views.show(by("ada").database, SAMPLE, PAPER)["state"] == "queued"
    assert approve(by("ada", 9), PAPER, Edits(), seen="Bob's words.").words_of == {"note": "bob"}
