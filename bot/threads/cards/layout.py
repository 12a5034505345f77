"""Where the lines of a card end, and how large its title can be: nothing may leave the picture.

This module measures with the fonts and draws nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from icu4py.breakers import LineBreaker

from bot.threads.cards.fonts import Face
from bot.threads.cards.glyphs import width_of
from bot.threads.cards.letters import Run, runs
from bot.threads.measure import graphemes
from bot.threads.plain import cut

_LOCALE: Final = "en"
FINE: Final = 2
"""The card is drawn so many times larger: letters stand where they belong, not at the next whole pixel."""


@dataclass(frozen=True)
class Style:
    """A kind of text: its fonts, its size, and from line to line, all in pixels."""

    faces: tuple[Face, ...]
    size: int
    leading: float = 1.2

    @property
    def step(self) -> int:
        """Return the distance of two lines."""
        return round(self.size * self.leading)

    def width(self, text: str) -> float:
        """Return how wide a drawable text is."""
        return sum(width_of(run.text, run.face, self.size * FINE) for run in self.runs(text)) / FINE

    def runs(self, text: str) -> list[Run]:
        """Cut a drawable text into stretches of one font each."""
        return runs(text, self.faces)


@dataclass(frozen=True)
class Block:
    """Lines of one style."""

    style: Style
    lines: tuple[str, ...]

    @cached_property
    def height(self) -> int:
        """Return how much room it takes."""
        return self.style.step * len(self.lines)


def one_line_of(text: str, style: Style, *, width: float) -> str:
    """Return the text, with an ellipsis where it is too wide."""
    return cut(text, lambda beginning: style.width(beginning) <= width)


def largest(text: str, styles: Sequence[Style], *, width: float, height: int, lines: int) -> Block:
    """Return the text in the largest of the styles that has room for all of it; in the last one cut, if need be."""
    for style in styles:
        broken = list(_lines(text, style, width=width))
        if len(broken) <= lines and len(broken) * style.step <= height:
            return Block(style, tuple(_balanced(text, style, width=width, count=len(broken))))
    style = styles[-1]
    return filled(text, style, width=width, lines=min(lines, height // style.step))


def filled(text: str, style: Style, *, width: float, lines: int) -> Block:
    """Return the text in at most so many lines, with an ellipsis where it goes on."""
    broken = list(_lines(text, style, width=width))
    if len(broken) <= lines:
        return Block(style, tuple(broken))
    kept = broken[: max(0, lines)]
    if kept:
        rest = text[_place(text, kept[:-1]) :]
        kept[-1] = cut(rest, lambda beginning: style.width(beginning) <= width)
    return Block(style, tuple(kept))


def _place(text: str, lines: Sequence[str]) -> int:
    """Return where the line after these begins."""
    place = 0
    for line in lines:
        place = text.index(line, place) + len(line)
    return place + len(text[place:]) - len(text[place:].lstrip())


def _balanced(text: str, style: Style, *, width: float, count: int) -> list[str]:
    """Return the text in as many lines, as even as they can be: a last line of one word looks like a mistake."""
    low, high = width / 2, width
    while high - low > style.size / 8:
        middle = (low + high) / 2
        if len(list(_lines(text, style, width=middle))) <= count:
            high = middle
        else:
            low = middle
    return list(_lines(text, style, width=high))


def _lines(text: str, style: Style, *, width: float) -> Iterator[str]:
    """Break the text where a line may end; a word that is wider than the line anywhere."""
    line = ""
    for piece in _pieces(text, style, width=width):
        if line and style.width((line + piece).rstrip()) > width:
            yield line.rstrip()
            line = piece.lstrip()
        else:
            line += piece
    if line.strip():
        yield line.rstrip()


def _pieces(text: str, style: Style, *, width: float) -> Iterator[str]:
    for piece in LineBreaker(text, _LOCALE):
        if style.width(piece.rstrip()) <= width:
            yield piece
        else:
            yield from graphemes(piece)
