"""How the shell shows what came in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.arxiv.health import Health
from bot.interfaces.display import pieces

if TYPE_CHECKING:
    from bot.intake.backfill import BackfillReport
    from bot.intake.ingest import BatchReport
    from bot.interfaces.views.intake import FetchReport

_NUMBERS: Final = ("items", "new", "updated")


def batches(data: FetchReport, _: ZoneInfo) -> RenderableType:
    """Show what came in: a line a batch that was not known yet."""
    fresh = [item for item in data.batches if not item.known]
    parts: list[RenderableType] = [_table(fresh)] if fresh else []
    parts += [_reason(item) for item in fresh if item.reason and item.health is not Health.QUIET]
    parts += _nothing_new(data, known=len(data.batches) - len(fresh))
    parts += [_backfilled(item) for item in data.backfilled if not item.error]
    if fresh or any(data.queued.values()):
        joined = ", ".join(f"{count} to {name}" for name, count in data.queued.items())
        parts.append(Text(f"candidates added: {joined}"))
    return Group(*parts)


def _nothing_new(data: FetchReport, *, known: int) -> Iterator[Text]:
    if known:
        captures = f"{known} capture{'s' if known > 1 else ''}"
        yield Text(f"{captures} known already" if known < len(data.batches) else f"{captures}, all known already")
    elif not data.batches and not data.errors and not data.backfilled:
        yield Text("nothing new in the feeds")


def _table(rows: Sequence[BatchReport]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("feed", "day", *_NUMBERS, "health"):
        table.add_column(name, justify="right" if name in _NUMBERS else "left", no_wrap=True)
    for item in rows:
        numbers = map(str, (item.items, item.new, item.updated))
        table.add_row(item.feed, str(item.day), *numbers, pieces.state(item.health))
    return table


def _reason(item: BatchReport) -> Text:
    return Text.assemble(f"{item.feed} {item.day} ", pieces.state(item.health), f": {item.reason}")


def _backfilled(item: BackfillReport) -> Text:
    return Text(f"{item.feed} {item.day}: {item.found} found in the API, {item.new} of them new")
