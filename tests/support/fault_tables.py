"""What the tests of killed processes have counted at the platforms, as tables at the end of the run.

It adds up and prints; what a number means is said where it is counted, in ``platform_truth``.
"""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Generic, TypeVar

import pytest

from platform_truth import Outcome, Removal

if TYPE_CHECKING:
    from harness_faults import Scene


_CountedT = TypeVar("_CountedT", Outcome, Removal)


@dataclass
class Row(Generic[_CountedT]):
    """One line of a table: what was done ``times`` times, and what came of it."""

    what: str
    database: str
    outcome: _CountedT
    times: int = 0
    kills: int = 0
    deliveries: int = 0
    remark: str = ""


class Table(Generic[_CountedT]):
    """The lines for one kind of outcome; ``nothing`` is the outcome of no run."""

    def __init__(self, nothing: _CountedT) -> None:
        self._nothing: _CountedT = nothing
        self._rows: dict[tuple[str, str], Row[_CountedT]] = {}

    def add(self, what: str, scene: "Scene", outcome: _CountedT, *, kills: int, remark: str = "") -> None:
        """Count a scene that is over."""
        row = self._rows.setdefault((what, scene.plan.kind), Row(what, scene.plan.kind, self._nothing))
        row.times, row.kills = row.times + 1, row.kills + kills
        row.deliveries += len(scene.approved)
        row.outcome += outcome
        row.remark = remark or row.remark

    def merge(self, other: "Table[_CountedT]") -> None:
        """Add the lines of another process."""
        for key, theirs in other._rows.items():
            ours = self._rows.setdefault(key, Row(theirs.what, theirs.database, self._nothing))
            ours.times, ours.kills = ours.times + theirs.times, ours.kills + theirs.kills
            ours.deliveries += theirs.deliveries
            ours.outcome += theirs.outcome
            ours.remark = theirs.remark or ours.remark

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Print the lines, unless there are none, and the remarks."""
        if not self._rows:
            return
        numbers = [item.name for item in fields(self._nothing)]
        rows = [row for _, row in sorted(self._rows.items())]
        terminal.section("faults: what was counted at the platforms")
        terminal.write_line(_line("", "database", "runs", "kills", "deliveries", *numbers))
        for row in rows:
            figures = [getattr(row.outcome, name) for name in numbers]
            terminal.write_line(_line(row.what, row.database, row.times, row.kills, row.deliveries, *figures))
        for row in rows:
            if row.remark:
                terminal.write_line(f"{row.what}, {row.database}: {row.remark}")


class Tally:
    """What the run has counted so far."""

    def __init__(self) -> None:
        self._outcomes = Table(Outcome())
        self._removals = Table(Removal())

    def add(self, what: str, scene: "Scene", *, kills: int, remark: str = "") -> Outcome:
        """Count a scene whose picks were to go out, and return what came of it."""
        outcome = scene.outcome()
        self._outcomes.add(what, scene, outcome, kills=kills, remark=remark)
        return outcome

    def add_removal(self, what: str, scene: "Scene", removal: Removal, *, kills: int) -> None:
        """Count a scene in which a thread was to come down."""
        self._removals.add(what, scene, removal, kills=kills)

    def merge(self, other: "Tally") -> None:
        """Add what another process has counted."""
        self._outcomes.merge(other._outcomes)
        self._removals.merge(other._removals)

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Print what there is."""
        self._outcomes.write(terminal)
        self._removals.write(terminal)


def _line(what: str, database: str, *figures: object) -> str:
    return f"{what:<46} {database:<9}" + "".join(f"{figure!s:>11}" for figure in figures)
