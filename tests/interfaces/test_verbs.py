"""The verbs as any mouth calls them: several papers, dates, the own last decision, what is listed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from bot.curation.context import Account, Context, UnreadableIdError
from bot.domain.actors import Actor
from bot.domain.errors import PicksError, UsageError
from bot.domain.posts import Platform, Quote
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.commands import VERBS, Call, Reply
from bot.interfaces.commands.note_sheet import note_sheet
from bot.interfaces.display import VIEWS
from bot.publishing.sender import Outbox
from bot.store.database import Database
from samples import NOON, WEDNESDAY, announcement, batch, channel

SAMPLE = channel(queue={"size": 10}, posting={"platforms": ["console"], "time_zone": "America/New_York"})
PEOPLE = (
    ("Ada One", "Bo Two"),
    ("Bo Two",),
    ("Zoë Łukasz",),
    ("Cy Three", "Di Four", "Ed Five", "Flo Six", "Gus Seven"),
)
LATER = NOON + timedelta(days=1)


class Desk:
    """A queue of four papers, two of Tuesday and two of Wednesday, and people who say things."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.now = LATER
        for number, authors in enumerate(PEOPLE, 1):
            paper = announcement(f"2602.0000{number}", f"Probing {number}", authors=authors)
            given = batch(paper) if number <= 2 else batch(paper, day=WEDNESDAY)
            ingest(database, [Capture(given, f"test {number}")], channels=[SAMPLE], now=NOON)

    def call(self, who: str = "ada") -> Call:
        accounts = {Platform.CONSOLE: Account("console")}
        context = Context(self.database, SAMPLE, accounts, _no_quote, Actor(who, "test"), self.now)
        return Call(choose=lambda: context, every=lambda: [context], outbox=_no_outbox)

    def say(self, verb: str, *, who: str = "ada", **values: Any) -> Reply:
        self.now += timedelta(minutes=1)
        return VERBS[verb].run(self.call(who), **values)

    def states(self) -> list[str]:
        shown = (self.say("show", paper=str(number)).data for number in range(1, 5))
        return [str(item.state) for item in shown]


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


def _no_outbox() -> Outbox:
    raise AssertionError("nothing is sent here")


@pytest.fixture
def desk(sqlite_database: Database) -> Desk:
    return Desk(sqlite_database)


# Several papers


def test_several_papers_are_rejected_at_once_for_one_reason(desk: Desk) -> None:
    reply = desk.say("reject", paper=["1", "2602.00002", "#3"], reason="survey")
    assert reply.summary == "\n".join(f"rejected 2602.0000{number}: #{number} Probing {number}" for number in (1, 2, 3))
    assert [item.arxiv_id for item in reply.data] == ["2602.00001", "2602.00002", "2602.00003"]
    assert {item.decisions[-1].detail for item in reply.data} == {"survey"}
    assert desk.states() == ["rejected", "rejected", "rejected", "queued"]


def test_one_that_fails_stops_none_of_the_others_and_each_failure_is_a_line(desk: Desk) -> None:
    desk.say("reject", paper=["2"])
    reply = desk.say("reject", paper=["77", "1", "2", "3"])
    assert desk.states() == ["rejected", "rejected", "rejected", "queued"]
    assert reply.summary == "\n".join(f"rejected 2602.0000{number}: #{number} Probing {number}" for number in (1, 3))
    first, second = reply.failed.splitlines()
    assert first == "nothing in the queue has the number 77; see picks queue"
    assert second.startswith("cannot reject 2602.00002: it is rejected; take the rejection back first")


def test_an_id_that_cannot_be_read_is_wrong_usage_and_nothing_is_done(desk: Desk) -> None:
    with pytest.raises(UsageError, match="'survey' is neither a queue number nor an arXiv id"):
        desk.say("reject", paper=["1", "survey"])
    assert desk.states() == ["queued"] * 4


def test_one_paper_answers_as_it_always_did_and_one_that_is_named_twice_is_one(desk: Desk) -> None:
    with pytest.raises(PicksError, match="nothing in the queue has the number 77"):
        desk.say("reject", paper=["77"])
    assert desk.say("reject", paper="1").data.arxiv_id == "2602.00001"
    assert desk.say("reject", paper=["2", "#2"]).data.arxiv_id == "2602.00002"


