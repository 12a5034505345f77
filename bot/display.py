"""How the shell shows what a verb answers: one function a verb, from plain data to something rich can print.

Reads only the JSON data of ``views``. Everything that strangers wrote goes through ``Text``, which knows no markup.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.views import Json

_STATE_STYLE: Final = {
    "queued": "cyan",
    "held": "blue",
    "approved": "green",
    "publishing": "yellow",
    "published": "bold green",
    "attention": "bold red",
    "rejected": "dim",
    "expired": "dim",
    "sent": "bold green",
    "planned": "yellow",
    "sending": "yellow",
    "refused": "bold red",
    "unknown": "bold red",
    "fresh": "green",
    "empty": "yellow",
    "truncated": "bold red",
}


def queue(candidates: Sequence[Json], _: ZoneInfo) -> RenderableType:
    """Show candidates, two to three lines each: number, score, title; then id, categories, reasons."""
    table = Table.grid(padding=(0, 1))
    table.add_column(justify="right", style="bold cyan", no_wrap=True)
    table.add_column(justify="right", style="bold", no_wrap=True)
    table.add_column(ratio=1)
    for item in candidates:
        facts = Text(f"{item['arxiv_id']}  {' '.join(item['categories'][:4])}  {item['announced'] or ''}", style="dim")
        lines = [Text(item["title"], style="bold"), facts, Text(_reasons(item["reasons"]), style="italic")]
        table.add_row(f"#{item['id']}", f"{item['score']:.1f}", Group(*lines))
        table.add_row()
    return table


def show(item: Json, zone: ZoneInfo) -> RenderableType:
    """Show one candidate whole."""
    head = Text(item["title"], style="bold")
    parts: list[RenderableType] = [head, Text(_people(item["authors"])), Text(item["url"], style="cyan"), Text()]
    parts.append(_facts(_candidate_facts(item, zone)))
    parts += [Text(), Text(item["abstract"])]
    if item["note"]:
        parts += [Text(), Panel(Text(item["note"]), title="note", title_align="left")]
    if item["decisions"]:
        parts += [Text(), Rule("decisions", align="left"), _decisions(item["decisions"], zone)]
    for delivery in item["deliveries"]:
        parts += [Text(), Rule(f"delivery: {delivery['platform']}", align="left"), _delivery(delivery, zone)]
    return Group(*parts)


def preview(data: Json, _: ZoneInfo) -> RenderableType:
    """Show each platform's posts in boxes with their lengths."""
    parts: list[RenderableType] = []
    for name, thread in data["platforms"].items():
        parts.append(Rule(_thread_title(name, thread), align="left"))
        parts += [_post(index, post, total=len(thread["posts"])) for index, post in enumerate(thread["posts"], 1)]
        parts += [Text(f"note: {remark}", style="yellow") for remark in thread["remarks"]]
    return Group(*parts)


def history(picks: Sequence[Json], zone: ZoneInfo) -> RenderableType:
    """Show what went out: a pick a block, a line a platform."""
    parts: list[RenderableType] = []
    for pick in picks:
        title = Text.assemble((f"#{pick['id']} ", "bold cyan"), (pick["title"], "bold"), "  ", _state(pick["state"]))
        facts = f"{pick['arxiv_id']}  slot {_when(pick['slot'], zone)}  approved by {pick['approved_by']}"
        parts += [title, Text(facts, style="dim")]
        parts += [Padding(_sent_line(item, zone), (0, 0, 0, 3)) for item in pick["deliveries"]]
        parts.append(Text())
    return Group(*parts)


def status(data: Json, zone: ZoneInfo) -> RenderableType:
    """Show what is going on in a channel."""
    parts: list[RenderableType] = [
        Text.assemble(("channel ", "dim"), (data["channel"], "bold"), ("   database ", "dim"), data["database"])
    ]
    counts = [Text.assemble(_state(name), f" {count}") for name, count in data["queue"].items() if count]
    parts.append(Text("queue    ", style="dim").append(Text(", ").join(counts) if counts else Text("empty")))
    parts.append(_worker_line(data["worker"], zone))
    spent = data["x_spending"]
    parts.append(
        Text.assemble(("X        ", "dim"), f"${spent['usd']:.3f} of ${spent['budget_usd']:.2f} in {spent['month']}")
    )
    parts += [Text(), Rule("platforms", align="left"), *(_platform_line(item, zone) for item in data["platforms"])]
    parts += [Text(), Rule("feeds", align="left"), *(_feed_line(item, zone) for item in data["feeds"])]
    if data["upcoming"]:
        parts += [Text(), Rule("coming slots", align="left"), *(_slot_line(item, zone) for item in data["upcoming"])]
    if data["attention"]:
        parts += [Text(), Rule("[bold red]needs a person[/]", align="left"), *map(_attention_line, data["attention"])]
    return Group(*parts)


