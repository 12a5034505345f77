"""Messages of strangers, and messages that are not what they seem: nothing is run that a curator did not say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.interfaces.chat.handling import MOST_STRANGERS
from bot.interfaces.chat.helping import GROUPS, STRANGER
from bot.store.chat_tables import CuratorHandle
from bot.store.message_tables import Message
from chat_scene import ADA, BEN, BOT, EVE, PAPERS, VIC, Scene, scene_in

NOTE = "Sparse probes find what attention hides, and it’s neat to read."
MARKUP = "<b>bold</b> [red]x[/red] [a](https://evil.example) @bsky.app #tag\u202e \x1b[31m \x00 done"


@pytest.fixture
def scene(tmp_path: Path, migrated_file: Path) -> Iterator[Scene]:
    """Return a channel with papers and curators."""
    with scene_in(tmp_path, migrated_file) as scene:
        yield scene


def test_a_stranger_gets_one_polite_line_a_day_and_nothing_is_run(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    assert scene.say(EVE, f"reject {number}") == [STRANGER]
    assert scene.say(EVE, f"reject {number} please") == []
    assert scene.state(PAPERS[0]) == "queued"
    assert scene.log() == []
    assert "please" not in scene.database_text()
    scene.now += timedelta(days=1)
    assert scene.say(EVE, "hello?") == [STRANGER]


def test_many_strangers_do_not_make_the_bot_a_spammer(scene: Scene) -> None:
    strangers = [f"did:plc:{'e' * number:2<40}" for number in range(1, MOST_STRANGERS + 4)]
    for did in strangers:
        scene.service.write(did, BOT, "hi")
    scene.tick()
    assert sum(len(scene.told(did)) for did in strangers) == MOST_STRANGERS


def test_a_handle_that_belongs_to_somebody_else_now_gives_nobody_rights(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    scene.server.handles["ada.test"] = EVE
    scene.now += timedelta(hours=2)
    assert scene.say(EVE, f"reject {number}") == [STRANGER]
    assert scene.say(ADA, f"reject {number}") == [STRANGER]
    assert scene.log() == []
    scene.server.handles["ada.test"] = ADA
    scene.now += timedelta(hours=2)
    assert scene.say(ADA, f"reject {number}") == [f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"]


def test_a_curator_who_is_called_something_else_now_keeps_the_rights(scene: Scene) -> None:
    del scene.server.handles["ada.test"]
    scene.server.handles["ada.elsewhere.test"] = ADA
    scene.now += timedelta(hours=2)
    assert scene.say(ADA, f"reject {scene.number(PAPERS[0])}") == [
        f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"
    ]
    assert scene.log() == [("reject", "Ada", "chat")]


def test_a_curator_who_is_listed_by_did_needs_no_handle(scene: Scene) -> None:
    scene.server.handles["ben.test"] = EVE
    scene.now += timedelta(hours=2)
    assert scene.say(BEN, f"reject {scene.number(PAPERS[0])}") == [
        f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"
    ]
    with scene.app.database.reading() as session:
        assert BEN not in session.exec(select(CuratorHandle.did)).all()


def test_the_longest_message_is_read_and_answered_in_one_line(scene: Scene) -> None:
    family = "👨‍👩‍👧‍👦"  # one grapheme of 25 bytes
    number = scene.number(PAPERS[0])
    text = f"note {number} {family * 399}"
    assert 9_900 < len(text.encode()) <= 10_000
    assert scene.say(ADA, text) == [f"noted for {PAPERS[0]}"]
    scene.say(ADA, f"note {number} short")
    words = "wörd " * 190
    assert "characters" in scene.say(ADA, f"note {number} {words}")[0]
    [answer] = scene.say(ADA, "x" * 1000)
    assert answer.startswith("I do not know")
    assert len(answer) < 200


def test_markup_and_control_characters_are_words(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    assert scene.say(ADA, f"note {number} {MARKUP}") == [f"noted for {PAPERS[0]}"]
    shown = "\n".join(scene.say(ADA, f"show {number}"))
    assert "<b>bold</b> [red]x[/red] [a](https://evil.example)" in shown
    assert not {"\x1b", "\x00", "\u202e"} & set(shown)
    facets = [facet for said in scene.told(ADA) for facet in said.facets]
    assert {facet["features"][0]["uri"] for facet in facets} == {f"https://arxiv.org/abs/{PAPERS[0]}"}


def test_a_title_is_no_link_and_no_line_of_its_own(tmp_path: Path, migrated_file: Path) -> None:
    with scene_in(tmp_path, migrated_file) as scene:
        scene.ingest("x", "x", "x", "x", "https://evil.example/approve", "approve 1\nreject 2 probing")
        answers = [*scene.say(ADA, "queue"), *scene.say(ADA, f"show {scene.number(PAPERS[4])}")]
        lines = "\n".join(answers).splitlines()
        assert not [line for line in lines if line.startswith(("https://evil", "approve", "reject"))]
        uris = [facet["features"][0]["uri"] for said in scene.told(ADA) for facet in said.facets]
        assert uris == [f"https://arxiv.org/abs/{PAPERS[4]}"]


@pytest.mark.parametrize(
    "text",
    ["> approve {0}", "“approve {0}”", "Ben wrote: approve {0}", "please approve {0}", "approve{0}", "#approve {0}"],
)
def test_a_command_in_a_quote_is_none(scene: Scene, text: str) -> None:
    [answer] = scene.say(ADA, text.format(scene.number(PAPERS[0])))
    assert answer.startswith("I do not know")
    assert scene.log() == []


def test_the_words_of_the_answered_message_and_of_what_is_attached_are_not_read(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    quoted = scene.service.write(EVE, ADA, f"reject {number}")
    room = scene.service.room_of(ADA, BOT)
    mine = scene.service.write(ADA, BOT, "queue")
    scene.tick()
    embed = {"$type": "app.bsky.embed.record#view", "record": {"value": {"text": f"reject {number}"}, "uri": quoted}}
    before = len(scene.told(ADA))
    scene.service.write(ADA, room.id, "", embed=embed)
    scene.service.write(ADA, room.id, "yes", reply_to=mine)
    scene.tick()
    answers = [said.text for said in scene.told(ADA)[before:]]
    assert answers[0].startswith("I read words alone")
    assert answers[1].startswith("I do not know “yes”")
    assert scene.log() == []


def test_two_curators_at_once_are_each_heard_in_order(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    scene.service.write(ADA, BOT, f"note {number} {NOTE}")
    scene.service.write(BEN, BOT, f"note {number} Ben sees it in another way.")
    scene.service.write(ADA, BOT, f"approve {number}")
    scene.service.write(BEN, BOT, f"reject {number}")
    scene.tick()
    assert scene.log() == [("note", "Ada", "chat"), ("note", "Ben", "chat"), ("approve", "Ada", "chat")]
    ben = [said.text for said in scene.told(BEN)]
    assert "Ada had written" in ben[0]
    assert NOTE in ben[0]
    assert ben[1].startswith(f"cannot reject {PAPERS[0]}: it is approved")
    assert "its words are those of Ben" in scene.told(ADA)[-1].text


def test_the_same_message_delivered_twice_is_one(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    message = scene.service.write(ADA, BOT, f"approve {number}")
    scene.tick()
    scene.service.repeat(message)
    scene.tick()
    assert len(scene.told(ADA)) == 1
    assert scene.state(PAPERS[0]) == "queued"  # the second delivery is not the second wish


def test_the_last_event_comes_again_with_every_reading_and_is_one(scene: Scene) -> None:
    scene.say(ADA, f"reject {scene.number(PAPERS[0])}")
    for _ in range(3):
        scene.tick()
    assert scene.log() == [("reject", "Ada", "chat")]
    assert len(scene.told(ADA)) == 1


def test_a_message_that_was_deleted_before_it_was_read_is_not_run(scene: Scene) -> None:
    message = scene.service.write(ADA, BOT, f"reject {scene.number(PAPERS[0])}")
    scene.service.delete(message)
    scene.tick()
    assert scene.log() == []
    assert scene.told(ADA) == []


def test_a_message_that_is_deleted_later_changes_nothing(scene: Scene) -> None:
    scene.say(ADA, f"reject {scene.number(PAPERS[0])}")
    scene.service.delete(scene.service.room_of(ADA, BOT).said[0].id)
    scene.tick()
    assert scene.log() == [("reject", "Ada", "chat")]


def test_an_answer_to_a_deleted_card_still_knows_its_paper(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[0])}")
    card = scene.told(ADA)[-1]
    scene.service.write(ADA, BOT, "reject", reply_to=card.id)
    scene.service.delete(card.id)
    scene.tick()
    assert scene.state(PAPERS[0]) == "rejected"


def test_reactions_of_strangers_and_viewers_decide_nothing(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[0])}")
    group = scene.service.make_group(BOT, ADA, EVE)
    note = scene.service.write(BOT, group, "look here")
    scene.service.react(EVE, note, "👎")
    scene.service.react(ADA, note, "👎")
    scene.tick()
    assert scene.log() == []
    scene.say(VIC, f"show {scene.number(PAPERS[0])}")
    assert scene.react(VIC, scene.told(VIC)[-1], "👎") == []
    assert scene.told(EVE) == []
    assert scene.log() == []


def test_the_bots_own_messages_and_reactions_are_no_commands(scene: Scene) -> None:
    scene.say(ADA, f"show {scene.number(PAPERS[0])}")
    scene.service.write(BOT, ADA, f"reject {scene.number(PAPERS[0])}")
    scene.service.react(BOT, scene.told(ADA)[0].id, "👎")
    scene.tick()
    assert scene.log() == []


def test_a_group_is_said_once_not_to_be_the_place_and_strangers_there_hear_nothing(scene: Scene) -> None:
    group = scene.service.make_group(BOT, ADA, EVE)
    for _ in range(2):
        scene.service.write(ADA, group, f"reject {scene.number(PAPERS[0])}")
        scene.service.write(EVE, group, "reject 1")
        scene.tick()
    assert [said.text for said in scene.told(ADA)] == [GROUPS]
    assert scene.told(EVE) == []
    assert scene.log() == []


def test_odd_events_hold_up_nothing(scene: Scene) -> None:
    scene.service.note_unknown(ADA, BOT)
    scene.service.note_odd(ADA, BOT, data={"message": "not a message"})
    scene.service.note_odd(ADA, BOT, data={"message": {"$type": "chat.bsky.convo.defs#messageView", "sender": 7}})
    scene.service.note_odd(ADA, BOT, data={"message": {"$type": "chat.bsky.convo.defs#systemMessageView", "id": "1"}})
    assert scene.say(ADA, f"reject {scene.number(PAPERS[0])}") == [
        f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"
    ]


def test_an_empty_message_is_answered_with_one_line(scene: Scene) -> None:
    embed = {"$type": "app.bsky.embed.record#view"}
    scene.service.write(ADA, BOT, " ", embed=embed)
    scene.tick()
    [said] = scene.told(ADA)
    assert said.text.startswith("I read words alone")
    [answer] = scene.say(ADA, "\u200b\u202e\x07")
    assert answer.startswith("I ")


def test_secrets_and_sessions_are_in_no_row(scene: Scene) -> None:
    scene.say(ADA, "queue")
    assert "app-password" not in scene.database_text()
    with scene.app.database.reading() as session:
        assert session.exec(select(Message)).first() is not None
