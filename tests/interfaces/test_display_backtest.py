"""Figures of backtests as people read them."""

from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from bot.interfaces.display import backtest as backtest_display
from bot.interfaces.views.backtest import Backtest, Judged, JudgedDays, KnownWeights, Simulation, Stage
from bot.ranking.backtest import Figures


def _figures(n: int, share: float) -> Figures:
    return Figures(n=n, median_rank=2.5, recall_at_5=share, recall_at_10=share, recall_at_20=share, mrr=0.5)


def _stage(low: int, high: int | None, learned: Figures, alone: Figures) -> Stage:
    return Stage(
        picks_before=(low, high),
        first_day=date(2026, 2, 2),
        picks=learned,
        related=None,
        words_alone=Judged(picks=alone, related=None),
    )


DAYS = JudgedDays(
    model="mine.json",
    first_day=date(2026, 2, 2),
    last_day=date(2026, 2, 20),
    days=12,
    papers=3_400,
    picks=_figures(12, 0.75),
    related=None,
    unlisted=("2602.00001",),
)
DATA = Backtest(judged=DAYS, weights=KnownWeights(date(2026, 1, 31), "0"))
CURVE = (
    _stage(0, 4, _figures(5, 0.2), _figures(5, 0.4)),
    _stage(40, None, _figures(7, 1.0), _figures(7, 0.6)),
)
PLAYED = Simulation(judged=replace(DAYS, model="a curator"), curve=CURVE)


def _shown(data: Backtest | Simulation, width: int) -> list[str]:
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(backtest_display.backtest(data))
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
    *_, title, head, first, alone, last, words, end = _shown(PLAYED, 80)
    assert title.startswith("learning curve ─")
    assert (head, end) == ("picks, after      n  median  first 5  first 10  first 20   MRR", "")
    assert [line.split() for line in (first, alone, last, words)] == [
        ["0", "to", "4", "picks", "5", "2.5", "20%", "20%", "20%", "0.50"],
        ["by", "words", "alone", "5", "2.5", "40%", "40%", "40%", "0.50"],
        ["40", "and", "more", "7", "2.5", "100%", "100%", "100%", "0.50"],
        ["by", "words", "alone", "7", "2.5", "60%", "60%", "60%", "0.50"],
    ]
