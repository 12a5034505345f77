"""Scripts that put no spaces between words, and where their words end.

This module owns which scripts these are; the words are those of ICU's dictionaries. It never reads words of other
scripts. Of the libraries that are kept up, budoux knows no Lao, Khmer and Burmese and breaks Thai inside words,
pythainlp knows Thai alone, and uniseg has no dictionaries.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

import regex
from icu4py.breakers import LineBreaker, WordBreaker

UNSPACED: Final = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Line_Break=SA}\p{Tibetan}"
"""Letters of Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan and others, as part of a set in a pattern."""

_LETTER: Final = regex.compile(f"[{UNSPACED}]")
_LOCALE: Final = "en"  # the dictionaries are chosen by script


def word_ends(text: str) -> tuple[int, ...]:
    """Return the places between two words where at least one is of an unspaced script and a line may be broken.

    A number stays with what it counts. Source: https://www.unicode.org/reports/tr29/ and tr14, by ICU.
    """
    if not _LETTER.search(text):
        return ()
    lines = set(_ends(LineBreaker(text, _LOCALE)))
    return tuple(end for end in _ends(WordBreaker(text, _LOCALE)) if end in lines and _is_between_words(text, end))


def _ends(segments: Iterable[str]) -> Iterator[int]:
    # The offsets that ICU counts itself are UTF-16 units.
    return accumulate(map(len, segments))


def _is_between_words(text: str, end: int) -> bool:
    before, after = text[end - 1], text[end : end + 1]
    if not after or before.isdigit() or before.isspace() or after.isspace():
        return False
    return _LETTER.match(before) is not None or _LETTER.match(after) is not None
