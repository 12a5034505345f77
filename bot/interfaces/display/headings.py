"""A heading of the shell that loses no word where the terminal is narrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.rule import Rule
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_LINE: Final = 2
"""A blank and one sign of the line: what a rule needs beside its words."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Words at the beginning of a line; where they are too wide for one, they stand in several above it."""

    words: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        words = Text(self.words)
        if cell_len(self.words) + _LINE <= options.max_width:
            yield Rule(words, align="left")
            return
        yield words
        yield Rule()