def test_several_approvals_take_a_slot_each(desk: Desk) -> None:
    reply = desk.say("approve", paper=["1", "2"])
    assert len({item.slot for item in reply.data}) == 2
    assert desk.states()[:2] == ["approved", "approved"]
    undone = desk.say("undo", paper=["1", "2"])
    assert (len(undone.data), desk.states()) == (2, ["queued"] * 4)


@pytest.mark.parametrize("values", [{"note": "Mine."}, {"at": "10:00"}, {"now": True}, {"code": "https://example.org"}])
def test_words_and_times_are_for_one_pick(desk: Desk, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="are for one pick"):
        desk.say("approve", paper=["1", "2"], **values)


def test_a_database_that_cannot_be_used_is_asked_once(desk: Desk) -> None:
    desk.database.close()
    broken = Desk.__new__(Desk)
    broken.database, broken.now = Database("sqlite:////nowhere/at/all.db"), desk.now
    reply = broken.say("reject", paper=["1", "2", "3"])
    [line] = reply.failed.splitlines()
    assert line.endswith("; not done: 1 2 3")


# Dates


@pytest.mark.parametrize(
    ("words", "until"),
    [
        ({"paper": ["1", "mon"]}, "2026-02-23"),
        ({"paper": ["1", "2", "3d"]}, "2026-02-21"),
        ({"paper": ["1"], "until": "tomorrow"}, "2026-02-19"),
        ({"paper": "1", "until": "2026-03-02"}, "2026-03-02"),
    ],
)
def test_a_hold_takes_its_date_behind_the_papers_or_by_its_name(desk: Desk, words: dict[str, Any], until: str) -> None:
    desk.say("hold", **words)
    assert str(desk.say("show", paper="1").data.held_until) == until
    assert desk.states()[1] == ("held" if until == "2026-02-21" else "queued")


