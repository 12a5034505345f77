"""Signs of life: who is alive, who has ended, and whose jobs fail."""

from datetime import timedelta

from bot.interfaces.heartbeat import ALIVE_FOR, Pulse, beat, read_pulse
from bot.store.database import Database
from samples import NOON


def test_without_a_worker_nobody_is_alive(database: Database) -> None:
    assert read_pulse(database, now=NOON) == Pulse(alive=False)


def test_a_worker_is_alive_until_it_was_silent_for_too_long(database: Database) -> None:
    beat(database, "w1", started_at=NOON, now=NOON)
    assert read_pulse(database, now=NOON + ALIVE_FOR) == Pulse(alive=True, worker="w1", beat_at=NOON)
    assert not read_pulse(database, now=NOON + ALIVE_FOR + timedelta(seconds=1)).alive


def test_a_worker_that_ended_is_not_alive_and_another_still_is(database: Database) -> None:
    beat(database, "w1", started_at=NOON, now=NOON)
    beat(database, "w2", started_at=NOON, now=NOON)
    beat(database, "w2", started_at=NOON, now=NOON + timedelta(seconds=1), leaving=True)
    assert read_pulse(database, now=NOON).worker == "w1"


def test_a_worker_whose_jobs_fail_is_not_taken_for_alive(database: Database) -> None:
    beat(database, "w1", started_at=NOON, now=NOON, failing="publish")
    assert read_pulse(database, now=NOON) == Pulse(alive=False, worker="w1", beat_at=NOON, failing="publish")


def test_old_signs_of_life_are_forgotten(database: Database) -> None:
    beat(database, "w1", started_at=NOON, now=NOON)
    beat(database, "w2", started_at=NOON, now=NOON + timedelta(days=8), leaving=True)
    assert read_pulse(database, now=NOON) == Pulse(alive=False)
