"""What a card is drawn on: paper with few colours, each in some steps, so that the picture is small without a search.

Letters are drawn ``FINE`` times larger, a line at a time, and made smaller then: they stand where they belong, not at
the next whole pixel, and large pictures are never held.
"""

import io
import unicodedata
from collections.abc import Sequence
from typing import Final

from PIL import Image

from bot.threads.cards.fonts import Face
from bot.threads.cards.glyphs import Glyph, advances, glyph
from bot.threads.cards.layout import FINE, Style
from bot.threads.cards.letters import Run

_STEPS: Final = 8
"""Shades of a colour, from paper to the whole of it: more cannot be told at the edge of a letter."""

_PACKED: Final = 4
"""How much work goes into making the file small; with twice as much it would be a tenth smaller."""

_RAISED: Final = 230
"""The class of marks that stand above a letter: https://www.unicode.org/reports/tr44/#Canonical_Combining_Class_Values"""
_BESIDE: Final = 24
_ABOVE: Final = 2
_BELOW: Final = 1
"""Room around a line for what leaves it: pixels at its ends, its size so many times above and below the baseline."""

_DARKNESS: Final = [round(value * (_STEPS - 1) / 255) for value in range(256)]
_IS_SEEN: Final = [255 * (shade > 0) for shade in _DARKNESS]
"""For each grey of a letter which shade it has, and whether there is anything of it."""


class Canvas:
    """A picture of one paper and several colours, as ``#rrggbb``."""

    def __init__(self, width: int, height: int, *, paper: str, colours: Sequence[str]) -> None:
        self._image = Image.new("L", (width, height))
        self._shades = {colour: number * _STEPS for number, colour in enumerate(dict.fromkeys(colours))}
        self._palette = [part for colour in self._shades for part in _shades(paper, colour)]

    def rectangle(self, left: int, top: int, right: int, bottom: int, colour: str) -> None:
        """Fill a rectangle."""
        self._image.paste(self._shades[colour] + _STEPS - 1, (left, top, right, bottom))

    def line(self, text: str, style: Style, place: tuple[int, int], colour: str) -> None:
        """Write a drawable text, with its baseline at a place."""
        x, y = (round(part * FINE) for part in place)
        size = style.size * FINE
        left, top = (x - _BESIDE) // FINE * FINE, (y - size * _ABOVE) // FINE * FINE
        wide = round(style.width(text)) * FINE + 2 * _BESIDE + size
        mask = Image.new("L", (wide // FINE * FINE, size * (_ABOVE + _BELOW) // FINE * FINE))
        pen = float(x - left)
        for run in style.runs(text):
            pen += _write(mask, run, size, pen, y - top)
        letters = mask.reduce(FINE)
        shades = letters.point([self._shades[colour] + shade for shade in _DARKNESS])
        self._image.paste(shades, (left // FINE, top // FINE), letters.point(_IS_SEEN))

    def png(self) -> bytes:
        """Return the picture as a file."""
        file = io.BytesIO()
        picture = self._image.copy()
        picture.putpalette(self._palette)
        picture.save(file, "PNG", compress_level=_PACKED)
        return file.getvalue()


def _write(mask: Image.Image, run: Run, size: int, pen: float, baseline: int) -> float:
    """Write letters of one font and return how wide they are; marks stand above the middle of their letter."""
    base = run.text if len(run.text) == 1 else run.text.rstrip(_marks_of(run.text))
    begin = pen
    for letter, moved in zip(base, advances(base, run.face, size), strict=True):
        _put(mask, glyph(run.face, size, letter), pen, baseline)
        pen += moved
    for mark in run.text[len(base) :]:
        right, raised = _beside(run.face, size, base[0], mark)
        _put(mask, glyph(run.face, size, mark), begin + right, baseline + raised)
    return pen - begin


def _beside(face: Face, size: int, letter: str, mark: str) -> tuple[float, int]:
    """Return how far a mark moves to the right and down to stand with a letter."""
    base, shown, low = (glyph(face, size, text) for text in (letter, mark, "x"))
    if base is None or shown is None or low is None:
        return 0, 0
    raised = min(0, base.top - low.top) if unicodedata.combining(mark) == _RAISED else 0
    return base.left + base.image.width / 2 - shown.left - shown.image.width / 2, raised


def _put(mask: Image.Image, shown: Glyph | None, pen: float, baseline: int) -> None:
    if shown is not None:
        mask.paste(255, (round(pen) + shown.left, baseline + shown.top), shown.image)


def _marks_of(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.combining(letter))


def _shades(paper: str, colour: str) -> list[int]:
    """Return the steps from paper to a colour, as a palette has them."""
    pairs = list(zip(parts(paper), parts(colour), strict=True))
    return [round(one + (other - one) * step / (_STEPS - 1)) for step in range(_STEPS) for one, other in pairs]


def parts(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour."""
    number = int(colour.removeprefix("#"), 16)
    return number >> 16, number >> 8 & 255, number & 255
