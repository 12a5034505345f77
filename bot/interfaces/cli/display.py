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

from bot.interfaces.cli import display_ranking as taste_display
from bot.interfaces.cli import display_search as finding_display
from bot.interfaces.cli.display_ranking import percent
from bot.interfaces.views.candidates import Json

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
    "double": "green",
    "empty": "yellow",
    "late": "yellow",
    "missing": "yellow",
    "stale": "bold red",
    "truncated": "bold red",
    "broken": "bold red",
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
        table.add_row(f"#{item['id']}", percent(item["score"]), Group(*lines, *taste_display.like(item)))
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
        parts += [Text(), Rule("decisions", align="left"), *(_decision(row, zone) for row in item["decisions"])]
    for delivery in item["deliveries"]:
        parts += [Text(), Rule(f"delivery: {delivery['platform']}", align="left"), _delivery(delivery, zone)]
    return Group(*parts)


def preview(data: Json, _: ZoneInfo) -> RenderableType:
    """Show each platform's posts in boxes with their lengths."""
    parts: list[RenderableType] = []
    for name, thread in data["platforms"].items():
        parts.append(Rule(_thread_title(name, thread), align="left"))
        parts += [_post(index, post, total=len(thread["posts"])) for index, post in enumerate(thread["posts"], 1)]
        if thread.get("single"):
            parts.append(_single(thread["single"]))
        parts += [Text(f"note: {remark}", style="yellow") for remark in thread["remarks"]]
    return Group(*parts)


def history(picks: Sequence[Json], zone: ZoneInfo) -> RenderableType:
    """Show what went out: a pick a block, a line a platform."""
    table = _grid("bold cyan")
    for pick in picks:
        title = Text.assemble((pick["title"], "bold"), "  ", _state(pick["state"]))
        facts = f"{pick['arxiv_id']}  slot {_when(pick['slot'], zone)}  approved by {pick['approved_by']}"
        table.add_row(
            f"#{pick['id']}",
            Group(title, Text(facts, style="dim"), *(_sent(item, zone) for item in pick["deliveries"]), Text()),
        )
    return table


def status(data: Json, zone: ZoneInfo) -> RenderableType:
    """Show what is going on in a channel."""
    counts = [Text.assemble(_state(name), f" {count}") for name, count in data["queue"].items() if count]
    spent = data["x_spending"]
    parts: list[RenderableType] = [
        _facts(
            [
                ("channel", Text(data["channel"], style="bold")),
                ("database", data["database"]),
                ("queue", Text(", ").join(counts) if counts else "empty"),
                ("worker", _worker(data["worker"], zone)),
                ("ranking", taste_display.learning(data["learning"])),
                ("X", f"${spent['usd']:.3f} of ${spent['budget_usd']:.2f} in {spent['month']}"),
            ]
        )
    ]
    parts += [Text(), Rule("platforms", align="left")]
    parts.append(_facts((item["platform"], _platform(item, zone)) for item in data["platforms"]))
    parts += [Text(), Rule("feeds", align="left")]
    parts.append(_facts((item["feed"], _feed(item, zone)) for item in data["feeds"]))
    if data["upcoming"]:
        parts += [Text(), Rule("coming slots", align="left"), _slots(data["upcoming"], zone)]
    if data["attention"]:
        parts += [Text(), Rule("[bold red]needs a person[/]", align="left")]
        parts += [_attention(item, zone) for item in data["attention"]]
    return Group(*parts)


def batches(data: Json, _: ZoneInfo) -> RenderableType:
    """Show what came in: a line a batch that was not known yet."""
    fresh = [item for item in data["batches"] if not item["known"]]
    known = len(data["batches"]) - len(fresh)
    parts: list[RenderableType] = [_batch_table(fresh)] if fresh else []
    parts += [_reason(item) for item in fresh if item["reason"] and item["health"] != "quiet"]
    if known:
        captures = f"{known} capture{'s' if known > 1 else ''}"
        parts.append(Text(f"{captures} known already" if fresh else f"{captures}, all known already"))
    elif not fresh and not data["errors"] and not data["backfilled"]:
        parts.append(Text("nothing new in the feeds"))
    parts += [_backfilled(item) for item in data["backfilled"] if not item["error"]]
    if fresh or any(data["queued"].values()):
        joined = ", ".join(f"{count} to {name}" for name, count in data["queued"].items())
        parts.append(Text(f"candidates added: {joined}"))
    return Group(*parts)


def deliveries(reports: Sequence[Json], zone: ZoneInfo) -> RenderableType:
    """Show what publishing did: a block a delivery."""
    parts: list[RenderableType] = []
    for item in reports:
        parts.append(Text.assemble((item["arxiv_id"], "bold"), f"  {item['platform']}  ", _state(item["state"])))
        parts += [_indented(Text(url, style="cyan")) for url in item["urls"]]
        parts += [_indented(line) for line in _trouble(item, zone)]
    return Group(*parts)


