"""Curators decide by message: the same verbs, the same log, and an answer to each."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, update

from bot.domain.states import CandidateState, DeliveryState
from bot.store.tables import Candidate, Delivery
from chat_scene import ADA, BEN, BOT, OLA, PAPERS, VIC, Scene, scene_in

pytestmark = pytest.mark.slow

APPROVE = (
    "approve ID …[: NOTE]: Approve a pick: its exact posts are frozen and go out in the next free slot. "
    "Several picks take one slot each"
)
NOTE = "Sparse probes find what attention hides, and it’s neat to read."


@pytest.fixture
def scene(tmp_path: Path, migrated_file: Path) -> Iterator[Scene]:
    """Return a channel with papers and curators."""
    with scene_in(tmp_path, migrated_file) as scene:
        yield scene


def test_the_queue_comes_as_text_for_a_phone(scene: Scene) -> None:
    [answer] = scene.say(ADA, "queue")
    assert answer.count("#") == 4
    assert "Probing One" in answer
    assert "4 of 4 queued candidates" in answer


def test_a_pick_is_noted_approved_and_taken_back(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    [noted] = scene.say(ADA, f"note {number} {NOTE}")
    assert noted == f"noted for {PAPERS[0]}"
    answer = "\n".join(scene.say(ADA, f"approve {number}"))
    assert "slot: Tue 17 Feb 2026 15:00 UTC" in answer
    assert NOTE in answer
    assert "│ " in answer
    assert "bluesky, " in answer
    assert scene.state(PAPERS[0]) == "approved"
    [undone] = scene.say(ADA, f"undo {number}")
    assert "was approved, now it is queued again" in undone
    assert scene.log() == [("note", "Ada", "chat"), ("approve", "Ada", "chat"), ("undo", "Ada", "chat")]


def test_what_the_shell_gained_works_by_message_too(scene: Scene) -> None:
    first, second, third = (scene.number(paper) for paper in PAPERS[:3])
    assert "rejected" in "\n".join(scene.say(ADA, f"reject {first} {second}: survey"))
    assert (scene.state(PAPERS[0]), scene.state(PAPERS[1])) == ("rejected", "rejected")
    [undone] = scene.say(ADA, "undo")
    assert f"your last decision was about #{second} " in undone
    [held] = scene.say(ADA, f"hold {third} mon")
    assert "is held until Mon 2026-02-23" in held
    assert f"https://arxiv.org/abs/{PAPERS[0]}" in scene.say(ADA, f"open {first}")[0]
    assert f"hold of #{third} by Ada" in scene.say(ADA, "log")[0]
    assert "Probing" in "\n".join(scene.say(ADA, "digest"))


def test_what_is_out_is_corrected_by_message_once_its_change_was_seen(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    scene.say(ADA, f"approve {number}: {NOTE}")
    with scene.app.database.transaction() as session:  # as if it had gone out
        session.execute(update(Delivery).values(state=DeliveryState.SENT, sent_at=scene.now))
        session.execute(update(Candidate).where(col(Candidate.id) == number).values(state=CandidateState.PUBLISHED))
    said = f"{number}: {NOTE.replace('neat', 'hard')}"
    shown = "\n".join(scene.say(ADA, f"correct {said}"))
    assert "[-neat-]{+hard+}" in shown
    assert "a reply" in shown
    assert "nothing is stored yet" in shown
    assert "correct" not in [action for action, *_ in scene.log()]
    assert "the role curator, and yours is viewer" in "".join(scene.say(VIC, f"correct --yes {said}"))
    approved = "\n".join(scene.say(ADA, f"correct --yes {said}"))
    assert "approved the correction of" in approved
    assert f"correction (reply) of #{number} " in "\n".join(scene.say(ADA, "status"))
    assert "its correction (reply) is planned for" in "\n".join(scene.say(ADA, f"show {number}"))
    assert "is taken back" in "\n".join(scene.say(ADA, f"undo {number}"))
    assert scene.log()[-2:] == [("correct", "Ada", "chat"), ("uncorrect", "Ada", "chat")]


def test_an_approval_without_a_note_asks_once_and_the_answer_is_the_note(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    [asked] = scene.say(ADA, f"approve {number}")
    assert asked.startswith(f"#{number} has no note yet, so it is not approved.")
    assert scene.state(PAPERS[0]) == "queued"
    answer = "\n".join(scene.say(ADA, NOTE, reply_to=scene.told(ADA)[-1].id))
    assert NOTE in answer
    assert scene.state(PAPERS[0]) == "approved"


def test_who_approves_again_without_a_note_means_it(scene: Scene) -> None:
    number = scene.number(PAPERS[1])
    scene.say(ADA, f"approve {number}")
    [answer] = scene.say(ADA, f"approve {number}")
    assert answer.startswith(f"approved {PAPERS[1]}, slot: ")
    [asked] = scene.say(BEN, f"approve {scene.number(PAPERS[2])}")
    assert "has no note yet" in asked


def test_a_remark_in_answer_to_the_wish_for_a_note_approves_nothing(scene: Scene) -> None:
    scene.say(ADA, f"approve {scene.number(PAPERS[0])}")
    [answer] = scene.say(ADA, "not today", reply_to=scene.told(ADA)[-1].id)
    assert "nothing was done" in answer
    assert scene.state(PAPERS[0]) == "queued"


def test_an_answer_to_a_card_needs_no_number(scene: Scene) -> None:
    number = scene.number(PAPERS[2])
    [card] = scene.say(ADA, f"show {number}")
    assert "👍 approve · 👎 reject · ⏳ hold until Tue 24 Feb" in card
    assert f"https://arxiv.org/abs/{PAPERS[2]}" in card.splitlines()
    [answer] = scene.say(ADA, "reject a survey", reply_to=scene.told(ADA)[-1].id)
    assert answer == f"rejected {PAPERS[2]}: #{scene.number(PAPERS[2])} Probing Three"
    assert scene.state(PAPERS[2]) == "rejected"


def test_a_bare_number_that_is_not_the_cards_does_nothing(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[2])}")
    other = scene.number(PAPERS[0])
    [answer] = scene.say(ADA, f"reject {other}", reply_to=scene.told(ADA)[-1].id)
    assert f"wrote {other}; nothing was done" in answer
    assert scene.log() == []


@pytest.mark.parametrize(("emoji", "state"), [("👎", "rejected"), ("👎🏽", "rejected"), ("⏳", "held")])
def test_a_reaction_to_a_card_decides_and_taken_away_takes_it_back(scene: Scene, emoji: str, state: str) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[3])}")
    card = scene.told(ADA)[-1]
    [answer] = scene.react(ADA, card, emoji)
    assert PAPERS[3] in answer
    assert scene.state(PAPERS[3]) == state
    scene.service.take_away(ADA, card.id, emoji)
    scene.tick()
    assert scene.state(PAPERS[3]) == "queued"
    assert "now it is queued again" in scene.told(ADA)[-1].text


def test_a_reaction_holds_until_the_day_that_the_card_says(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[3])}")
    [answer] = scene.react(ADA, scene.told(ADA)[-1], "⏳")
    assert "held until" in answer
    assert "2026-02-24" in answer


def test_a_thumb_approves_with_the_note_that_is_there(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    scene.say(ADA, f"note {number} {NOTE}")
    scene.say(ADA, f"show {number}")
    answer = scene.react(ADA, scene.told(ADA)[-1], "👍")
    assert answer[0].startswith(f"approved {PAPERS[0]}")


def test_a_thumb_for_an_answer_that_is_no_card_decides_nothing(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    scene.say(ADA, f"note {number} {NOTE}")
    assert scene.react(ADA, scene.told(ADA)[-1], "👍") == []
    assert scene.state(PAPERS[0]) == "queued"


def test_a_reaction_taken_away_leaves_what_was_decided_since(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[3])}")
    card = scene.told(ADA)[-1]
    scene.react(ADA, card, "👎")
    scene.say(BEN, f"undo {scene.number(PAPERS[3])}")
    scene.say(BEN, f"reject {scene.number(PAPERS[3])} my own reason")
    scene.service.take_away(ADA, card.id, "👎")
    scene.tick()
    assert scene.state(PAPERS[3]) == "rejected"


def test_an_emoji_as_an_answer_to_a_card_is_a_reaction(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[3])}")
    scene.say(ADA, "👎", reply_to=scene.told(ADA)[-1].id)
    assert scene.state(PAPERS[3]) == "rejected"


def test_the_channel_file_chooses_the_emoji(tmp_path: Path, migrated_file: Path) -> None:
    rules = '[chat]\napprove = "✅"\nreject = "❌"\nhold = ""\nhold_days = 3\n'
    with scene_in(tmp_path, migrated_file, more=rules) as scene:
        [card] = scene.say(ADA, f"show {scene.number(PAPERS[0])}")
        assert card.endswith("Or react: ✅ approve · ❌ reject")
        assert scene.react(ADA, scene.told(ADA)[-1], "👍") == []
        scene.react(ADA, scene.told(ADA)[-1], "❌")
        assert scene.state(PAPERS[0]) == "rejected"


def test_each_role_does_what_it_may(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    [seen] = scene.say(VIC, f"show {number}")
    assert "react" not in seen
    [refused] = scene.say(VIC, f"reject {number}")
    assert refused.startswith("reject is for people with the role curator, and yours is viewer")
    [refused] = scene.say(ADA, f"retract {number}")
    assert refused.startswith("retract is for people with the role operator")
    [tried] = scene.say(OLA, f"retract {number}")
    assert tried == f"nothing of {PAPERS[0]} is out; see history"
    assert scene.log() == []
    assert "retract ID" in "\n".join(scene.say(OLA, "help"))
    assert "retract ID" not in "\n".join(scene.say(ADA, "help"))
    assert "approve ID" not in "\n".join(scene.say(VIC, "help"))


def test_errors_are_one_line_without_the_shells_words(scene: Scene) -> None:
    [answer] = scene.say(ADA, "show 999")
    assert answer == "nothing in the queue has the number 999; see queue"
    [answer] = scene.say(ADA, "aprove 1")
    assert "did you mean approve?" in answer


def test_a_long_answer_is_split_where_lines_end(scene: Scene) -> None:
    answers = scene.say(OLA, "help")
    assert len(answers) > 1
    assert max(map(len, answers)) <= 1000
    assert [line for answer in answers for line in answer.splitlines() if line.startswith("approve")] == [APPROVE]


def test_help_about_a_verb_tells_its_options(scene: Scene) -> None:
    [answer] = scene.say(ADA, "help approve")
    assert answer.startswith("approve ID …[: NOTE]")
    assert "--at: When" in answer


def test_status_and_the_other_views_have_a_form_for_a_phone(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    assert "4 queued" in "\n".join(scene.say(ADA, "status"))
    assert "to begin with" in "\n".join(scene.say(ADA, f"why {number}"))
    assert "a draft" in "\n".join(scene.say(ADA, f"preview {number}"))
    assert "Probing Two" in "\n".join(scene.say(ADA, "search two"))
    assert "papers most like it" in "\n".join(scene.say(ADA, f"similar {number}"))
    assert scene.say(ADA, "history") == ["nothing has gone out yet"]
    assert "Publish" not in "\n".join(scene.say(OLA, "publish --dry-run"))


def test_status_tells_of_every_channel_of_a_person_and_the_other_verbs_ask_which(scene: Scene) -> None:
    folder = scene.folder / "config"
    (folder / "second.toml").write_text((folder / "sample.toml").read_text("utf-8"), "utf-8")
    scene.app = scene.new_app()
    scene.job = scene.new_job()
    [both] = scene.say(ADA, "status")
    assert [line.partition(":")[0] for line in both.splitlines() if "queue" in line] == ["sample", "second"]
    [one] = scene.say(ADA, "status --channel second")
    assert "sample" not in one
    assert scene.say(ADA, "queue") == ["which channel? add --channel and one of sample, second"]


def test_the_digest_tells_who_decides_how_and_who_looks_what_there_is(scene: Scene) -> None:
    assert "approve" in "".join(scene.say(ADA, "digest"))
    assert "approve" not in "".join(scene.say(VIC, "digest"))


def test_messages_are_shown_as_read_and_requests_taken(scene: Scene) -> None:
    scene.say(ADA, "queue")
    room = scene.service.room_of(ADA, BOT)
    assert BOT in room.accepted
    assert room.read[BOT] == room.said[0].id


def test_who_decides_no_longer_takes_nothing_back_with_a_reaction(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[3])}")
    card = scene.told(ADA)[-1]
    scene.react(ADA, card, "👎")
    file = next((scene.folder / "config").glob("*.toml"))
    file.write_text(file.read_text("utf-8").replace('name = "Ada"', 'name = "Ada"\nrole = "viewer"'), "utf-8")
    scene.app = scene.new_app()  # the worker was started again with the new file
    scene.job = scene.new_job()
    scene.service.take_away(ADA, card.id, "👎")
    scene.tick()
    assert scene.state(PAPERS[3]) == "rejected"


def test_undo_in_an_answer_to_a_message_about_no_paper_needs_one(scene: Scene) -> None:
    scene.say(ADA, f"reject {scene.number(PAPERS[0])}")
    scene.say(ADA, "help undo")
    [answer] = scene.say(ADA, "undo", reply_to=scene.told(ADA)[-1].id)
    assert answer.startswith("which paper? write undo ID")
    assert scene.state(PAPERS[0]) == "rejected"


def test_a_long_list_by_message_has_an_end(scene: Scene) -> None:
    assert "4 of 4 queued candidates" in "\n".join(scene.say(ADA, "queue --all"))
