"""Text as X indexes it: in UTF-16 code units.

X's rules were written for JavaScript, where a character beyond U+FFFF is two units and letter case is folded without
ever crossing the border of ASCII. This module turns text into that form and positions back. It knows no rule of X.
"""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final, Self

_ASTRAL: Final = 0x10000
_LAST_CASED: Final = 0x2D00  # above it no letter with case matters to an address


@dataclass(frozen=True, slots=True)
class Utf16Text:
    """A text whose ``units`` hold one UTF-16 code unit a character; ``astral`` are the code points that became two."""

    units: str
    astral: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the text in units; a lone surrogate stays one unit."""
        astral = tuple(index for index, char in enumerate(text) if ord(char) >= _ASTRAL)
        return cls("".join(map(_pair, text)) if astral else text, astral)

    def point(self, unit: int) -> int:
        """Return the code point index of an index in units."""
        return unit - bisect_left(range(len(self.astral)), unit, key=self._second_half)

    def unit(self, point: int) -> int:
        """Return the index in units of a code point index."""
        return point + bisect_left(self.astral, point)

    def _second_half(self, order: int) -> int:
        return self.astral[order] + order + 1


def join_pairs(units: str) -> str:
    """Return text in units as ordinary text; a lone surrogate stays."""
    return units.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def fold_case(text: str) -> str:
    """Return the text in upper case as JavaScript compares it, every character in its place.

    A character whose upper case is longer, or is ASCII while it is not, stays: ``ſ`` and ``ı`` never equal s and i.
    Source: https://tc39.es/ecma262/#sec-runtime-semantics-canonicalize-ch
    """
    return text.translate(_UPPER)


def _pair(char: str) -> str:
    offset = ord(char) - _ASTRAL
    return char if offset < 0 else chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _upper_cases() -> dict[int, str]:
    pairs = ((code, chr(code).upper()) for code in range(_LAST_CASED))
    return {code: upper for code, upper in pairs if len(upper) == 1 and upper.isascii() == chr(code).isascii()}


_UPPER: Final = _upper_cases()
