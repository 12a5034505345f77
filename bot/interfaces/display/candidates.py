"""How the shell shows the queue, and one candidate whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.interfaces.display import corrections, pieces
from bot.interfaces.display.ranking import like
from bot.interfaces.display.threads import panel, single_post
from bot.interfaces.views.percent import percent

if TYPE_CHECKING:
    from bot.interfaces.views.candidates import DecisionView, QueueRow, Shown
    from bot.interfaces.views.deliveries import DeliveryView
    from bot.interfaces.views.log import LogEntry

_AUTHORS: Final = 12
_IN_SHORT: Final = 4
_REASONS: Final = 20


def queue(candidates: Sequence[QueueRow], _: ZoneInfo) -> RenderableType:
    """Show candidates, four lines each or more: number, score, title; then authors, id and categories, reasons."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="bold cyan", no_wrap=True)
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column(ratio=1)
    for item in candidates:
        facts = Text(f"{item.arxiv_id}  {' '.join(item.categories[:4])}  {item.announced or ''}", style="dim")
        people = Text(pieces.names(item.authors, _IN_SHORT))
        lines = [Text(item.title, style="bold"), people, facts, Text(pieces.reasons(item.reasons), style="italic")]
        table.add_row(f"#{item.id}", percent(item.score), Group(*lines, *_doubt(item), *like(item.like)))
        table.add_row()
    return table


def show(shown: Shown | list[Shown], zone: ZoneInfo) -> RenderableType:
    """Show a candidate whole, or several below each other."""
    if not isinstance(shown, list):
        return _whole(shown, zone)
    parts = ((Rule(f"{number} of {len(shown)}"), _whole(item, zone)) for number, item in enumerate(shown, 1))
    return Group(*(part for pair in parts for part in pair))


def _whole(item: Shown, zone: ZoneInfo) -> RenderableType:
    people = Text(pieces.names(item.authors, _AUTHORS))
    parts: list[RenderableType] = [Text(item.title, style="bold"), people, Text(item.url, style="cyan"), Text()]
    parts.append(pieces.facts(_facts(item, zone)))
    parts += [Text(), Text(item.abstract)]
    if item.note:
        parts += [Text(), Panel(Text(item.note), title="note", title_align="left")]
    if item.decisions:
        parts += [Text(), Rule("decisions", align="left"), *(_decision(row, zone) for row in item.decisions)]
    for delivery in item.former_deliveries:
        parts += [Text(), Rule(f"former delivery: {delivery.platform}", align="left"), _delivery(delivery, zone)]
    for delivery in item.deliveries:
        parts += [Text(), Rule(f"delivery: {delivery.platform}", align="left"), _delivery(delivery, zone)]
    return Group(*parts)


def log(entries: Sequence[LogEntry], zone: ZoneInfo) -> RenderableType:
    """Show who decided what: an entry two lines or three, with the paper and what was said."""
    table = pieces.grid("dim")
    for row in entries:
        done = row.decision
        paper = Text.assemble((f"#{row.id} ", "bold cyan"), row.title)
        table.add_row(pieces.short_when(done.at, zone), Group(_change(done), paper, *_said(done.detail), Text()))
    return table


def _said(detail: str) -> list[Text]:
    return [Text(detail, style="dim")] if detail else []


def _doubt(item: QueueRow) -> list[Text]:
    """Return the mark of a paper that may be withdrawn."""
    said = item.perhaps_withdrawn
    return [Text(f"may be withdrawn: “{said}”", style="bold red")] if said else []


def _facts(item: Shown, zone: ZoneInfo) -> Iterable[tuple[str, str | Text]]:
    """Yield what is known of a candidate in short: a name and words."""
    number = f"  (#{item.id})" if item.id is not None else ""
    yield "id", f"{item.arxiv_id}v{item.version}{number}"
    outside = Text("not in the queue; picks note or approve takes it in")
    yield "state", pieces.state(item.state) if item.state else outside
    if item.withdrawn:
        yield "withdrawn", Text("its newest version is a notice of withdrawal", style="bold red")
    elif item.perhaps_withdrawn:
        yield "withdrawn?", Text(f"its newest version says “{item.perhaps_withdrawn}”", style="bold red")
    yield "announced", f"{item.announced or 'before the first capture'}  {' '.join(item.categories)}"
    if item.score is not None:
        yield "score", f"{percent(item.score)}: {pieces.reasons(item.reasons, _REASONS)}"
    if item.like:
        yield "like", Text("; ").join(like(item.like))
    if item.held_until:
        yield "held until", str(item.held_until)
    if item.slot:
        yield "slot", f"{pieces.when(item.slot, zone)}{pieces.here(item.slot, zone)}, approved by {item.approved_by}"
    yield from corrections.facts(item.corrections, zone)
    if item.thread_url:
        yield "thread", item.thread_url
    if item.code_url:
        yield "code", item.code_url


def _change(row: DecisionView) -> Text:
    change = f"{row.before} -> {row.after}" if row.before else row.after
    return Text.assemble((row.action, "bold"), f"  {change}, by {row.by} ({row.mouth})")


def _decision(row: DecisionView, zone: ZoneInfo) -> Group:
    head = pieces.grid("")
    head.add_row(pieces.when(row.at, zone) + " ", _change(row))
    return Group(head, *([pieces.indented(Text(pieces.in_zone(row.detail, zone), style="dim"))] if row.detail else []))


def _delivery(item: DeliveryView, zone: ZoneInfo) -> Group:
    line = Text.assemble(pieces.state(item.state), f"  due {pieces.when(item.due_at, zone)}")
    if item.account:
        line.append(f"  as {item.account}")
    remarks = [Text(f"note: {remark}", style="yellow") for remark in item.remarks]
    down = [Text(f"to be taken down: {url}") for url in item.replaced]
    trouble = pieces.trouble(item.error, item.next_try_at, zone)
    return Group(line, *trouble, *remarks, *_posts(item), *down)


def _posts(item: DeliveryView) -> Iterator[RenderableType]:
    """Yield the posts in the words that were approved, each with where it is."""
    begun = any(post.url for post in item.posts)
    for post in item.posts:
        yield panel(post.post, title=f"{post.position + 1} of {len(item.posts)}")
        if begun:
            yield Text(f"{post.position + 1}. {post.url or 'not sent'}")
    if item.single and not item.as_single:
        yield single_post(item.single)
