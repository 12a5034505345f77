"""Turns: requests of several processes keep one pause."""

from datetime import timedelta

import pytest

from bot.arxiv.errors import FeedUnavailableError
from bot.intake.rate_limit import is_resting, postpone, wait_for_turn
from bot.store.database import Database
from samples import NOON


def test_everybody_gets_a_moment_of_their_own(database: Database) -> None:
    waits: list[float] = []
    for _ in range(4):
        wait_for_turn(database, "api", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    wait_for_turn(database, "other", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    assert waits == [3.0, 6.0, 9.0]
    wait_for_turn(database, "api", pause=3.0, clock=lambda: NOON + timedelta(minutes=1), sleep=waits.append)
    assert waits == [3.0, 6.0, 9.0]


def test_a_clock_that_was_set_back_does_not_make_anybody_wait_for_hours(database: Database) -> None:
    waits: list[float] = []
    wait_for_turn(database, "api", pause=3.0, clock=lambda: NOON + timedelta(days=1), sleep=waits.append)
    wait_for_turn(database, "api", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    assert waits == []


def test_a_pause_that_the_service_wants_is_told_and_not_slept_through(database: Database) -> None:
    waits: list[float] = []
    postpone(database, "api", until=NOON + timedelta(days=1))
    postpone(database, "api", until=NOON + timedelta(hours=1))
    with pytest.raises(FeedUnavailableError) as caught:
        wait_for_turn(database, "api", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    assert str(caught.value) == (
        f"api wants no request before {NOON + timedelta(days=1):%Y-%m-%d %H:%M:%S} UTC; try again then"
    )
    assert caught.value.retry_after == 86_400
    late = NOON + timedelta(hours=23, minutes=59, seconds=30)
    assert [is_resting(database, "api", now=now) for now in (NOON, late - timedelta(seconds=1), late)] == [
        *(True, True, False)
    ]
    wait_for_turn(database, "api", pause=3.0, clock=lambda: late, sleep=waits.append)
    assert waits == [30.0]
    assert not is_resting(database, "other", now=NOON)
