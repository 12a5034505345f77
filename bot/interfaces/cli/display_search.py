"""How the shell shows papers that were found, and figures of backtests. Reads only plain JSON data."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

Json = dict[str, Any]

_NAMES: Final = 6
_COLUMNS: Final = ("n", "median", "first 5", "first 10", "first 20", "MRR")


def found(papers: Sequence[Json], _: ZoneInfo) -> RenderableType:
    """Show papers, three lines each: title; id, day, state; authors."""
    return Group(*(line for paper in papers for line in (*_paper(paper), Text())))


def similar(data: Json, _: ZoneInfo) -> RenderableType:
    """Show the papers and the picks that are like one."""
    parts: list[RenderableType] = [Text(data["title"], style="bold"), Text(data["arxiv_id"], style="dim"), Text()]
    parts += _liked("papers most like it", data["similar"], nothing="no other stored paper shares its words")
    parts += _liked("picks most like it", data["picks"], nothing="nothing has been picked yet")
    return Group(*parts)


def backtest(data: Json) -> RenderableType:
    """Show where chosen papers came out among the papers of their days."""
    known = f", trained until {data['weights']['trained_until']}" if data.get("weights") else ""
    span = f"{data['first_day']} to {data['last_day']}: {data['days']} days, {data['papers']:,} papers"
    table = _figures_table("chosen")
    for name in ("picks", "related"):
        if data[name]:
            table.add_row(name, *_figures(data[name]))
    parts: list[RenderableType] = [Text(f"{data['model']}{known}", style="bold"), Text(span), Text(), table]
    if data["unlisted"]:
        parts += [Text(), Text(f"in no listing, and so not judged: {len(data['unlisted'])}", style="dim")]
    if "curve" in data:
        parts += [Text(), Rule("learning curve", align="left"), *_curve(data["curve"])]
    return Group(*parts)


def _curve(rows: Sequence[Json]) -> Iterator[RenderableType]:
    for name in ("picks", "related"):
        table = _figures_table(f"{name}, after")
        for row in rows:
            if row[name]:
                low, high = row["picks_before"]
                table.add_row(f"{low} to {high} picks" if high is not None else f"{low} and more", *_figures(row[name]))
                table.add_row("  by words alone", *_figures(row["words_alone"][name]), style="dim")
        if table.rows:
            yield table
            yield Text()


def _figures_table(first: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in _COLUMNS:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _figures(row: Json) -> Iterable[str]:
    shares = (f"{row[f'recall_at_{first}']:.0%}" for first in (5, 10, 20))
    return str(row["n"]), f"{row['median_rank']:g}", *shares, f"{row['mrr']:.2f}"


def _liked(title: str, papers: Sequence[Json], *, nothing: str) -> Iterator[RenderableType]:
    yield Rule(title, align="left")
    if not papers:
        yield Text(nothing, style="dim")
    for paper in papers:
        yield from _paper(paper)
        yield Text(f"likeness {paper['likeness']:.2f}: {', '.join(paper['shared'])}", style="italic")
        yield Text()


def _paper(paper: Json) -> Iterator[Text]:
    number = f"#{paper['id']} {paper['state']}" if paper["id"] is not None else ""
    withdrawn = "withdrawn" if paper["withdrawn"] else ""
    yield Text(paper["title"], style="bold")
    facts = (paper["arxiv_id"], paper["announced"], " ".join(paper["categories"][:4]), number, withdrawn)
    yield Text("  ".join(fact for fact in facts if fact), style="dim")
    more = len(paper["authors"]) - _NAMES
    yield Text(", ".join(paper["authors"][:_NAMES]) + (f" and {more} more" if more > 0 else ""))