def due(threads: Sequence[Json], _: ZoneInfo) -> RenderableType:
    """Show what would go out."""
    parts: list[RenderableType] = []
    for thread in threads:
        parts.append(Rule(escape(_size(f"{thread['arxiv_id']} on {thread['platform']}", thread)), align="left"))
        parts += [_post(index, post, total=len(thread["posts"])) for index, post in enumerate(thread["posts"], 1)]
    return Group(*parts)


def retractions(done: Sequence[Json], _: ZoneInfo) -> RenderableType:
    """Show what was taken down: a line a platform."""
    parts: list[RenderableType] = []
    for item in done:
        left = f", {item['left']} still up" if item["left"] else ""
        parts.append(
            Text.assemble((item["arxiv_id"], "bold"), f"  {item['platform']}  {item['removed']} taken down{left}")
        )
        if item["error"]:
            parts.append(Text(f"   {item['error']}", style="red"))
    return Group(*parts)


VIEWS: Final[dict[str, Callable[[Any, ZoneInfo], RenderableType]]] = {
    "queue": queue,
    "show": show,
    "why": taste_display.why,
    "preview": preview,
    "history": history,
    "status": status,
    "fetch": batches,
    "publish": deliveries,
    "dry-run": due,
    "retract": retractions,
    "search": finding_display.found,
    "similar": finding_display.similar,
}
"""By the name of the command; one without a view shows its summary alone."""


