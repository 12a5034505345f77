"""How the shell shows the digest."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.interfaces.views.percent import percent

if TYPE_CHECKING:
    from bot.interfaces.views.digest import Digest


def digest(data: Digest, _: ZoneInfo) -> RenderableType:
    """Show the best candidates of a day, three lines each: title; the reason; address. Below, what else is to know."""
    from bot.interfaces.views.digest import headline, remarks

    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="bold cyan", no_wrap=True)
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column(ratio=1)
    for row in data.candidates:
        lines = (Text(row.title, style="bold"), Text(row.reason, style="italic"), Text(row.url, style="cyan"))
        table.add_row(f"#{row.id}", percent(row.score), Group(*lines))
        table.add_row()
    below = [Text(line, style="dim") for line in remarks(data)]
    return Group(Text(headline(data), style="bold"), Text(), table, *below, Text(data.decide, style="dim"))
