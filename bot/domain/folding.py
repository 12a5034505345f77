"""One form of a text for every comparison of words and names: without case, accents and typography.

This module owns which letters count as the same: in searches, in the channel's words, in names of authors. It never
changes what is shown.
"""

import unicodedata
from itertools import filterfalse
from typing import Final

_LETTERS: Final = str.maketrans(
    {
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "ħ": "h",
        "Ħ": "H",
        "ŧ": "t",
        "Ŧ": "T",
        "ı": "i",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "þ": "th",
        "Þ": "TH",
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc", "'"),
    }
)
"""Letters and signs that Unicode does not take apart; it does so with accents, CO₂ and ℓ₁."""


def folded(text: str) -> str:
    """Return a text without case and accents; small and styled characters are the ordinary ones."""
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
        text = "".join(filterfalse(unicodedata.combining, apart))
    return text.casefold()


def begins_a_word(text: str, beginning: str) -> bool:
    """Say whether a word of the text begins so; both are folded already, and the beginning is not empty."""
    place = text.find(beginning)
    while place > 0 and text[place - 1].isalnum() and beginning[0].isalnum():
        place = text.find(beginning, place + 1)
    return place >= 0
