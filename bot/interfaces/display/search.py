"""How the shell shows papers that were found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from bot.interfaces.display import pieces

if TYPE_CHECKING:
    from bot.curation.search import Alike, Found, Similar
    from bot.domain.listing import Listing

_AUTHORS: Final = 6


def found(papers: Sequence[Found], _: ZoneInfo) -> RenderableType:
    """Show papers, three lines each: title; id, day, state; authors."""
    return Group(*(line for paper in papers for line in (*_paper(paper), Text())))


def similar(data: Similar, _: ZoneInfo) -> RenderableType:
    """Show the papers and the picks that are like one."""
    parts: list[RenderableType] = [Text(data.title, style="bold"), Text(data.arxiv_id, style="dim"), Text()]
    parts += _liked("papers most like it", data.similar, nothing="no other stored paper shares its words")
    parts += _liked("picks most like it", data.picks, nothing=_no_picks(data))
    if data.picks and (missing := _not_stored(data)):
        parts.append(Text(missing, style="dim"))
    return Group(*parts)


def _no_picks(data: Similar) -> str:
    return _not_stored(data) or "nothing else has been picked yet"


def _not_stored(data: Similar) -> str:
    """Say how many picks cannot be compared, and what mends that; nothing where all can be."""
    count = data.picks_not_stored
    if not count:
        return ""
    many = "1 pick that was imported is" if count == 1 else f"{count:,} picks that were imported are"
    return f"{many} known by title only and not compared; their papers come in with picks fetch"


def _liked(title: str, papers: Listing[Alike], *, nothing: str) -> Iterator[RenderableType]:
    many = f", {len(papers)} of {papers.total}; --limit shows more" if papers.cut else f", {papers.total} in all"
    yield Rule(f"{title}{many if papers else ''}", align="left")
    if not papers:
        yield Text(nothing, style="dim")
    for paper in papers:
        yield from _paper(paper)
        yield Text(f"likeness {paper.likeness:.2f}: {', '.join(paper.shared)}", style="italic")
        yield Text()


def _paper(paper: Found) -> Iterator[Text]:
    number = f"#{paper.id} {paper.state}" if paper.id is not None else ""
    day = str(paper.announced) if paper.announced else ""
    withdrawn = "withdrawn" if paper.withdrawn else ""
    yield Text(paper.title, style="bold")
    facts = (paper.arxiv_id, day, " ".join(paper.categories[:4]), number, withdrawn)
    yield Text("  ".join(fact for fact in facts if fact), style="dim")
    yield Text(pieces.names(paper.authors, _AUTHORS))