def batches(data: Json, _: ZoneInfo) -> RenderableType:
    """Show what came in: a line a batch."""
    table = Table(box=None, pad_edge=False)
    for name in ("feed", "day", "items", "new", "updated", "health"):
        table.add_column(name, justify="right" if name in {"items", "new", "updated"} else "left", no_wrap=True)
    for item in data["batches"]:
        health = Text("known", style="dim") if item["known"] else _state(item["health"])
        table.add_row(item["feed"], item["day"], *(str(item[key]) for key in ("items", "new", "updated")), health)
    joined = ", ".join(f"{count} to {name}" for name, count in data["queued"].items())
    return Group(table, Text(f"candidates added: {joined}" if joined else ""))


def deliveries(reports: Sequence[Json], zone: ZoneInfo) -> RenderableType:
    """Show what publishing did: a block a delivery."""
    parts: list[RenderableType] = []
    for item in reports:
        line = Text.assemble((item["arxiv_id"], "bold"), "  ", item["platform"], "  ", _state(item["state"]))
        if item["next_try_at"]:
            line.append(f"  next try {_when(item['next_try_at'], zone)}")
        parts.append(line)
        parts += [Text(f"   {url}", style="cyan") for url in item["urls"]]
        if item["error"]:
            parts.append(Text(f"   {item['error']}", style="red"))
    return Group(*parts)


def due(threads: Sequence[Json], _: ZoneInfo) -> RenderableType:
    """Show what would go out."""
    parts: list[RenderableType] = []
    for thread in threads:
        title = f"{thread['arxiv_id']} on {thread['platform']}: {len(thread['posts'])} posts"
        parts.append(Rule(escape(title), align="left"))
        parts += [_post(index, post, total=len(thread["posts"])) for index, post in enumerate(thread["posts"], 1)]
    return Group(*parts)


VIEWS: Final[dict[str, Callable[[Any, ZoneInfo], RenderableType]]] = {
    "queue": queue,
    "show": show,
    "preview": preview,
    "history": history,
    "status": status,
    "fetch": batches,
    "publish": deliveries,
    "dry-run": due,
}
"""By the name of the command; one without a view shows its summary alone."""


def _state(name: str) -> Text:
    return Text(name, style=_STATE_STYLE.get(name, ""))


def _reasons(reasons: Sequence[str], most: int = 5) -> str:
    more = len(reasons) - most
    return "; ".join(reasons[:most]) + (f"; {more} more" if more > 0 else "")


