"""Turns: requests of several processes keep one pause."""

from datetime import timedelta

from bot.store.database import Database
from bot.turns import take_turn
from samples import NOON


def test_everybody_gets_a_moment_of_their_own(database: Database) -> None:
    waits: list[float] = []
    for _ in range(4):
        take_turn(database, "api", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    take_turn(database, "other", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    assert waits == [3.0, 6.0, 9.0]
    take_turn(database, "api", pause=3.0, clock=lambda: NOON + timedelta(minutes=1), sleep=waits.append)
    assert waits == [3.0, 6.0, 9.0]


def test_a_clock_that_was_set_back_does_not_make_anybody_wait_for_hours(database: Database) -> None:
    waits: list[float] = []
    take_turn(database, "api", pause=3.0, clock=lambda: NOON + timedelta(days=1), sleep=waits.append)
    take_turn(database, "api", pause=3.0, clock=lambda: NOON, sleep=waits.append)
    assert waits == []
