"""What is going on in a channel, in a few lines for a phone."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from bot.interfaces.views.status import PlatformStatus, Status, WorkerStatus

_COMING: Final = 3


def when(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as people of the channel read it."""
    return f"{moment.astimezone(zone):%a %d %b %H:%M %Z}"


def status(data: "Status | Sequence[Status]", zone: ZoneInfo) -> str:
    """Return how a channel, or each of several, is doing."""
    several = data if isinstance(data, Sequence) else [data]
    return "\n\n".join("\n".join(_lines(item, zone)) for item in several)


def _lines(data: "Status", zone: ZoneInfo) -> Iterator[str]:
    counts = ", ".join(f"{count} {name}" for name, count in data.queue.items() if count)
    yield f"{data.channel}: {counts or 'the queue is empty'}"
    yield f"worker: {_worker(data.worker, zone)}"
    yield from (_platform(item) for item in data.platforms)
    if data.chat.problem:
        yield f"messages: {data.chat.problem}"
    for item in data.upcoming[:_COMING]:
        due = when(item.slot, zone) if item.slot else "no slot"
        what = f"correction ({item.correction}) of " if item.correction else ""
        yield f"{due}: {what}#{item.id} {' '.join(item.title.split())}{f'; {item.error}' if item.error else ''}"
    if len(data.upcoming) > _COMING:
        yield f"and {len(data.upcoming) - _COMING} more later"
    for feed in data.feeds:
        health = f"{feed.last_batch}, {feed.health}" if feed.health else "no batch yet"
        yield f"{feed.feed}: {health}{f'; {feed.overdue} is overdue' if feed.overdue else ''}"
    if data.attention:
        yield f"needs a person, {len(data.attention)}:"
        yield from (f"{case.what}: {case.why}; {case.next}" for case in data.attention)


def _worker(worker: "WorkerStatus", zone: ZoneInfo) -> str:
    if worker.alive:
        return "alive"
    seen = f", last seen {when(worker.beat_at, zone)}" if worker.beat_at else ""
    wrong = ", ".join([*worker.hung, *worker.failing])
    return f"{f'trouble with {wrong}' if wrong else 'not running'}{seen}"


def _platform(item: "PlatformStatus") -> str:
    waiting = f", {item.waiting} waiting" if item.waiting else ""
    return f"{item.platform}: on{waiting}" if item.on else f"{item.platform}: off here, {item.problem}{waiting}"