def _people(names: Sequence[str], most: int = 12) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _facts(pairs: Iterable[tuple[str, str | Text]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for name, value in pairs:
        table.add_row(name, value if isinstance(value, Text) else Text(value))
    return table


def _candidate_facts(item: Json, zone: ZoneInfo) -> Iterable[tuple[str, str | Text]]:
    number = f"  (#{item['id']})" if item["id"] is not None else ""
    yield "id", f"{item['arxiv_id']}v{item['version']}{number}"
    yield (
        "state",
        _state(item["state"]) if item["state"] else Text("not in the queue; picks note or approve takes it in"),
    )
    yield "announced", f"{item['announced'] or 'before the first capture'}  {' '.join(item['categories'])}"
    if item["score"] is not None:
        yield "score", f"{item['score']:.1f}: {_reasons(item['reasons'], 20)}"
    if item["held_until"]:
        yield "held until", item["held_until"]
    if item["slot"]:
        yield "slot", f"{_when(item['slot'], zone)}, approved by {item['approved_by']}"
    if item["thread_url"]:
        yield "thread", item["thread_url"]
    if item["code_url"]:
        yield "code", item["code_url"]


def _decisions(rows: Sequence[Json], zone: ZoneInfo) -> Table:
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for row in rows:
        change = f"{row['before']} -> {row['after']}" if row["before"] else row["after"]
        who = f"{row['by']} ({row['mouth']})"
        detail = f"{change}  {row['detail']}" if row["detail"] else change
        table.add_row(_when(row["at"], zone), Text(row["action"], style="bold"), Text(who), Text(detail))
    return table


def _delivery(item: Json, zone: ZoneInfo) -> Group:
    line = Text.assemble(_state(item["state"]), f"  due {_when(item['due_at'], zone)}")
    if item["account"]:
        line.append(f"  as {item['account']}")
    if item["next_try_at"]:
        line.append(f"  next try {_when(item['next_try_at'], zone)}")
    error = [Text(item["error"], style="red")] if item["error"] else []
    remarks = [Text(f"note: {remark}", style="yellow") for remark in item["remarks"]]
    posts = [Text(f"{post['position'] + 1}. {post['url'] or 'not sent'}") for post in item["posts"]]
    return Group(line, *error, *remarks, *posts)


def _thread_title(name: str, thread: Json) -> str:
    words = [f"{name}: {len(thread['posts'])} posts"]
    if "cost_usd" in thread:
        words.append(f"${thread['cost_usd']:.3f}")
    words.append("approved" if thread["frozen"] else "draft")
    if not thread["on"]:
        words.append("switched off: no credentials")
    return escape(", ".join(words))


def _post(index: int, post: Json, *, total: int) -> Panel:
    size = f"{post['length']}/{post['limit']}"
    body = Text(post["text"])
    for name in ("card", "quote"):
        if post[name]:
            body.append(f"\n[{name}: {post[name]}]", style="cyan")
    return Panel(body, title=f"{index} of {total}", subtitle=size, title_align="left", subtitle_align="right")


def _sent_line(item: Json, zone: ZoneInfo) -> Text:
    line = Text.assemble(f"{item['platform']:<8} ", _state(item["state"]))
    line.append(f"  {item['posts_sent']} of {item['posts']} posts")
    if item["sent_at"]:
        line.append(f"  {_when(item['sent_at'], zone)}")
    if item["cost_usd"]:
        line.append(f"  ${item['cost_usd']:.3f}")
    if item["url"]:
        line.append(f"\n{item['url']}", style="cyan")
    if item["error"]:
        line.append(f"\n{item['error']}", style="red")
    return line


def _worker_line(worker: Json, zone: ZoneInfo) -> Text:
    if worker["alive"]:
        return Text.assemble(("worker   ", "dim"), ("alive", "green"), f", {_when(worker['beat_at'], zone)}")
    last = f", last seen {_when(worker['beat_at'], zone)}" if worker["beat_at"] else ""
    return Text.assemble(("worker   ", "dim"), ("not running", "yellow"), f"{last}; start it with picks worker")


def _platform_line(item: Json, zone: ZoneInfo) -> Text:
    if not item["on"]:
        return Text.assemble(f"{item['platform']:<8} ", ("off", "yellow"), ": no credentials in the environment")
    line = Text.assemble(
        f"{item['platform']:<8} ", ("on", "green"), f" as {item['account']}, {item['waiting']} waiting"
    )
    if item["error"]:
        line.append(f"\n         next try {_when(item['next_try_at'], zone)}: {item['error']}", style="red")
    return line


def _feed_line(item: Json, _: ZoneInfo) -> Text:
    line = Text(f"{item['feed']:<8} ")
    if item["last_batch"]:
        line.append(f"{item['last_batch']}, {item['items']} items, ").append(_state(item["health"]))
    else:
        line.append("no batch yet", style="yellow")
    if item["error"]:
        line.append(f"\n         {item['error']}", style="red")
    return line


def _slot_line(item: Json, zone: ZoneInfo) -> Text:
    return Text.assemble(f"{_when(item['slot'], zone)}  ", (f"#{item['id']} ", "bold cyan"), item["title"])


def _attention_line(item: Json) -> Text:
    head = Text.assemble((item["arxiv_id"], "bold"), f" on {item['platform']}: ", _state(item["state"]))
    return head.append(f"\n   {item['error'] or 'no reason recorded'}\n   see: picks show {item['arxiv_id']}")


def _when(moment: str | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "-"
    return f"{datetime.fromisoformat(moment).astimezone(zone):%a %d %b %Y %H:%M %Z}"
