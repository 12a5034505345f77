"""How the shell shows the figures of backtests."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.interfaces.views.backtest import Backtest, Judged, JudgedDays, Simulation, Stage
from bot.ranking.backtest import Figures

_COLUMNS: Final = ("n", "median", "first 5", "first 10", "first 20", "MRR")


def backtest(data: Backtest | Simulation) -> RenderableType:
    """Show where chosen papers came out among the papers of their days, and how a simulated curator learned."""
    if isinstance(data, Simulation):
        return Group(*_head(data.judged), Text(), Rule("learning curve", align="left"), *_curve(data.curve))
    known = f", trained until {data.weights.trained_until}" if data.weights else ""
    return Group(*_head(data.judged, known=known))


def _head(data: JudgedDays, *, known: str = "") -> Iterator[RenderableType]:
    """Yield who judged which days, the figures, and what could not be judged."""
    table = _figures_table("chosen")
    for name, figures in _named(data):
        table.add_row(name, *_figures(figures))
    yield Text(f"{data.model}{known}", style="bold")
    yield Text(f"{data.first_day} to {data.last_day}: {data.days} days, {data.papers:,} papers")
    yield Text()
    yield table
    if data.unlisted:
        yield Text()
        yield Text(f"in no listing, and so not judged: {len(data.unlisted)}", style="dim")


def _curve(stages: Sequence[Stage]) -> Iterator[RenderableType]:
    """Yield a table each for picks and related papers, with a row a stage and what the words alone would have done."""
    for name in ("picks", "related"):
        table = _figures_table(f"{name}, after")
        for stage in stages:
            learned, alone = dict(_named(stage)), dict(_named(stage.words_alone))
            if name in learned:
                table.add_row(_span(stage), *_figures(learned[name]))
                table.add_row("  by words alone", *_figures(alone[name]), style="dim")
        if table.rows:
            yield table
            yield Text()


def _span(stage: Stage) -> str:
    low, high = stage.picks_before
    return f"{low} to {high} picks" if high is not None else f"{low} and more"


def _named(judged: JudgedDays | Stage | Judged) -> Iterator[tuple[str, Figures]]:
    for name, figures in (("picks", judged.picks), ("related", judged.related)):
        if figures:
            yield name, figures


def _figures_table(first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _figures(figures: Figures) -> Iterable[str]:
    shares = (f"{share:.0%}" for share in (figures.recall_at_5, figures.recall_at_10, figures.recall_at_20))
    return str(figures.n), f"{figures.median_rank:g}", *shares, f"{figures.mrr:.2f}"
