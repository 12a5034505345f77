"""What goes wrong between the bot and a person: nothing is lost, nothing is said twice, and status knows why."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.domain.chat import ChatTrouble, Unwritable
from bot.interfaces.chat.helping import STRANGER
from bot.interfaces.chat.sending import GIVE_UP_AFTER
from bot.store.chat_tables import ChatAccount, ChatPerson
from bot.store.database import DatabaseError
from bot.store.message_tables import Message
from chat_scene import ADA, BEN, BOT, PAPERS, Scene, scene_in
from chat_standin import RefusalError

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(tmp_path: Path, migrated_file: Path) -> Iterator[Scene]:
    """Return a channel with papers and curators."""
    with scene_in(tmp_path, migrated_file) as scene:
        yield scene


def _states(scene: Scene) -> list[str]:
    with scene.app.database.reading() as session:
        return [str(state) for state in session.exec(select(Message.state).order_by(col(Message.id)))]


def _texts(scene: Scene, did: str) -> list[str]:
    return [said.text for said in scene.told(did)]


def _later(scene: Scene, seconds: float) -> None:
    scene.now += timedelta(seconds=seconds)
    scene.tick()


def _unwritable(scene: Scene) -> dict[str, Unwritable]:
    with scene.app.database.reading() as session:
        return {row.did: row.trouble for row in session.exec(select(ChatPerson))}


def test_what_others_plan_is_sent_in_order(scene: Scene) -> None:
    scene.plan(BEN, "one", "two")
    scene.plan(BEN, "three", key="picked")
    scene.tick()
    assert _texts(scene, BEN) == ["one", "two", "three"]
    assert _states(scene) == ["sent"] * 3


def test_a_lost_answer_is_settled_by_reading(scene: Scene) -> None:
    scene.plan(BEN, "same", "same", "other")
    scene.service.lose_answer_of("sendMessage")
    scene.tick()
    assert _texts(scene, BEN) == ["same", "same", "other"]
    assert _states(scene) == ["sent"] * 3
    with scene.app.database.reading() as session:
        ids = session.exec(select(Message.remote_id).order_by(col(Message.id))).all()
    assert ids == [said.id for said in scene.told(BEN)]


def test_a_lost_answer_is_found_behind_many_newer_messages(scene: Scene) -> None:
    scene.plan(BEN, "same")
    scene.service.lose_answer_of("sendMessage")
    scene.service.refuse("getMessages", RefusalError("InternalServerError", "down", HTTPStatus.INTERNAL_SERVER_ERROR))
    scene.tick()
    for number in range(12):
        scene.service.write(BEN, BOT, f"show {number}")
    for _ in range(4):
        _later(scene, 130)
    assert _texts(scene, BEN).count("same") == 1
    assert set(_states(scene)) == {"sent"}


def test_a_lost_request_is_sent_again_after_a_second_look(scene: Scene) -> None:
    scene.plan(BEN, "only once")
    scene.service.lose_request_of("sendMessage")
    scene.tick()
    assert _texts(scene, BEN) == []
    assert _states(scene) == ["sending"]
    scene.tick()
    assert _texts(scene, BEN) == []  # it may still be on its way
    _later(scene, 61)
    assert _texts(scene, BEN) == ["only once"]


def test_no_message_overtakes_one_whose_fate_is_open(scene: Scene) -> None:
    scene.plan(BEN, "first", "second")
    scene.service.lose_request_of("sendMessage")
    scene.tick()
    scene.plan(ADA, "to Ada")
    scene.tick()
    assert (_texts(scene, BEN), _texts(scene, ADA)) == ([], ["to Ada"])
    _later(scene, 61)
    assert _texts(scene, BEN) == ["first", "second"]


@pytest.mark.parametrize(("incoming", "kind"), [("none", Unwritable.DISABLED), ("following", Unwritable.NOT_FOLLOWED)])
def test_who_cannot_be_written_to_is_named_and_answered_once_they_write(
    scene: Scene, incoming: str, kind: Unwritable
) -> None:
    scene.service.allow(BEN, incoming)
    scene.plan(BEN, "good morning")
    scene.plan(ADA, "to Ada")
    scene.tick()
    assert (_texts(scene, BEN), _texts(scene, ADA)) == ([], ["to Ada"])
    assert _unwritable(scene) == {BEN: kind}
    asked = scene.service.calls.count("getConvoForMembers")
    scene.tick()
    assert scene.service.calls.count("getConvoForMembers") == asked
    assert scene.say(BEN, "status")[0] == "good morning"
    assert _unwritable(scene) == {}


def test_who_follows_the_bot_at_last_is_written_to_within_the_hour(scene: Scene) -> None:
    scene.service.allow(BEN, "following")
    scene.plan(BEN, "good morning")
    scene.tick()
    scene.service.follows.add((BEN, BOT))
    _later(scene, 3_601)
    assert _texts(scene, BEN) == ["good morning"]
    assert _unwritable(scene) == {}


def test_what_cannot_be_said_for_days_is_given_up(scene: Scene) -> None:
    scene.service.allow(BEN, "none")
    scene.plan(BEN, "good morning")
    scene.tick()
    _later(scene, GIVE_UP_AFTER.total_seconds() + 1)
    assert _states(scene) == ["refused"]


def test_a_message_that_is_refused_holds_up_no_other(scene: Scene) -> None:
    scene.plan(BEN, "x" * 1001, "fine")
    scene.tick()
    assert _texts(scene, BEN) == ["fine"]
    assert _states(scene) == ["refused", "sent"]


def test_a_rate_limit_is_waited_for_and_nothing_is_lost(scene: Scene) -> None:
    scene.service.limit("sendMessage", seconds=120)
    assert scene.say(ADA, f"reject {scene.number(PAPERS[0])}") == []
    assert scene.log() == [("reject", "Ada", "chat")]
    row = scene.account()
    assert row.trouble is ChatTrouble.RATE_LIMITED
    calls = len(scene.service.calls)
    scene.tick()
    assert len(scene.service.calls) == calls
    _later(scene, 130)
    assert _texts(scene, ADA) == [f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"]
    assert scene.log() == [("reject", "Ada", "chat")]
    assert scene.account().trouble is None


def test_an_outage_skips_no_message(scene: Scene) -> None:
    scene.service.write(ADA, BOT, f"reject {scene.number(PAPERS[0])}")
    scene.server.down = True
    for _ in range(4):
        _later(scene, 60)
    assert scene.account().trouble is ChatTrouble.UNREACHABLE
    scene.server.down = False
    _later(scene, 900)
    assert scene.log() == [("reject", "Ada", "chat")]
    assert _texts(scene, ADA) == [f"rejected {PAPERS[0]}: #{scene.number(PAPERS[0])} Probing One"]


def test_a_password_without_the_permission_says_so(tmp_path: Path, migrated_file: Path) -> None:
    with scene_in(tmp_path, migrated_file) as scene:
        scene.server.allowed = False
        _later(scene, 60)
        row = scene.account()
        assert row.trouble is ChatTrouble.NO_PERMISSION
        assert "Allow access to your direct messages" in str(row.error)
        scene.server.allowed = True
        with closing(scene.new_app()) as app:  # as a worker that was started anew with another password
            scene.new_job(app).run()
        assert scene.account().trouble is None


def test_a_page_that_breaks_off_is_read_on_from_where_it_was_left(scene: Scene) -> None:
    for paper in PAPERS[:3]:
        scene.service.write(ADA, BOT, f"reject {scene.number(paper)}")
        scene.service.note_unknown(ADA, BOT)
    scene.service.lose_answer_of("getLog")
    scene.tick()
    _later(scene, 60)
    assert [scene.state(paper) for paper in PAPERS[:3]] == ["rejected"] * 3
    assert len(scene.told(ADA)) == 3


def test_a_long_log_is_read_page_by_page(scene: Scene) -> None:
    for _ in range(40):
        scene.service.write(ADA, BOT, f"show {scene.number(PAPERS[0])}")
    scene.tick()
    assert len(scene.told(ADA)) == 40


def test_what_was_written_before_anybody_listened_is_not_run(tmp_path: Path, migrated_file: Path) -> None:
    with scene_in(tmp_path, migrated_file) as scene:
        with scene.app.database.transaction() as session:
            session.delete(session.get_one(ChatAccount, BOT))
        scene.service.write(ADA, BOT, f"reject {scene.number(PAPERS[0])}")
        scene.tick()
        scene.tick()
        assert scene.log() == []
        assert scene.say(ADA, "queue")


def test_two_workers_answer_once(scene: Scene) -> None:
    with closing(scene.new_app()) as other:
        jobs = [scene.job, scene.new_job(other)]
        for paper in PAPERS[:4]:
            scene.service.write(ADA, BOT, f"reject {scene.number(paper)}")
            for job in jobs:
                job.run()
    assert scene.log() == [("reject", "Ada", "chat")] * 4
    assert _texts(scene, ADA) == [
        f"rejected {paper}: #{scene.number(paper)} Probing {name}"
        for paper, name in zip(PAPERS, ("One", "Two", "Three", "Four"), strict=False)
    ]


def test_a_fault_of_the_program_is_an_answer_and_the_next_message_is_read(scene: Scene) -> None:
    with scene.app.database.connection() as connection:
        connection.exec_driver_sql("UPDATE candidates SET reasons = '{}' WHERE id = 1")
        connection.exec_driver_sql("UPDATE candidates SET score = 'much' WHERE id = 1")
    [answer] = scene.say(ADA, "show 1")
    assert answer.startswith("That failed by a fault of the program")
    assert scene.say(ADA, "show 2")[0].startswith("#2 ")


def test_a_database_that_fails_after_the_decision_leaves_one_decision_and_an_answer(scene: Scene) -> None:
    number = scene.number(PAPERS[0])
    _rename_table(scene, "picks", "gone")
    scene.service.write(ADA, BOT, f"reject {number}")
    with pytest.raises(DatabaseError):
        scene.tick()
    _rename_table(scene, "gone", "picks")
    scene.tick()
    assert scene.log() == [("reject", "Ada", "chat")]
    [answer] = _texts(scene, ADA)
    assert answer.startswith("reject: I was interrupted after this")
    assert answer.endswith(f"#{number} ({PAPERS[0]}) is rejected")


def test_a_message_that_comes_again_in_another_place_after_a_failure_decides_once(scene: Scene) -> None:
    for paper in PAPERS[:2]:
        scene.say(ADA, f"reject {scene.number(paper)}")
    _run_sql(scene, "CREATE TRIGGER broken BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'broken'); END")
    message = scene.service.write(ADA, BOT, "undo")
    with pytest.raises(DatabaseError):
        scene.tick()
    _run_sql(scene, "DROP TRIGGER broken")
    scene.service.move(message)
    scene.tick()
    assert [scene.state(paper) for paper in PAPERS[:2]] == ["rejected", "queued"]
    assert [action for action, *_ in scene.log()] == ["reject", "reject", "undo"]
    assert _texts(scene, ADA)[-1].startswith("undo: I was interrupted after this")


def test_an_approval_that_was_to_ask_for_a_note_before_a_failure_asks_after_it(scene: Scene) -> None:
    first, second = (scene.number(paper) for paper in PAPERS[:2])
    scene.say(ADA, f"note {second} A note.")
    _rename_table(scene, "delivery_changes", "gone")
    scene.service.write(ADA, BOT, f"approve {first} {second}")
    with pytest.raises(DatabaseError):
        scene.tick()
    _rename_table(scene, "gone", "delivery_changes")
    scene.tick()
    assert [scene.state(paper) for paper in PAPERS[:2]] == ["queued", "approved"]
    assert any(text.startswith(f"#{first} has no note yet") for text in _texts(scene, ADA))


def test_who_is_no_curator_any_more_gets_nothing_that_was_planned(scene: Scene) -> None:
    scene.plan(BEN, "the digest")
    file = next((scene.folder / "config").glob("*.toml"))
    file.write_text(file.read_text("utf-8").replace(BEN, "did:plc:" + "x" * 24), "utf-8")
    scene.app = scene.new_app()
    scene.job = scene.new_job()
    scene.tick()
    assert _texts(scene, BEN) == []
    assert _states(scene) == ["refused"]
    assert scene.say(BEN, "queue") == [STRANGER]


def _rename_table(scene: Scene, name: str, other: str) -> None:
    _run_sql(scene, f"ALTER TABLE {name} RENAME TO {other}")


def _run_sql(scene: Scene, text: str) -> None:
    with scene.app.database.connection() as connection:
        connection.exec_driver_sql(text)
