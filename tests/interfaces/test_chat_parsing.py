"""What people type on a phone becomes a verb with its values, or one line that says what to write."""

from typing import Any

import pytest

from bot.domain.corrections import CorrectionForm
from bot.domain.errors import UsageError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.chat.parsing import About, Help, Run, parse, usage
from bot.interfaces.commands import VERBS

ANEW = CorrectionForm.ANEW
CARD = About("2602.00012", 12)
ASKED = About("2602.00012", 12, asks_note=True)


def _run(text: str, about: About | None = None) -> tuple[str, dict[str, Any]]:
    said = parse(text, about=about)
    assert isinstance(said, Run)
    [call] = said.calls
    papers = call.get("paper")
    return said.verb.name, {**call, **({"paper": papers[0]} if isinstance(papers, list) else {})}


@pytest.mark.parametrize(
    ("text", "verb", "values"),
    [
        ("queue", "queue", {}),
        ("Queue.", "queue", {}),
        ("/queue", "queue", {}),
        ("picks queue --limit 5", "queue", {"limit": 5}),
        ("queue limit 5", "queue", {"limit": 5}),
        ("queue —state held", "queue", {"state": CandidateState.HELD}),
        ("show 3", "show", {"paper": "3"}),
        ("show #3", "show", {"paper": "#3"}),
        ("3", "show", {"paper": "3"}),
        ("https://arxiv.org/abs/2602.00003", "show", {"paper": "https://arxiv.org/abs/2602.00003"}),
        ("note 3 It’s “short” & <b>good</b>", "note", {"paper": "3", "text": "It’s “short” & <b>good</b>"}),
        ("note 3: words", "note", {"paper": "3", "text": "words"}),
        ("NOTE 3, words", "note", {"paper": "3", "text": "words"}),
        ("note 3 “all of it”", "note", {"paper": "3", "text": "all of it"}),
        ("note 3 one\ntwo", "note", {"paper": "3", "text": "one\ntwo"}),
        (
            "note 3 words --code https://github.com/a/b —thread https://x.com/a/status/1",
            "note",
            {
                "paper": "3",
                "text": "words",
                "code": "https://github.com/a/b",
                "thread": "https://x.com/a/status/1",
            },
        ),
        (
            "note 3 a — dash — and --what is no option",
            "note",
            {"paper": "3", "text": "a — dash — and --what is no option"},
        ),
        ("correct 3: other words", "correct", {"paper": "3", "note": "other words"}),
        ("correct --yes 3: other words", "correct", {"paper": "3", "note": "other words", "yes": True}),
        ("correct --form anew --now 3: other", "correct", {"paper": "3", "note": "other", "form": ANEW, "now": True}),
        ("approve 3", "approve", {"paper": "3"}),
        ("approve 3.", "approve", {"paper": "3"}),
        ("approve 3: a note", "approve", {"paper": "3", "note": "a note"}),
        ("approve 3\na note", "approve", {"paper": "3", "note": "a note"}),
        ("approve 3 now", "approve", {"paper": "3", "now": True}),
        ("approve 3 at mon 10:00", "approve", {"paper": "3", "at": "mon 10:00"}),
        ("approve 3 --at 10:30 --note “a note”", "approve", {"paper": "3", "at": "10:30", "note": "a note"}),
        ("reject 3", "reject", {"paper": "3"}),
        ("reject 3 survey of surveys", "reject", {"paper": "3", "reason": "survey of surveys"}),
        ("reject 3 --reason survey", "reject", {"paper": "3", "reason": "survey"}),
        ("hold 3 mon", "hold", {"paper": "3", "until": "mon"}),
        ("hold 3 until 2026-11-30", "hold", {"paper": "3", "until": "2026-11-30"}),
        ("hold 3 20261201", "hold", {"paper": "3", "until": "20261201"}),
        ("undo 3", "undo", {"paper": "3"}),
        ("search sparse  probes", "search", {"words": ["sparse", "probes"]}),
        ("retract 3 --platform X", "retract", {"paper": "3", "platform": Platform.X}),
        ("status", "status", {}),
    ],
)
def test_what_is_typed_on_a_phone_is_understood(text: str, verb: str, values: dict[str, Any]) -> None:
    assert _run(text) == (verb, values)