def test_a_day_of_a_hold_is_one_of_the_channels_zone(desk: Desk) -> None:
    desk.now = datetime(2026, 2, 19, 3, tzinfo=UTC)  # in New York it is Wednesday still
    assert "2602.00001 is held until Thu 2026-02-19: #1 Probing 1" in desk.say("hold", paper=["1", "tomorrow"]).summary


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"paper": ["1"]}, r"until when\? write picks hold 1 mon"),
        ({"paper": ["1", "2"]}, "cannot read the date '2'"),
        ({"paper": ["1", "mon"], "until": "tue"}, "'mon' is neither a queue number"),
    ],
)
def test_a_hold_without_a_date_is_wrong_usage(desk: Desk, words: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        desk.say("hold", **words)
    assert desk.states() == ["queued"] * 4


def test_an_approval_takes_a_weekday_and_a_time(desk: Desk) -> None:
    reply = desk.say("approve", paper="1", at="mon 10:15")
    assert reply.data.slot == datetime(2026, 2, 23, 15, 15, tzinfo=UTC)


# The own last decision

Undo = Callable[..., str]


@pytest.fixture
def undo(desk: Desk) -> Undo:
    def say(*, who: str = "ada") -> str:
        return desk.say("undo", who=who).summary

    return say


def test_undo_without_a_paper_takes_the_own_last_decision_back_and_says_which(desk: Desk, undo: Undo) -> None:
    desk.say("reject", paper=["1", "2"])
    desk.say("hold", paper=["3", "mon"], who="bob")
    said = undo()
    assert said == "your last decision was about #2 Probing 2:\n2602.00002 was rejected, now it is queued again"
    assert desk.states() == ["rejected", "queued", "held", "queued"]


def test_undo_again_goes_further_back_and_ends_where_nothing_is_left(desk: Desk, undo: Undo) -> None:
    desk.say("reject", paper="1")
    desk.say("approve", paper="2")
    desk.say("hold", paper=["3", "mon"])
    assert [undo().splitlines()[-1][:10] for _ in range(3)] == ["2602.00003", "2602.00002", "2602.00001"]
    assert desk.states() == ["queued"] * 4
    with pytest.raises(PicksError, match="ada has decided nothing in sample that could be taken back"):
        undo()


def test_what_is_held_again_is_no_decision_of_whoever_took_the_next_one_back(desk: Desk, undo: Undo) -> None:
    desk.say("hold", paper=["1", "2026-03-02"], who="bob")
    desk.say("reject", paper="1")
    assert "now it is held until 2026-03-02 again" in undo()
    with pytest.raises(PicksError, match="ada has decided nothing"):
        undo()
    assert "2602.00001 was held" in undo(who="bob")


def test_an_own_hold_that_came_back_can_be_taken_back_too(desk: Desk, undo: Undo) -> None:
    desk.say("hold", paper=["1", "2026-03-02"])
    desk.say("reject", paper="1")
    assert [undo().splitlines()[-1] for _ in range(2)] == [
        "2602.00001 was rejected, now it is held until 2026-03-02 again",
        "2602.00001 was held, now it is queued again",
    ]


@pytest.mark.parametrize(
    ("verb", "values", "said"),
    [
        ("undo", {"paper": "2", "who": "bob"}, "undo by bob"),
        ("note", {"paper": "2", "text": "Mine."}, "note by ada"),
        ("approve", {"paper": "2", "who": "bob"}, "approve by bob"),
    ],
)
def test_what_has_changed_since_is_not_taken_back_by_accident(
    desk: Desk, undo: Undo, verb: str, values: dict[str, Any], said: str
) -> None:
    desk.say("reject", paper="1")
    desk.say("approve", paper="2")
    desk.say(verb, **values)
    with pytest.raises(
        PicksError, match=f"your last decision, approve 2602.00002, no longer stands: {said}, Wed 18 Feb"
    ):
        undo()
    assert desk.states()[0] == "rejected"


def test_a_second_approval_of_ones_own_is_taken_back_like_the_first(desk: Desk, undo: Undo) -> None:
    desk.say("approve", paper="1", note="Frist.")
    desk.say("approve", paper="1", note="First.")
    assert "2602.00001 was approved, now it is queued again" in undo()
    with pytest.raises(PicksError, match="has decided nothing"):
        undo()


# What is listed


def _listed(reply: Reply) -> list[int]:
    return sorted(item.id for item in reply.data)


@pytest.mark.parametrize(
    ("values", "found", "said"),
    [
        ({"day": "2026-02-17"}, [1, 2], "2 of 2 queued candidates of 2026-02-17"),
        ({"day": "tue"}, [1, 2], "2 of 2 queued candidates of 2026-02-17"),
        ({"day": "yesterday", "limit": 1}, None, "1 of 2 queued candidates of 2026-02-17; --all for the rest"),
        ({"new": True}, [3, 4], "2 of 2 queued candidates of 2026-02-18"),
        ({"by": "two"}, [1, 2], "2 of 2 queued candidates by 'two'"),
        ({"by": "bo tw", "day": "tue", "limit": 1}, None, "1 of 2 queued candidates of 2026-02-17 by 'bo tw'; --all"),
        ({"by": "zoe lukasz"}, [3], "1 of 1 queued candidates by 'zoe lukasz'"),
        ({"by": "ada two"}, [], ""),  # of two people
        ({"all": True}, [1, 2, 3, 4], "4 of 4 queued candidates"),
    ],
)
def test_a_queue_may_be_that_of_a_day_or_of_an_author(
    desk: Desk, values: dict[str, Any], found: list[int] | None, said: str
) -> None:
    reply = desk.say("queue", **values)
    assert reply.count.startswith(said)
    assert found is None or _listed(reply) == found


def test_the_newest_day_stays_the_newest_when_all_of_it_is_decided(desk: Desk) -> None:
    desk.say("reject", paper=["3", "4"])
    reply = desk.say("queue", new=True)
    assert reply.summary == "no candidates of 2026-02-18 are queued; picks queue lists all that are"
    rejected = desk.say("queue", new=True, state=CandidateState.REJECTED)
    assert _listed(rejected) == [3, 4]


@pytest.mark.parametrize("values", [{"day": "tue", "new": True}, {"limit": 3, "all": True}, {"day": "soon"}])
def test_a_list_that_cannot_be_meant_is_wrong_usage(desk: Desk, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        desk.say("queue", **values)


def test_a_page_to_open_is_named_for_the_mouth(desk: Desk) -> None:
    reply = desk.say("open", paper="3")
    assert (reply.page, reply.summary) == ("https://arxiv.org/abs/2602.00003", "2602.00003: Probing 3")


def test_the_help_of_reject_says_that_reasons_teach() -> None:
    assert "the ranking learns from each of them" in VERBS["reject"].help
    assert "from one with a reason half as much again" in VERBS["reject"].help


# The sheet of the editor


def test_the_editor_starts_with_the_note_and_what_it_is_about(desk: Desk) -> None:
    desk.say("note", paper="4", text="Old words.")
    sheet = note_sheet(desk.call().context, "4")
    assert sheet.text.splitlines() == [
        "Old words.",
        "",
        "# Probing 4",
        "# Cy Three, Di Four, Ed Five, Flo Six, Gus Seven",
        "# https://arxiv.org/abs/2602.00004",
        "#",
        "# An abstract.",
        "#",
        "# At most 500 characters. Lines that begin with '#' and a blank are left out; a",
        "# hashtag such as #NLP stays. Leave without saving, and nothing is changed.",
    ]
    assert sheet.written(sheet.text) == sheet.seen == "Old words."


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("#NLP is not dropped\n# this is\n#\n#this is not", "#NLP is not dropped\n#this is not"),
        ("\n\n# a\n\nLast words.\n", "Last words."),
        ("One.\r\n# x\r\nTwo.\r\n", "One.\nTwo."),
        ("# only comments\n", ""),
        ("a # b\n  # c", "a # b\n  # c"),
    ],
)
def test_only_comment_lines_are_left_out(desk: Desk, text: str, note: str) -> None:
    assert note_sheet(desk.call().context, "4").written(text) == note


