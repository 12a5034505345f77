"""The chart of picks a month: its bars as numbers, which the page draws as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.archive.site import Group

WIDTH: Final = 640
HEIGHT: Final = 120
_SPACE: Final = 0.25
_WIDEST: Final = 48.0
_DECEMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Bar:
    """One month; ``x`` and ``y`` are its upper left corner."""

    label: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars from the first month to the last, none left out; ``most`` is the highest count."""

    bars: tuple[Bar, ...]
    most: int
    years: tuple[tuple[str, float], ...]
    width: float


def chart(months: Sequence[Group]) -> Chart | None:
    """Return the chart of a site's months, None where it has none."""
    counts = {month.slug: len(month.entries) for month in months}
    if not counts:
        return None
    names = _every_month(min(counts), max(counts))
    step = min(WIDTH / len(names), _WIDEST)
    most = max(counts.values())
    bars = tuple(
        _bar(name, counts.get(name, 0), left=number * step, step=step, most=most) for number, name in enumerate(names)
    )
    firsts = {name[:4]: number * step for number, name in reversed(list(enumerate(names)))}
    years = tuple(sorted((year, round(left, 2)) for year, left in firsts.items()))
    return Chart(bars, most, years, round(step * len(names), 2))


def _bar(name: str, count: int, *, left: float, step: float, most: int) -> Bar:
    height = HEIGHT * count / most
    return Bar(
        name,
        count,
        round(left + step * _SPACE / 2, 2),
        round(HEIGHT - height, 2),
        round(step * (1 - _SPACE), 2),
        round(height, 2),
    )


def _every_month(first: str, last: str) -> list[str]:
    names = [first]
    while names[-1] < last:
        year, month = map(int, names[-1].split("-"))
        names.append(f"{year + 1:04}-01" if month == _DECEMBER else f"{year:04}-{month + 1:02}")
    return names
