"""How likely a pick is, as people read it."""

import pytest

from bot.taste_display import percent


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(1.0, "100%"), (0.97, "97%"), (0.0995, "10%"), (0.0994, "9.9%"), (0.01, "1.0%"), (0.0005, "0.1%"), (0.0, "<0.1%")],
)
def test_a_probability_reads_as_percent(probability: float, shown: str) -> None:
    assert percent(probability) == shown
