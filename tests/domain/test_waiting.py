"""Stored times that have to be waited for, and those that a clock stored which was ahead."""

from datetime import timedelta

import pytest

from bot.domain.waiting import CLOCKS_APART, LONGEST, held_until, lies_ahead, meant
from samples import NOON

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("ahead", "waits"),
    [
        *((-MINUTE, False), (0 * SECOND, False), (SECOND, True), (LONGEST, True), (LONGEST + SECOND, False)),
        (timedelta(days=60), False),
    ],
)
def test_a_time_holds_back_until_it_comes_unless_it_lies_too_far_ahead(ahead: timedelta, waits: bool) -> None:
    assert held_until(NOON + ahead, now=NOON) == (NOON + ahead if waits else None)


def test_each_kind_has_a_longest_wait_of_its_own() -> None:
    assert held_until(NOON + MINUTE, now=NOON, longest=MINUTE) == NOON + MINUTE
    assert held_until(NOON + MINUTE + SECOND, now=NOON, longest=MINUTE) is None


def test_what_is_past_was_meant_and_what_is_too_far_ahead_was_not() -> None:
    assert meant(NOON - LONGEST, now=NOON) == NOON - LONGEST
    assert meant(NOON + LONGEST + SECOND, now=NOON) is None
    assert meant(None, now=NOON) is held_until(None, now=NOON) is None


def test_clocks_of_two_machines_may_differ_a_little() -> None:
    assert not lies_ahead(NOON + CLOCKS_APART, now=NOON)
    assert lies_ahead(NOON + CLOCKS_APART + SECOND, now=NOON)
