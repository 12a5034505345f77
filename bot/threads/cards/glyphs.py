"""Pictures and widths of letters, each worked out once: a thousand cards are made of the same few hundred.

This module knows nothing of lines and of the card; it places letters beside each other as the fonts say.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from PIL import Image, ImageDraw

from bot.threads.cards.fonts import Face

_PICTURES: Final = 4096
_WIDTHS: Final = 65_536
"""Letters and pairs that are remembered; with all sizes of a title they take some megabytes."""


class Glyph(NamedTuple):
    """The picture of a letter, from white to black; ``left`` and ``top`` are where it lies beside the pen."""

    image: Image.Image
    left: int
    top: int


@lru_cache(maxsize=_PICTURES)
def glyph(face: Face, size: int, letter: str) -> Glyph | None:
    """Return the picture of a letter in a size, None where nothing is to be seen."""
    font, stroke = face.at(size), face.stroke * size
    left, top, right, bottom = map(round, font.getbbox(letter, anchor="ls", stroke_width=stroke))
    if right <= left or bottom <= top:
        return None
    image = Image.new("L", (right - left, bottom - top))
    ImageDraw.Draw(image).text((-left, -top), letter, font=font, fill=255, anchor="ls", stroke_width=stroke)
    return Glyph(image, left, top)


def advances(text: str, face: Face, size: int) -> list[float]:
    """Return how far the pen moves with each letter of a text."""
    if not text:
        return []
    return [_width(face, size, text[0]), *(_step(face, size, one + other) for one, other in pairwise(text))]


def width_of(text: str, face: Face, size: int) -> float:
    """Return how far the pen moves with a text of one font."""
    return sum(advances(text, face, size))


@lru_cache(maxsize=_WIDTHS)
def _step(face: Face, size: int, pair: str) -> float:
    """Return how far the second of two letters moves the pen; some pairs stand closer than others."""
    return _width(face, size, pair) - _width(face, size, pair[0])


@lru_cache(maxsize=_WIDTHS)
def _width(face: Face, size: int, text: str) -> float:
    return face.at(size).getlength(text)
