"""What several views are put together from: columns, states in colour, moments, troubles."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_UTC: Final = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\dZ")
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
    "delayed": "yellow",
    "missing": "yellow",
    "stale": "bold red",
    "truncated": "bold red",
    "partial": "bold red",
    "broken": "bold red",
}


def grid(style: str) -> Table:
    """Return two columns: a short one, and one in which long words wrap below each other."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style=style, no_wrap=True)
    table.add_column(ratio=1)
    return table


def facts(pairs: Iterable[tuple[str, RenderableType]]) -> Table:
    """Return a line a fact: its name, then what it is."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(ratio=1)
    for name, value in pairs:
        table.add_row(name, Text(value) if isinstance(value, str) else value)
    return table


def indented(what: RenderableType) -> Padding:
    """Return a thing three columns further right."""
    return Padding(what, (0, 0, 0, 3))


def state(name: StrEnum) -> Text:
    """Return a state or a kind of health in its colour."""
    return Text(name, style=_STATE_STYLE.get(name, ""))


def reasons(given: Sequence[str], most: int = 5) -> str:
    """Return the first reasons, and how many more there are."""
    more = len(given) - most
    return "; ".join(given[:most]) + (f"; {more} more" if more > 0 else "")


def names(people: Sequence[str], most: int) -> str:
    """Return the first names, and how many more there are."""
    more = len(people) - most
    return ", ".join(people[:most]) + (f" and {more} more" if more > 0 else "")


def when(moment: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment in the channel's time zone."""
    return f"{moment.astimezone(zone):%a %d %b %Y %H:%M %Z}" if moment else "-"


def here(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment by the clock of this machine as well, where it shows another time than the channel's."""
    own = moment.astimezone()
    return "" if own.utcoffset() == moment.astimezone(zone).utcoffset() else f" ({own:%a %H:%M %Z} here)"


def in_zone(text: str, zone: ZoneInfo) -> str:
    """Return a text of the log with its moments, which it keeps in UTC, in the channel's time zone."""
    return _UTC.sub(lambda found: when(datetime.strptime(found[0], "%Y-%m-%d %H:%M%z"), zone), text)


def short_when(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment in the channel's time zone, in a few characters."""
    return f"{moment.astimezone(zone):%a %d %b %H:%M}"


def trouble(error: str | None, next_try_at: datetime | None, zone: ZoneInfo) -> list[Text]:
    """Show why something is not out, and when it is tried again."""
    words = [f"next try {when(next_try_at, zone)}"] if next_try_at else []
    words += [error] if error else []
    return [Text(": ".join(words), style="red")] if words else []
