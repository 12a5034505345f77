"""How the shell shows what is going on in a channel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.interfaces.display import pieces
from bot.interfaces.display.ranking import learning

if TYPE_CHECKING:
    from bot.interfaces.heartbeat import JobPulse
    from bot.interfaces.views.attention import AttentionCase
    from bot.interfaces.views.chat import ChatStatus
    from bot.interfaces.views.feeds import FeedStatus, FeedTrouble, LostDays, UnsoughtDays
    from bot.interfaces.views.notices import FailingAddress, NoticesStatus
    from bot.interfaces.views.status import ComingPick, PlatformStatus, SilentWorker, Status, WorkerStatus

_COMING_SHOWN: Final = 3


def status(data: Status | list[Status], zone: ZoneInfo) -> RenderableType:
    """Show what is going on in a channel, or in several, below each other and each in its own time."""
    if isinstance(data, list):
        blocks = [(_one(item, ZoneInfo(item.time_zone)), Text()) for item in data]
        return Group(*(part for block in blocks for part in block))
    return _one(data, zone)


def _one(data: Status, zone: ZoneInfo) -> RenderableType:
    parts: list[RenderableType] = [_channel(data, zone)]
    parts += [Text(), Rule("platforms", align="left")]
    parts.append(pieces.facts((item.platform, _platform(item, zone)) for item in data.platforms))
    parts += [Text(), Rule("feeds", align="left")]
    parts.append(pieces.facts((item.feed, _feed(item, zone)) for item in data.feeds))
    if failing := [item for item in data.notices.failing if item.next_try_at]:  # the others need a person: below
        parts += [Text(), Rule("[bold red]addresses that fail[/]", align="left")]
        parts += [_failing(item, zone) for item in failing]
    if data.upcoming:
        parts += [Text(), Rule(f"coming slots, {len(data.upcoming)}", align="left"), _slots(data.upcoming, zone)]
    if data.attention:
        parts += [Text(), Rule(f"[bold red]needs a person, {len(data.attention)}[/]", align="left")]
        parts += [_attention(item, zone) for item in data.attention]
    return Group(*parts)


def _channel(data: Status, zone: ZoneInfo) -> Table:
    """Show the channel in short: a line each for queue, worker, weights and spending."""
    counts = [Text.assemble(pieces.state(name), f" {count}") for name, count in data.queue.items() if count]
    spent = data.x_spending
    return pieces.facts(
        [
            ("channel", Text(data.channel, style="bold")),
            ("database", data.database),
            ("queue", Text(", ").join(counts) if counts else "empty"),
            ("worker", _worker(data.worker, zone)),
            ("ranking", learning(data.learning)),
            *_told(data.notices, zone),
            *_chat(data.chat, zone),
            ("X", f"${spent.usd:.3f} of ${spent.budget_usd:.2f} in {spent.month}"),
        ]
    )


def _told(notices: NoticesStatus, zone: ZoneInfo) -> list[tuple[str, str]]:
    if notices.digest is None:
        return []
    return [("told", f"{notices.digest}, {pieces.when(notices.planned_at, zone)}")]


def _failing(item: FailingAddress, zone: ZoneInfo) -> Group:
    again = f"next try {pieces.when(item.next_try_at, zone)}"
    head = Text.assemble((item.address, "bold"), f": {item.notice}, {again}")
    lines = (Text(item.error, style="red"), Text(item.next, style="cyan"))
    return Group(head, *map(pieces.indented, lines))


def _chat(chat: ChatStatus, zone: ZoneInfo) -> list[tuple[str, Text]]:
    """Show how talking with curators goes, nothing where a channel has none."""
    if not chat.curators:
        return []
    if not chat.on:
        return [("messages", Text.assemble(("off", "yellow"), f": {chat.problem}; {chat.next}"))]
    read = f", read {pieces.when(chat.read_at, zone)}" if chat.read_at else ""
    counts = "".join(
        f", {count} {name}" for count, name in ((chat.waiting, "waiting"), (chat.refused, "refused")) if count
    )
    line = Text.assemble(("on", "green"), f" for {len(chat.curators)} curators{read}{counts}")
    if chat.problem:
        until = f" until {pieces.when(chat.rests_until, zone)}" if chat.rests_until else ""
        line.append(f"\n{chat.problem}{until and f'; rests{until}'}", style="red")
    if chat.refused and chat.error:
        line.append(f"\nlast refused: {chat.error}", style="yellow")
    return [("messages", line)]


def _worker(worker: WorkerStatus, zone: ZoneInfo) -> Group:
    jobs = (_job(job, zone) for job in worker.jobs if job.hangs or job.job in worker.failing)
    return Group(_pulse(worker, zone), *jobs, *(_silence(gone, zone) for gone in worker.silent))


def _silence(gone: SilentWorker, zone: ZoneInfo) -> Text:
    return Text(f"{gone.worker} is silent since {pieces.when(gone.beat_at, zone)}", "yellow")


def _pulse(worker: WorkerStatus, zone: ZoneInfo) -> Text:
    seen = f", last seen {pieces.when(worker.beat_at, zone)}" if worker.beat_at else ""
    if worker.alive:
        return Text.assemble(("alive", "green"), seen)
    if worker.hung:
        return Text.assemble(("hangs", "red"), f": {', '.join(worker.hung)}{seen}; end it and start it again")
    if worker.failing:
        return Text.assemble(("failing", "red"), f": {', '.join(worker.failing)}{seen}; its log says why")
    return Text.assemble(("not running", "yellow"), f"{seen}; start it with picks worker")


def _job(job: JobPulse, zone: ZoneInfo) -> Text:
    ended = f", ended last {pieces.when(job.ended_at, zone)}" if job.ended_at else ", never ended"
    return Text(f"{job.job}: {job.result}, begun {pieces.when(job.started_at, zone)}{ended}", style="dim")


def _platform(item: PlatformStatus, zone: ZoneInfo) -> RenderableType:
    sending = f", {item.sending} being sent" if item.sending else ""
    if item.on:
        line = Text.assemble(("on", "green"), f" as {item.account}, {item.waiting} waiting{sending}")
    else:
        waiting = f", {item.waiting} waiting" if item.waiting else ""
        problem = f"no worker has keys ({item.workers_lack})" if item.workers_lack else item.problem
        line = Text.assemble(("off", "yellow"), f": {problem}{waiting}{sending}")
    parts = [line, *_keys(item), *(_coming(item, zone) if item.on else [])]
    return Group(*parts, *pieces.trouble(item.error, item.next_try_at, zone), *_rest(item, zone))


def _keys(item: PlatformStatus) -> list[Text]:
    """Say of a platform that is on where its keys are, unless workers and this shell have them."""
    if item.here and item.workers_lack:
        return [Text(f"no worker has keys ({item.workers_lack}); picks publish sends from here", style="yellow")]
    return [Text("a worker has the keys, this shell has none", style="dim")] if item.on and not item.here else []


def _coming(item: PlatformStatus, zone: ZoneInfo) -> list[Text]:
    times = [f"{pieces.short_when(thread.at, zone)} {thread.arxiv_id}" for thread in item.coming]
    rest = "; all of them: picks status --json" if len(times) > _COMING_SHOWN else ""
    return [Text(f"coming: {pieces.names(times, _COMING_SHOWN)}{rest}")] if times else []


def _rest(item: PlatformStatus, zone: ZoneInfo) -> list[Text]:
    if not item.rests_until:
        return []
    many = "a failure" if item.failures == 1 else f"{item.failures} failures in a row"
    reason = "" if item.rests_because == item.error else f": {item.rests_because}"
    return [Text(f"rests until {pieces.when(item.rests_until, zone)} after {many}{reason}", style="red")]


def _feed(item: FeedStatus, zone: ZoneInfo) -> RenderableType:
    line = Text("no batch yet", style="yellow")
    if item.health:
        line = Text.assemble(f"{item.last_batch}, {item.items} items, ", pieces.state(item.health))
    if item.overdue and item.last_batch:
        line.append(f"; {item.overdue} is overdue", style="bold red")
    parts = [line, *(_bad_day(day, zone) for day in item.trouble)]
    if item.lost:
        parts.append(_lost_days(item.lost))
    if item.unsought:
        parts.append(_unsought_days(item.unsought))
    if item.ahead:
        wrong = f"ignored: something of {item.ahead}, which lies ahead; a clock, or the date of a file, was wrong"
        parts.append(Text(wrong, style="yellow"))
    if item.error:
        parts.append(Text(f"next poll {pieces.when(item.next_poll_at, zone)}: {item.error}", style="red"))
    return Group(*parts)


def _bad_day(day: FeedTrouble, zone: ZoneInfo) -> Text:
    line = Text.assemble(f"{day.day} ", pieces.state(day.health), f": {day.reason}")
    if day.repaired:
        return line.append(f"; {day.repaired}", style="green")
    if day.next_try_at:
        line.append(f"; next try {pieces.when(day.next_try_at, zone)}", style="yellow")
    return line.append(f" ({day.error})", style="red") if day.error else line


def _lost_days(lost: LostDays) -> Text:
    many = "1 earlier day" if lost.days == 1 else f"{lost.days} earlier days"
    line = Text(f"{many} lost, {lost.first} to {lost.last}; ", style="red")
    return line.append(lost.next, style="cyan")


def _unsought_days(unsought: UnsoughtDays) -> Text:
    """Say what nobody looked for, without alarm: whoever takes in captures of years ago seldom wants all between."""
    many = "1 day" if unsought.days == 1 else f"{unsought.days:,} days"
    span = f"{unsought.first} to {unsought.last}, since the captures before are more than a year old"
    line = Text(f"not looked for: {many}, {span}; for one of them ", style="dim")
    return line.append(unsought.next, style="dim cyan")


def _slots(rows: Sequence[ComingPick], zone: ZoneInfo) -> Table:
    table = pieces.grid("")
    for item in rows:
        what = f"correction ({item.correction}): " if item.correction else ""
        title = Text.assemble((f"#{item.id} ", "bold cyan"), what, item.title)
        why = [Text(item.error, style="red")] if item.error else []
        table.add_row(pieces.when(item.slot, zone) + " ", Group(title, *why))
    return table


def _attention(item: AttentionCase, zone: ZoneInfo) -> Group:
    if item.state is None:
        head = Text(item.what, style="bold")
    else:
        head = Text.assemble((item.arxiv_id or "", "bold"), f" on {item.platform}: ", pieces.state(item.state))
    if item.next_look_at:
        head.append(f", next look {pieces.when(item.next_look_at, zone)}")
    steps = item.commands or ([item.next] if item.state is None else [])
    lines = [pieces.indented(Text(step, style="cyan")) for step in steps]
    return Group(head, pieces.indented(Text(item.why, style="red")), *lines)
