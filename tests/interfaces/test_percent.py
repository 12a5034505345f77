"""How likely a pick is, as people read it."""

import pytest

from bot.interfaces.cli.display.ranking import learned_from
from bot.interfaces.views.percent import percent


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(1.0, "100%"), (0.97, "97%"), (0.0995, "10%"), (0.0994, "9.9%"), (0.01, "1.0%"), (0.0005, "0.1%"), (0.0, "<0.1%")],
)
def test_a_probability_reads_as_percent(probability: float, shown: str) -> None:
    assert percent(probability) == shown


def test_what_weights_were_learned_from_reads_as_people_say_it() -> None:
    counts = {"pick": 1, "related": 12, "approved": 3, "rejected": 0, "expired": 2, "unlabelled": 38_596}
    assert learned_from(counts) == "1 pick, 12 related papers, 3 approved, 2 expired, 38,596 others"
    assert learned_from({"pick": 2, "related": 1, "unlabelled": 1}) == "2 picks, 1 related paper, 1 other"
