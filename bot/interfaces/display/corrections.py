"""How the shell shows a correction: the note with what goes and what comes, then the posts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from bot.interfaces.display import pieces
from bot.interfaces.display.headings import Heading
from bot.interfaces.display.threads import panel, single_post
from bot.interfaces.views.differences import Change, difference

if TYPE_CHECKING:
    from bot.interfaces.views.corrections import CorrectionView, ProposedCorrection

_STYLES: Final = {Change.KEPT: "", Change.REMOVED: "red", Change.ADDED: "green"}


def proposed(data: ProposedCorrection, _: ZoneInfo) -> RenderableType:
    """Show what changes in the note, and the exact posts of each platform."""
    note = Text.assemble(*((str(item), _STYLES[item.change]) for item in difference(data.before, data.note)))
    parts: list[RenderableType] = [Text(data.title, style="bold"), Panel(note, title="note", title_align="left")]
    what = "reply" if data.form == "reply" else "posted anew"
    for platform, thread in data.platforms.items():
        price = f", ${thread.extras.cost_usd:.3f}" if thread.extras else ""
        many = "1 post" if len(thread.posts) == 1 else f"{len(thread.posts)} posts"
        parts.append(Heading(f"{platform}: {what}, {many}{price}"))
        parts += [panel(post, title=f"{number} of {len(thread.posts)}") for number, post in enumerate(thread.posts, 1)]
        if thread.extras and thread.extras.single:
            parts.append(single_post(thread.extras.single))
        parts += [Text(f"note: {remark}", style="yellow") for remark in thread.remarks]
    parts += [Text(f"{platform}: nothing changes, {why}") for platform, why in data.left_out.items()]
    return Group(*parts)


def facts(rows: Iterable[CorrectionView], zone: ZoneInfo) -> Iterable[tuple[str, str | Text]]:
    """Yield each correction of a pick in short: a name and words."""
    for row in rows:
        when = f"since {pieces.when(row.started_at, zone)}" if row.started_at else f"at {pieces.when(row.due_at, zone)}"
        line = Text(f"{row.form}, {row.state}, {when}, approved by {row.by}")
        if row.state != "done" and not row.started_at:
            line.append(f": {row.note}")
        if row.error and row.is_open:
            line.append(f"; {row.error}", style="red")
        yield "correction", line