def test_a_note_with_such_lines_gets_another_mark_and_loses_nothing(desk: Desk) -> None:
    note = "# One\n\n; two\n#NLP"
    desk.say("note", paper="4", text=note)
    sheet = note_sheet(desk.call().context, "4")
    assert sheet.mark == "%"
    assert sheet.written(sheet.text) == note


def test_strangers_words_never_become_a_part_of_the_note(sqlite_database: Database) -> None:
    evil = announcement(
        "2602.00001", "Probing\n: a\x1b[2J title", abstract="One.\n\nAnd\r\nmore\x0bof it.", authors=("A\nB",)
    )
    ingest(sqlite_database, [Capture(batch(evil), "test")], channels=[SAMPLE], now=NOON)
    desk = Desk.__new__(Desk)
    desk.database, desk.now = sqlite_database, LATER
    sheet = note_sheet(desk.call().context, "2602.00001")
    assert sheet.written(sheet.text) == ""
    assert "\x1b" not in sheet.text


def test_several_papers_are_shown_below_each_other(desk: Desk) -> None:
    reply = desk.say("show", paper=["3", "1", "77"])
    assert [item.id for item in reply.data] == [3, 1]
    assert reply.failed == "nothing in the queue has the number 77; see picks queue"
    console = Console(file=StringIO(), width=80)
    console.print(VIEWS["show"](reply.data, SAMPLE.posting.zone))
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert shown.index("1 of 2") < shown.index("Probing 3") < shown.index("2 of 2") < shown.index("Probing 1")


@pytest.mark.parametrize(("verb", "values"), [("queue", {"limit": 10**20}), ("log", {"after": 10**20})])
def test_a_number_that_no_database_counts_is_wrong_usage(desk: Desk, verb: str, values: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="2147483647"):
        desk.say(verb, **values)


def test_an_author_without_a_name_is_wrong_usage(desk: Desk) -> None:
    with pytest.raises(UsageError, match="--by needs a name"):
        desk.say("queue", by=" ")


def test_a_note_that_is_taken_away_is_said(desk: Desk) -> None:
    desk.say("note", paper="1", text="A note.")
    assert desk.say("note", paper="1", text="").summary == "the note of 2602.00001 is removed"


def test_a_date_without_a_paper_is_no_paper(desk: Desk) -> None:
    with pytest.raises(UnreadableIdError, match="mon"):
        desk.say("hold", paper=["mon"])
