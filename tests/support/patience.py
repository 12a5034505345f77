"""Waiting in tests for what another process does."""

import time
from collections.abc import Callable

import pytest

_PAUSE = 0.25


def until(condition: Callable[[], bool], *, what: str, seconds: float = 60.0) -> None:
    """Wait until something holds; fail, naming what was waited for, when it takes longer."""
    for _ in range(int(seconds / _PAUSE)):
        if condition():
            return
        time.sleep(_PAUSE)
    pytest.fail(f"{seconds:.0f} seconds went by without {what}")
