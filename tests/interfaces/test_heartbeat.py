"""Signs of life: who is alive, who has ended, and whose jobs fail."""

from datetime import datetime, timedelta

import pytest

from bot.domain.errors import PicksError
from bot.interfaces.heartbeat import (
    ALIVE_FOR,
    Pulse,
    beat,
    begin_job,
    end_job,
    forget_silent,
    read_pulse,
    read_pulses,
    silent,
)
from bot.store.database import Database
from bot.store.worker_tables import JobResult
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


MINUTE = timedelta(minutes=1)


def _beating(database: Database, worker: str, now: datetime) -> None:
    beat(database, worker, started_at=NOON, now=now)


def test_a_job_that_hangs_is_not_covered_by_the_beat_of_its_worker(database: Database) -> None:
    begin_job(database, "w1", "publish", now=NOON, due_by=NOON + 15 * MINUTE)
    for minutes, alive in ((1, True), (15, True), (16, False), (24 * 60, False)):
        now = NOON + minutes * MINUTE
        _beating(database, "w1", now)
        pulse = read_pulse(database, now=now)
        assert (pulse.alive, [job.job for job in pulse.hung]) == (alive, [] if alive else ["publish"])
    [job] = pulse.jobs
    assert (job.started_at, job.ended_at, job.result) == (NOON, None, JobResult.RUNNING)


def test_a_job_that_is_not_begun_again_hangs_too(database: Database) -> None:
    begin_job(database, "w1", "poll", now=NOON, due_by=NOON + MINUTE)
    end_job(database, "w1", "poll", now=NOON + MINUTE, failed=False, due_by=NOON + 20 * MINUTE)
    _beating(database, "w1", NOON + 20 * MINUTE)
    assert read_pulse(database, now=NOON + 20 * MINUTE).alive
    [job] = read_pulse(database, now=NOON + 21 * MINUTE).hung
    assert (job.job, job.result, job.silent_since) == ("poll", JobResult.DONE, NOON + MINUTE)


def test_the_end_and_the_result_of_the_last_run_stay_while_the_next_one_runs(database: Database) -> None:
    _beating(database, "w1", NOON)
    for failed, result in ((True, JobResult.FAILED), (False, JobResult.DONE)):
        begin_job(database, "w1", "poll", now=NOON, due_by=NOON + MINUTE)
        end_job(database, "w1", "poll", now=NOON + MINUTE, failed=failed, due_by=NOON + 20 * MINUTE)
        [job] = read_pulse(database, now=NOON).jobs
        assert (job.ended_at, job.result) == (NOON + MINUTE, result)
    begin_job(database, "w1", "poll", now=NOON + 2 * MINUTE, due_by=NOON + 30 * MINUTE)
    [job] = read_pulse(database, now=NOON).jobs
    assert (job.started_at, job.ended_at, job.result) == (NOON + 2 * MINUTE, NOON + MINUTE, JobResult.RUNNING)


def test_a_worker_that_is_well_counts_more_than_one_that_hangs(database: Database) -> None:
    _beating(database, "w1", NOON)
    begin_job(database, "w1", "publish", now=NOON, due_by=NOON)
    _beating(database, "w2", NOON + MINUTE)
    _beating(database, "w1", NOON + 2 * MINUTE)
    pulse = read_pulse(database, now=NOON + 2 * MINUTE)
    assert (pulse.alive, pulse.worker) == (True, "w2")


def test_of_a_worker_that_is_dead_nothing_hangs_and_its_jobs_are_forgotten_with_it(database: Database) -> None:
    _beating(database, "w1", NOON)
    begin_job(database, "w1", "publish", now=NOON, due_by=NOON + MINUTE)
    pulse = read_pulse(database, now=NOON + timedelta(days=1))
    assert (pulse.alive, pulse.hung, len(pulse.jobs)) == (False, (), 1)
    beat(database, "w2", started_at=NOON, now=NOON + timedelta(days=8), leaving=True)
    _beating(database, "w1", NOON + timedelta(days=9))
    assert read_pulse(database, now=NOON + timedelta(days=9)).jobs == ()


