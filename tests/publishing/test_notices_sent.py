"""Notices for a channel's addresses: each once to each, whoever is killed, and not again where nobody knows."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.publishing.alerts import Alerts
from bot.store.database import Database, DatabaseBusyError
from bot.store.message_states import LEASE
from bot.store.message_tables import MessageState
from notice_scene import Scene
from publishing_stage import KilledError
from samples import NOON

PLANNED, SENDING, SENT, REFUSED = MessageState


@pytest.fixture
def scene(database: Database) -> Scene:
    """Return a scene with one notice for one address."""
    made = Scene(database)
    made.plan()
    return made


def test_a_notice_is_sent_once_with_its_first_line_as_its_title(scene: Scene) -> None:
    assert [scene.tick(), scene.tick(), scene.tick("w2")] == [1, 0, 0]
    assert scene.boxes["json"].taken == [("A title", "A first line\nand a last one")]
    [row] = scene.rows()
    assert (row.state, row.sent_at, row.attempts, row.error, row.claimed_by) == (SENT, NOON, 1, None, None)


def test_one_address_that_fails_is_tried_again_and_the_other_gets_nothing_twice(scene: Scene) -> None:
    scene.plan(address="mailto")
    scene.boxes["json"].errors = [TransientError("it was not taken"), TransientError("it was not taken")]
    assert scene.tick() == 1
    assert scene.states() == [("json", PLANNED), ("mailto", SENT)]
    pauses = []
    for _ in range(2):
        [waiting] = [row for row in scene.rows() if row.next_try_at]
        assert waiting.error == "it was not taken"
        assert waiting.next_try_at is not None
        pauses.append(waiting.next_try_at - scene.now)
        assert scene.tick() == 0
        scene.now = waiting.next_try_at
        scene.tick()
    assert pauses == [timedelta(minutes=1), timedelta(minutes=2)]
    assert [len(box.taken) for box in scene.boxes.values()] == [1, 1]
    assert {row.error for row in scene.rows()} == {None}


@pytest.mark.parametrize("error", [UnknownOutcomeError("no answer"), PermanentError("no such address")])
def test_what_may_have_arrived_or_never_can_is_not_sent_again(error: PicksError, scene: Scene) -> None:
    scene.boxes["json"].errors = [error]
    assert [scene.tick(), scene.tick()] == [0, 0]
    [row] = scene.rows()
    assert (row.state, row.error, row.next_try_at) == (REFUSED, str(error), None)


def test_a_worker_killed_between_plan_and_send_leaves_the_notice_to_the_next(scene: Scene) -> None:
    assert [scene.tick("another"), scene.tick("w1")] == [1, 0]
    assert len(scene.boxes["json"].taken) == 1


def test_a_worker_killed_while_it_sends_loses_the_notice_and_doubles_nothing(scene: Scene) -> None:
    scene.boxes["json"].errors = [KilledError()]
    with pytest.raises(KilledError):
        scene.tick()
    assert [scene.tick("w2"), scene.states()] == [0, [("json", SENDING)]]
    scene.now += LEASE + timedelta(seconds=1)
    assert scene.tick("w2") == 0
    [row] = scene.rows()
    assert row.state is REFUSED
    assert row.error == "the worker ended while it was sent, so it may have arrived; it is not sent again"
    assert scene.boxes["json"].taken == []


def test_two_workers_at_once_send_it_once(scene: Scene) -> None:
    scene.boxes["json"].meanwhile = lambda: scene.tick("w2")
    assert scene.tick("w1") == 1
    assert len(scene.boxes["json"].taken) == 1


def test_a_worker_that_hangs_until_another_gave_the_notice_up_changes_nothing_any_more(scene: Scene) -> None:
    def hang() -> None:
        scene.now += LEASE + timedelta(seconds=1)
        scene.tick("w2")

    scene.boxes["json"].meanwhile = hang
    scene.tick("w1")
    assert scene.states() == [("json", REFUSED)]


def test_what_nobody_took_for_half_a_day_is_given_up(scene: Scene) -> None:
    scene.boxes["json"].errors = [TransientError("it was not taken")]
    scene.tick()
    scene.now += timedelta(hours=12, minutes=1)
    assert scene.tick() == 0
    [row] = scene.rows()
    assert (row.state, row.error) == (REFUSED, "given up after 12 hours: it was not taken")


def test_an_address_that_is_gone_is_said(scene: Scene) -> None:
    del scene.boxes["json"]
    assert scene.tick() == 0
    assert [row.error for row in scene.rows()] == ["no address of that name is set any more"]


def test_an_address_that_takes_nothing_now_is_asked_once_a_round_and_the_others_get_theirs(scene: Scene) -> None:
    for key in ("digest 2026-02-18", "digest 2026-02-19"):
        scene.plan(key)
    scene.plan(address="mailto")
    scene.boxes["json"].errors = [TransientError("it was not taken")]
    assert scene.tick() == 1
    assert [row.attempts for row in scene.rows()] == [1, 0, 0, 1]
    assert scene.tick() == 2
    scene.now += timedelta(minutes=2)
    assert scene.tick() == 1
    assert {state for _, state in scene.states()} == {SENT}


def test_a_database_that_is_locked_is_no_fault_of_the_address(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    scene.plan()
    file = str(sqlite_database.url.database)
    with closing(Database(f"sqlite:///{file}?timeout=0")) as ours, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusyError):
            Alerts(ours, lambda _: scene.boxes, worker="w1", clock=lambda: scene.now).send_due("sample")
    assert scene.tick() == 1