@pytest.mark.parametrize(
    ("text", "verb", "values"),
    [
        ("approve", "approve", {"paper": "2602.00012"}),
        ("approve: a note", "approve", {"paper": "2602.00012", "note": "a note"}),
        ("note some words", "note", {"paper": "2602.00012", "text": "some words"}),
        ("reject survey", "reject", {"paper": "2602.00012", "reason": "survey"}),
        ("hold mon", "hold", {"paper": "2602.00012", "until": "mon"}),
        ("undo", "undo", {"paper": "2602.00012"}),
        ("note 12 layers are enough", "note", {"paper": "12", "text": "layers are enough"}),
        ("note #3 words", "note", {"paper": "#3", "text": "words"}),
        ("queue", "queue", {}),
    ],
)
def test_an_answer_to_a_card_may_leave_out_the_number(text: str, verb: str, values: dict[str, Any]) -> None:
    assert _run(text, CARD) == (verb, values)


@pytest.mark.parametrize(
    ("text", "about", "said"),
    [
        ("", None, "words alone"),
        ("  \u200b\u202e ", None, "I do not know"),
        ("hello", None, "help lists"),
        ("aprove 3", None, "did you mean approve?"),
        ("> approve 3", None, "I do not know"),
        ("“approve 3”", None, "I do not know"),
        ("'approve 3'", None, "I do not know"),
        ("approve", None, "which paper? write approve ID …[: NOTE]; or answer the message about it"),
        ("approve 3 today", None, "“today” is too much"),
        ("approve 3 this is a note without a colon", None, "is too much"),
        ("approve 3\nreject 4 survey", None, "one command a message"),
        ("note 3 words\nApprove 4", None, "one command a message"),
        ("hold", None, "which paper? write hold ID … UNTIL"),
        ("queue --limit five", None, "is a number"),
        ("queue --limit", None, "needs a value"),
        ("queue --state sold", None, "is one of queued, "),
        ("why 3 4", None, "too much"),
        ("approve 5\nundo", None, "one command a message"),
        ("approve 5\n\nhelp\n", None, "one command a message"),
        ("reject 12 2 pages only", None, "I cannot tell papers from words there, so nothing was done"),
        ("reject 5 6 survey", None, "write reject 5 6: and then the words, or #5 #6 and so on"),
        ("reject 5, 6 and 7", None, "looks like another paper, so nothing was done"),
        ("note 5 -", None, "a - alone is no text"),
        ("approve --at 10:30 3 --at 11:30", None, "twice"),
        ("note 3 layers are enough", CARD, "you answered the message about #12 and wrote 3"),
        ("approve 3", CARD, "nothing was done"),
        ("hello", CARD, "I do not know"),
        ("not now", ASKED, "nothing was done"),
        ("never mind this one", ASKED, "nothing was done"),
    ],
)
def test_what_is_not_clear_is_refused_and_says_what_to_write(text: str, about: About | None, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text, about=about)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_answer_to_the_wish_for_a_note_is_the_note_and_approves() -> None:
    words = "Sparse probes find what attention hides, it’s neat."
    assert _run(words, ASKED) == ("approve", {"paper": "2602.00012", "note": words})
    assert _run("approve", ASKED) == ("approve", {"paper": "2602.00012"})
    assert _run("reject survey", ASKED)[0] == "reject"


def test_a_long_message_is_read_in_no_time_and_kept_to_the_letter() -> None:
    note = "wörter — " * 900
    assert _run(f"note 3 {note}")[1]["text"] == note.strip()
    with pytest.raises(UsageError):
        parse('"' * 10_000)


def test_help_is_about_all_verbs_or_one() -> None:
    assert parse("help") == Help()
    assert parse("?") == Help()
    assert parse("Help approve") == Help("approve")


def test_every_verb_says_how_it_is_written() -> None:
    assert {usage(verb) for verb in VERBS.values()} >= {
        "queue",
        "note ID TEXT",
        "approve ID …[: NOTE]",
        "reject ID … REASON",
        "hold ID … UNTIL",
        "search WORDS",
    }
