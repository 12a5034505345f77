"""The fonts that are shipped, and which characters each has.

``fonts/README.md`` says where they come from. No font of the machine is ever used: a card looks the same everywhere.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

_FOLDER: Final = Path(__file__).parent / "fonts"
_UNICODE: Final = (3, 10)  # platform and encoding of the table with all of Unicode
_BMP: Final = (3, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A font file, one object for each use of it.

    ``scale`` makes its letters as large as those beside them, ``stroke``, a part of that, as bold.
    """

    file: str
    scale: float = 1.0
    stroke: float = 0.0

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """Return the font at a size in pixels."""
        return _loaded(self.file, round(size * self.scale))

    def has(self, letters: str) -> bool:
        """Say whether the font has a picture of each of the letters."""
        return _characters(self.file).issuperset(map(ord, letters))


_OTHERS: Final = (
    Face("NotoSansMath-Regular.ttf", 0.96),
    Face("DroidSansFallback.ttf", 0.96),
    Face("NotoEmoji-Medium.ttf", 0.92),
)
_SANS: Final = Face("Inter-Medium.ttf", 0.94)
_BOLD: Final = tuple(replace(face, stroke=0.012) for face in _OTHERS)
HEADLINE: Final = (Face("Literata-SemiBold.ttf"), _SANS, *_BOLD)
TEXT: Final = (Face("Literata-Regular.ttf"), _SANS, *_OTHERS)
LABEL: Final = (Face("Inter-Medium.ttf"), *_OTHERS)
"""For each kind of text the fonts in the order in which they are asked for a letter, the one of emoji last."""


@cache
def _loaded(file: str, size: int) -> ImageFont.FreeTypeFont:
    # The simple layout is built in; the other one needs a library of the machine, and would differ from place to place.
    return ImageFont.truetype(_FOLDER / file, size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _characters(file: str) -> frozenset[int]:
    """Read which characters a font has, from its table ``cmap``.

    Source: https://learn.microsoft.com/en-us/typography/opentype/spec/cmap
    """
    data = (_FOLDER / file).read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    entries = (struct.unpack_from(">4sLLL", data, 12 + 16 * number) for number in range(tables))
    start = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
    (count,) = struct.unpack_from(">H", data, start + 2)
    records = (struct.unpack_from(">HHL", data, start + 4 + 8 * number) for number in range(count))
    found = {(platform, encoding): start + offset for platform, encoding, offset in records}
    place = found.get(_UNICODE)
    return frozenset(_groups(data, place) if place is not None else _segments(data, found[_BMP]))


def _groups(data: bytes, start: int) -> Iterator[int]:
    """Yield the characters of a subtable of format 12."""
    (count,) = struct.unpack_from(">L", data, start + 12)
    for number in range(count):
        first, last, _ = struct.unpack_from(">LLL", data, start + 16 + 12 * number)
        yield from range(first, last + 1)


def _segments(data: bytes, start: int) -> Iterator[int]:
    """Yield the characters of a subtable of format 4; our fonts leave no gap inside a segment."""
    (twice,) = struct.unpack_from(">H", data, start + 6)
    lasts = struct.unpack_from(f">{twice // 2}H", data, start + 14)
    firsts = struct.unpack_from(f">{twice // 2}H", data, start + 16 + twice)
    for first, last in zip(firsts, lasts, strict=True):
        yield from range(first, min(last, 0xFFFE) + 1)
