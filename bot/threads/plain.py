"""Turn strangers' text into one visible line, cut where it is too long.

This module owns what titles, names and abstracts may look like inside our posts. It never adds a link or a mark.
"""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Final

import regex

from bot.domain.text import is_hidden
from bot.threads.measure import graphemes

ELLIPSIS: Final = "…"

_VISIBLE: Final = regex.compile(r"[\p{L}\p{N}\p{P}\p{S}]")
_DANGLING: Final = " ,;:.–—-([{'\"“‘"


def one_line(text: str) -> str:
    """Return the text on one line, in NFC, without control characters, bidi overrides and other invisible marks.

    Empty when nothing visible is left.
    """
    shown = "".join(character for character in text if character.isspace() or not is_hidden(character))
    line = " ".join(unicodedata.normalize("NFC", shown).split())
    return line if _VISIBLE.search(line) else ""


def cut(text: str, fits: Callable[[str], bool]) -> str:
    """Return the text if it fits, else its longest beginning that fits with an ellipsis, at a word if possible."""
    if fits(text):
        return text
    return next((shorter for shorter in _beginnings(text, fits) if fits(shorter)), ELLIPSIS)


def _beginnings(text: str, fits: Callable[[str], bool]) -> Iterator[str]:
    marks = graphemes(text)
    longest = _most_that_fit(marks, fits)
    beginning = "".join(marks[: longest + 1])
    word_ends = [place for place, mark in enumerate(beginning) if mark == " " and place > len(beginning) // 2]
    yield from (_ended(beginning[:end]) for end in reversed(word_ends))
    yield from (_ended("".join(marks[:count])) for count in range(longest, 0, -1))


def _most_that_fit(marks: list[str], fits: Callable[[str], bool]) -> int:
    low, high = 0, len(marks)
    while low < high:
        middle = (low + high + 1) // 2
        if fits("".join(marks[:middle]) + ELLIPSIS):
            low = middle
        else:
            high = middle - 1
    return low


def _ended(beginning: str) -> str:
    return beginning.rstrip(_DANGLING) + ELLIPSIS