def _grid(style: str) -> Table:
    """Return two columns: a short one, and one in which long words wrap below each other."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style=style, no_wrap=True)
    table.add_column(ratio=1)
    return table


def _indented(what: RenderableType) -> Padding:
    return Padding(what, (0, 0, 0, 3))


def _batch_table(rows: Sequence[Json]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("feed", "day", "items", "new", "updated", "health"):
        table.add_column(name, justify="right" if name in {"items", "new", "updated"} else "left", no_wrap=True)
    for item in rows:
        numbers = (str(item[key]) for key in ("items", "new", "updated"))
        table.add_row(item["feed"], item["day"], *numbers, _state(item["health"]))
    return table


def _backfilled(item: Json) -> Text:
    return Text(f"{item['feed']} {item['day']}: {item['found']} found in the API, {item['new']} of them new")


def _reason(item: Json) -> Text:
    return Text.assemble(f"{item['feed']} {item['day']} ", _state(item["health"]), f": {item['reason']}")


def _state(name: str) -> Text:
    return Text(name, style=_STATE_STYLE.get(name, ""))


def _reasons(reasons: Sequence[str], most: int = 5) -> str:
    more = len(reasons) - most
    return "; ".join(reasons[:most]) + (f"; {more} more" if more > 0 else "")


def _people(names: Sequence[str], most: int = 12) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _facts(pairs: Iterable[tuple[str, RenderableType]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for name, value in pairs:
        table.add_row(name, Text(value) if isinstance(value, str) else value)
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
        yield "score", f"{percent(item['score'])}: {_reasons(item['reasons'], 20)}"
    if item["like"]:
        yield "like", Text("; ").join(taste_display.like(item))
    if item["held_until"]:
        yield "held until", item["held_until"]
    if item["slot"]:
        yield "slot", f"{_when(item['slot'], zone)}, approved by {item['approved_by']}"
    if item["thread_url"]:
        yield "thread", item["thread_url"]
    if item["code_url"]:
        yield "code", item["code_url"]


def _decision(row: Json, zone: ZoneInfo) -> Group:
    change = f"{row['before']} -> {row['after']}" if row["before"] else row["after"]
    line = Text.assemble((row["action"], "bold"), f"  {change}, by {row['by']} ({row['mouth']})")
    head = _grid("")
    head.add_row(_when(row["at"], zone) + " ", line)
    return Group(head, *([_indented(Text(row["detail"], style="dim"))] if row["detail"] else []))


def _delivery(item: Json, zone: ZoneInfo) -> Group:
    line = Text.assemble(_state(item["state"]), f"  due {_when(item['due_at'], zone)}")
    if item["account"]:
        line.append(f"  as {item['account']}")
    remarks = [Text(f"note: {remark}", style="yellow") for remark in item["remarks"]]
    posts = [Text(f"{post['position'] + 1}. {post['url'] or 'not sent'}") for post in item["posts"]]
    posts += [Text(f"to be taken down: {url}") for url in item["replaced"]]
    return Group(line, *_trouble(item, zone), *remarks, *posts)


def _trouble(item: Json, zone: ZoneInfo) -> list[Text]:
    """Show why a delivery is not out, and when it is tried again."""
    words = [f"next try {_when(item['next_try_at'], zone)}"] if item["next_try_at"] else []
    words += [item["error"]] if item["error"] else []
    return [Text(": ".join(words), style="red")] if words else []


def _size(name: str, thread: Json) -> str:
    price = f", ${thread['cost_usd']:.3f}" if "cost_usd" in thread else ""
    return f"{name}: {len(thread['posts'])} posts{price}"


def _thread_title(name: str, thread: Json) -> str:
    words = [_size(name, thread), "approved" if thread["frozen"] else "draft"]
    if not thread["on"]:
        words.append("switched off")
    return escape(", ".join(words))


def _post(index: int, post: Json, *, total: int) -> Panel:
    return _panel(post, title=f"{index} of {total}")


def _single(post: Json) -> Panel:
    return _panel(post, title=f"instead of the thread, if X refuses replies: 1 post, ${post['cost_usd']:.3f}")


def _panel(post: Json, *, title: str) -> Panel:
    size = f"{post['length']}/{post['limit']}"
    body = Text(post["text"])
    for name in ("card", "quote"):
        if post[name]:
            body.append(f"\n[{name}: {post[name]}]", style="cyan")
    return Panel(body, title=title, subtitle=size, title_align="left", subtitle_align="right")


def _sent(item: Json, zone: ZoneInfo) -> Group:
    line = Text.assemble(f"{item['platform']:<8} ", _state(item["state"]))
    line.append(f"  {item['posts_sent']} of {item['posts']} posts")
    if item["sent_at"]:
        line.append(f"  {_when(item['sent_at'], zone)}")
    if item["spent_usd"]:
        line.append(f"  ${item['spent_usd']:.3f}")
    below = [Text(item[key], style=style) for key, style in (("url", "cyan"), ("error", "red")) if item[key]]
    return Group(line, *map(_indented, below))


def _worker(worker: Json, zone: ZoneInfo) -> Text:
    seen = f", last seen {_when(worker['beat_at'], zone)}" if worker["beat_at"] else ""
    if worker["alive"]:
        return Text.assemble(("alive", "green"), seen)
    if worker["failing"]:
        return Text.assemble(("failing", "red"), f": {', '.join(worker['failing'])}{seen}; its log says why")
    return Text.assemble(("not running", "yellow"), f"{seen}; start it with picks worker")


def _platform(item: Json, zone: ZoneInfo) -> RenderableType:
    if not item["on"]:
        return Text.assemble(("off", "yellow"), f": {item['problem']}")
    line = Text.assemble(("on", "green"), f" as {item['account']}, {item['waiting']} waiting")
    return Group(line, *_trouble(item, zone), *_rest(item, zone))


def _rest(item: Json, zone: ZoneInfo) -> list[Text]:
    if not item["rests_until"]:
        return []
    many = "a failure" if item["failures"] == 1 else f"{item['failures']} failures in a row"
    reason = "" if item["rests_because"] == item["error"] else f": {item['rests_because']}"
    return [Text(f"rests until {_when(item['rests_until'], zone)} after {many}{reason}", style="red")]


def _feed(item: Json, zone: ZoneInfo) -> RenderableType:
    line = Text("no batch yet", style="yellow")
    if item["last_batch"]:
        line = Text.assemble(f"{item['last_batch']}, {item['items']} items, ", _state(item["health"]))
    parts = [line, *(_lie(day, zone) for day in item["trouble"])]
    if item["error"]:
        parts.append(Text(f"next poll {_when(item['next_poll_at'], zone)}: {item['error']}", style="red"))
    return Group(*parts)


def _lie(day: Json, zone: ZoneInfo) -> Text:
    line = Text.assemble(f"{day['day']} ", _state(day["health"]), f": {day['reason']}")
    if day["repaired"]:
        return line.append(f"; {day['repaired']}", style="green")
    if day["next_try_at"]:
        line.append(f"; next try {_when(day['next_try_at'], zone)}", style="yellow")
    return line.append(f" ({day['error']})", style="red") if day["error"] else line


def _slots(rows: Sequence[Json], zone: ZoneInfo) -> Table:
    table = _grid("")
    for item in rows:
        title = Text.assemble((f"#{item['id']} ", "bold cyan"), item["title"])
        table.add_row(_when(item["slot"], zone) + " ", title)
    return table


def _attention(item: Json, zone: ZoneInfo) -> Group:
    head = Text.assemble((item["arxiv_id"], "bold"), f" on {item['platform']}: ", _state(item["state"]))
    if item["next_look_at"]:
        head.append(f", next look {_when(item['next_look_at'], zone)}")
    reason = Text(item["error"] or "no reason recorded", style="red")
    ways_out = [_indented(Text(command, style="cyan")) for command in item["commands"]]
    return Group(head, _indented(reason), *ways_out)


def _when(moment: str | None, zone: ZoneInfo) -> str:
    if moment is None:
        return "-"
    return f"{datetime.fromisoformat(moment).astimezone(zone):%a %d %b %Y %H:%M %Z}"