AHEAD = timedelta(days=60)


def test_a_beat_of_a_clock_that_was_ahead_keeps_no_dead_worker_alive(database: Database) -> None:
    _beating(database, "w1", NOON + AHEAD)
    assert read_pulse(database, now=NOON) == Pulse(alive=False)
    _beating(database, "w2", NOON)
    assert read_pulse(database, now=NOON + timedelta(minutes=5)).worker == "w2"  # the one that was seen last
    assert read_pulse(database, now=NOON + AHEAD).worker == "w2"  # the other is forgotten


def test_a_clock_that_was_ahead_hides_no_job_that_hangs(database: Database) -> None:
    begin_job(database, "w1", "poll", now=NOON + AHEAD, due_by=NOON + AHEAD + 30 * MINUTE)
    _beating(database, "w1", NOON)
    assert [job.job for job in read_pulse(database, now=NOON).hung] == ["poll"]
    begin_job(database, "w1", "poll", now=NOON, due_by=NOON + 30 * MINUTE)
    assert read_pulse(database, now=NOON).alive


def test_a_worker_whose_clock_is_a_little_ahead_is_alive(database: Database) -> None:
    begin_job(database, "w1", "poll", now=NOON + 30 * MINUTE, due_by=NOON + 60 * MINUTE)
    _beating(database, "w1", NOON + 30 * MINUTE)
    assert read_pulse(database, now=NOON).alive


def test_a_worker_that_falls_silent_is_named_although_another_one_lives(database: Database) -> None:
    later = NOON + ALIVE_FOR + MINUTE
    beat(database, "here:1:aa", started_at=NOON, now=later)
    beat(database, "there:2:bb", started_at=NOON, now=NOON)
    assert [pulse.worker for pulse in silent(read_pulses(database, now=later))] == ["there:2:bb"]


def test_a_worker_that_was_started_anew_on_its_machine_is_not_called_silent(database: Database) -> None:
    later = NOON + ALIVE_FOR + MINUTE
    beat(database, "here:1:aa", started_at=NOON, now=NOON)
    beat(database, "here:2:bb", started_at=NOON + MINUTE, now=later)
    assert silent(read_pulses(database, now=later)) == ()


def test_of_two_workers_on_one_machine_the_younger_does_not_hide_that_the_older_fell_silent(database: Database) -> None:
    beat(database, "here:1:a", started_at=NOON, now=NOON + MINUTE)
    beat(database, "here:2:b", started_at=NOON + timedelta(seconds=30), now=NOON + 5 * MINUTE)
    assert [pulse.worker for pulse in silent(read_pulses(database, now=NOON + 5 * MINUTE))] == ["here:1:a"]
    beat(database, "here:3:c", started_at=NOON + 5 * MINUTE, now=NOON + 5 * MINUTE)
    assert silent(read_pulses(database, now=NOON + 5 * MINUTE)) == ()


def test_a_silent_worker_that_is_said_to_be_gone_is_silent_no_more_until_it_is_heard_of(database: Database) -> None:
    later = NOON + ALIVE_FOR + MINUTE
    for worker in ("there:1:a", "there:12:b"):
        beat(database, worker, started_at=NOON, now=NOON)
    beat(database, "here:2:b", started_at=NOON, now=later)
    assert forget_silent(database, "there:1", now=later) == ["there:1:a"]
    assert [pulse.worker for pulse in silent(read_pulses(database, now=later))] == ["there:12:b"]
    beat(database, "there:1:a", started_at=NOON, now=later)
    assert "there:1:a" in [pulse.worker for pulse in read_pulses(database, now=later)]


@pytest.mark.parametrize(
    ("name", "said"), [("here", "the worker here:1:a lives"), ("her", "no silent worker is called")]
)
def test_a_worker_that_lives_and_a_name_that_none_has_are_not_said_to_be_gone(
    name: str, said: str, database: Database
) -> None:
    beat(database, "here:1:a", started_at=NOON, now=NOON)
    with pytest.raises(PicksError, match=said):
        forget_silent(database, name, now=NOON + MINUTE)
    assert read_pulse(database, now=NOON + MINUTE).alive
