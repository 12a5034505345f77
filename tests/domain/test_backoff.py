"""Pauses between tries: they double, they end, and the other side may ask for more."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backoff import Backoff

MINUTE = timedelta(minutes=1)
BACKOFF = Backoff(first=MINUTE, longest=timedelta(hours=1))


@pytest.mark.parametrize(
    ("failures", "minutes"), [(-3, 1), (0, 1), (1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (10**9, 60)]
)
def test_a_pause_doubles_with_every_failure_up_to_the_longest(failures: int, minutes: int) -> None:
    assert BACKOFF.pause(failures) == minutes * MINUTE


def test_the_other_side_may_ask_for_a_longer_pause_and_for_no_shorter_one() -> None:
    assert BACKOFF.pause(1, retry_after=7200) == timedelta(hours=2)
    assert BACKOFF.pause(3, retry_after=1) == 4 * MINUTE
    assert BACKOFF.pause(3, retry_after=None) == BACKOFF.pause(3, retry_after=0) == 4 * MINUTE


def test_jitter_stretches_our_own_pause_alone() -> None:
    assert BACKOFF.pause(2, jitter=1.25) == timedelta(minutes=2.5)
    assert BACKOFF.pause(8, jitter=1.25) == timedelta(minutes=75)
    assert BACKOFF.pause(1, jitter=1.25, retry_after=600) == timedelta(minutes=10)


@given(failures=st.integers(-5, 2**70), retry_after=st.none() | st.floats(0, 86_400), jitter=st.floats(1, 2, width=16))
def test_no_count_gives_less_than_the_first_pause_or_more_than_was_said(
    failures: int, retry_after: float | None, jitter: float
) -> None:
    pause = BACKOFF.pause(failures, retry_after=retry_after, jitter=jitter)
    assert BACKOFF.first <= pause <= max(2 * BACKOFF.longest, timedelta(seconds=retry_after or 0))
    assert pause <= BACKOFF.pause(failures + 1, retry_after=retry_after, jitter=jitter)
