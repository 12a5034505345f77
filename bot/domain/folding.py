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
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u02bc\u2032`\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u2033", '"'),
        **dict.fromkeys("\u00ad\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", None),
        **dict.fromkeys("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", None),
    }
)
"""Letters and signs that Unicode does not take apart; it does so with accents, CO₂ and ℓ₁. What shows nothing is left
out."""


def folded(text: str) -> str:
    """Return a text without case and accents; raised, lowered and styled characters are the ordinary ones."""
    text = text.translate(_LETTERS)
    if not text.isascii():
        apart = unicodedata.normalize("NFKD", text).replace("\u2044", "/")  # of ½ and its like
        text = "".join(filterfalse(unicodedata.combining, apart))
    return text.casefold()


def word_form(text: str) -> str:
    """Return a folded text without the signs by which plain text writes CO₂ and R² as CO_2 and R^2."""
    return folded(text).replace("_", "").replace("^", "")


def begins_a_word(text: str, beginning: str) -> bool:
    """Say whether a word of the text begins so; both are folded already, and the beginning is not empty."""
    place = text.find(beginning)
    while place > 0 and text[place - 1].isalnum() and beginning[0].isalnum():
        place = text.find(beginning, place + 1)
    return place >= 0
