"""How people see what the doctor found."""

from typing import Final

from rich.console import Group, RenderableType
from rich.text import Text

from bot.interfaces.display import pieces
from bot.interfaces.doctor.checks import Check, CheckState, Examination

_STYLES: Final = {
    CheckState.OK: "green",
    CheckState.WARNING: "yellow",
    CheckState.FAILED: "bold red",
    CheckState.SKIPPED: "dim",
}


def examination(found: Examination) -> Group:
    """Return a line for each check, and below it the next step where there is one."""
    return Group(*(line for item in found.checks for line in _lines(item)))


def _lines(item: Check) -> list[RenderableType]:
    head = Text.assemble((f"{item.state.value:8}", _STYLES[item.state]), (item.name, "bold"), f": {item.detail}")
    return [head, pieces.indented(Text(item.next, style="cyan"))] if item.next else [head]
