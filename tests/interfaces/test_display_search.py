"""Figures of backtests as people read them."""

from typing import Any

import pytest
from rich.console import Console

from bot.interfaces.cli import display_search as finding_display


def _figures(n: int, share: float) -> dict[str, Any]:
    shares = {f"recall_at_{first}": share for first in (5, 10, 20)}
    return {"n": n, "median_rank": 2.5, **shares, "mrr": 0.5}


DATA: dict[str, Any] = {
    "model": "mine.json",
    "weights": {"trained_until": "2026-01-31", "digest": "0"},
    "first_day": "2026-02-02",
    "last_day": "2026-02-20",
    "days": 12,
    "papers": 3_400,
    "picks": _figures(12, 0.75),
    "related": None,
    "unlisted": ["2602.00001"],
}
CURVE = [
    {"picks_before": [0, 4], "picks": _figures(5, 0.2), "related": None, "words_alone": {"picks": _figures(5, 0.4)}},
    {
        "picks_before": [40, None],
        "picks": _figures(7, 1.0),
        "related": None,
        "words_alone": {"picks": _figures(7, 0.6)},
    },
]


def _shown(data: dict[str, Any], width: int) -> list[str]:
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(finding_display.backtest(data))
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize("width", [80, 120])
def test_figures_stand_in_a_table_with_the_days_and_the_weights(width: int) -> None:
    assert _shown(DATA, width) == [
        "mine.json, trained until 2026-01-31",
        "2026-02-02 to 2026-02-20: 12 days, 3,400 papers",
        "",
        "chosen   n  median  first 5  first 10  first 20   MRR",
        "picks   12     2.5      75%       75%       75%  0.50",
        "",
        "in no listing, and so not judged: 1",
    ]


def test_the_learning_curve_has_a_row_a_stage_beside_the_words_and_no_table_of_nothing() -> None:
    *_, title, head, first, alone, last, words, end = _shown({**DATA, "weights": None, "curve": CURVE}, 80)
    assert title.startswith("learning curve ─")
    assert (head, end) == ("picks, after      n  median  first 5  first 10  first 20   MRR", "")
    assert [line.split() for line in (first, alone, last, words)] == [
        ["0", "to", "4", "picks", "5", "2.5", "20%", "20%", "20%", "0.50"],
        ["by", "words", "alone", "5", "2.5", "40%", "40%", "40%", "0.50"],
        ["40", "and", "more", "7", "2.5", "100%", "100%", "100%", "0.50"],
        ["by", "words", "alone", "7", "2.5", "60%", "60%", "60%", "0.50"],
    ]
