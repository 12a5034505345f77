"""How the shell shows what went out, what publishing did just now, and what was taken down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from bot.interfaces.display import pieces

if TYPE_CHECKING:
    from bot.interfaces.views.history import HistoryRow, SentThread
    from bot.publishing.retract import Retraction
    from bot.publishing.sender import Report


def history(picks: Sequence[HistoryRow], zone: ZoneInfo) -> RenderableType:
    """Show what went out: a pick a block, a line a platform."""
    table = pieces.grid("bold cyan")
    for pick in picks:
        title = Text.assemble((pick.title, "bold"), "  ", pieces.state(pick.state))
        facts = f"{pick.arxiv_id}  slot {pieces.when(pick.slot, zone)}  approved by {pick.approved_by}"
        if pick.corrected_at:
            facts += f"  corrected {pieces.when(pick.corrected_at, zone)}"
        threads = (_thread(item, zone) for item in pick.deliveries)
        table.add_row(f"#{pick.id}", Group(title, Text(facts, style="dim"), *threads, Text()))
    return table


def deliveries(reports: Sequence[Report], zone: ZoneInfo) -> RenderableType:
    """Show what publishing did: a block a delivery."""
    parts: list[RenderableType] = []
    for item in reports:
        parts.append(Text.assemble((item.arxiv_id, "bold"), f"  {item.platform}  ", pieces.state(item.state)))
        parts += [pieces.indented(Text(url, style="cyan")) for url in item.urls]
        parts += [pieces.indented(line) for line in pieces.trouble(item.error, item.next_try_at, zone)]
    return Group(*parts)


def retractions(done: Sequence[Retraction], _: ZoneInfo) -> RenderableType:
    """Show what was taken down: a line a platform."""
    parts: list[RenderableType] = []
    for item in done:
        left = f", {item.left} still up" if item.left else ""
        parts.append(Text.assemble((item.arxiv_id, "bold"), f"  {item.platform}  {item.removed} taken down{left}"))
        if item.error:
            parts.append(Text(f"   {item.error}", style="red"))
    return Group(*parts)


def _thread(item: SentThread, zone: ZoneInfo) -> Group:
    line = Text.assemble(f"{item.platform:<8} ", pieces.state(item.state))
    line.append(f"  {item.posts_sent} of {item.posts} posts")
    if item.sent_at:
        line.append(f"  {pieces.when(item.sent_at, zone)}")
    if item.spent_usd:
        line.append(f"  ${item.spent_usd:.3f}")
    below = [Text(words, style=style) for words, style in ((item.url, "cyan"), (item.error, "red")) if words]
    return Group(line, *map(pieces.indented, below))
