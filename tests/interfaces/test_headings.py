"""A heading says all of its words however narrow the terminal is."""

import io

import pytest
from rich.console import Console

from bot.interfaces.display.headings import Heading

WORDS = "bluesky: 1 post, [hook] form, draft, switched off"


@pytest.mark.parametrize(("width", "lines"), [(80, 1), (len(WORDS) + 2, 1), (len(WORDS) + 1, 2), (40, 3), (20, 4)])
def test_no_word_is_cut_off_and_no_bracket_is_markup(width: int, lines: int) -> None:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(Heading(WORDS))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert " ".join(shown.replace("─", " ").split()) == WORDS
    assert len(shown.splitlines()) == lines
