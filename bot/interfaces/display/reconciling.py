"""How the shell shows the accounts compared with the database."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.text import Text

from bot.interfaces.display import pieces

if TYPE_CHECKING:
    from bot.interfaces.views.reconciling import Reconciliation, UnknownRow
    from bot.publishing.reconcile import Adopted, ComparedAccount


def reconciliation(data: Reconciliation, _zone: ZoneInfo) -> RenderableType:
    """Show what was adopted, what is unknown, and a line for each account."""
    parts: list[RenderableType] = [_adopted(item, would=data.dry_run) for item in data.adopted]
    parts += [_unknown(item) for item in data.unknown]
    parts += [_account(item, dry_run=data.dry_run) for item in data.accounts]
    return Group(*parts)


def _adopted(item: Adopted, *, would: bool) -> Text:
    many = "1 post" if item.posts == 1 else f"{item.posts} posts"
    rest = "" if item.whole else ", the rest is sent later"
    verb = "would be adopted" if would else "adopted"
    head = Text.assemble((item.arxiv_id, "bold"), f" on {item.platform} in {item.channel}: ")
    return head.append(f"{verb}, {many}{rest}", style="green").append(f"  {item.url}", style="dim")


def _unknown(item: UnknownRow) -> Group:
    many = "1 post" if item.posts == 1 else f"{item.posts} posts"
    head = Text.assemble((item.arxiv_id, "bold"), f" on {item.platform}: ", ("out and unknown", "yellow"))
    head.append(f", {many}  {item.url}", style="dim")
    return Group(head, pieces.indented(Text(item.why)), pieces.indented(Text(item.next, style="cyan")))


def _account(item: ComparedAccount, *, dry_run: bool) -> Text:
    head = Text.assemble((item.account, "bold"), f" on {item.platform}: ")
    if item.problem:
        return head.append(f"not compared: {item.problem}", style="red")
    others = f"; {item.other_posts} other posts are no concern of ours" if item.other_posts else ""
    waits = ""
    if item.waited:
        waits = "; it waits to be reconciled" if dry_run else "; it posts again"
    return head.append(f"compared{waits}{others}", style="green")
