"""Which characters of strangers' text are not what they seem, and text without them.

This module owns the classes of characters. What becomes of one (removed, or shown as an escape) is for the caller.
"""

import codecs
import re
import unicodedata
from typing import Final

_DIRECTIONS: Final = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the writing direction around: words can hide behind them."""

_JOINERS: Final = "\u200c\u200d"
"""Invisible, but emoji and several scripts need them."""

_NONCHARACTERS: Final = "\ufffe\uffff"

# Control characters but for white space, and lone surrogates, which no encoding takes.
_HARMFUL: Final = re.compile(rf"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff{_DIRECTIONS}\ufeff]")

_CONTROLS: Final = frozenset({"Cc", "Cs"})
_SEPARATORS: Final = frozenset({"Zl", "Zp"})  # some terminals start a new line at these
_FORMATS: Final = frozenset({"Cf"})


def sanitize(text: str) -> str:
    """Return the text without control characters, lone surrogates and direction marks; white space stays."""
    return _HARMFUL.sub("", text)


def decoded(content: bytes) -> str:
    """Return what a text editor wrote: UTF-8, or what a byte order mark says; raise UnicodeDecodeError otherwise."""
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf16 else "utf-8-sig")


def is_unsafe(char: str) -> bool:
    """Say whether a terminal could obey the character, or whether it reorders the words around it."""
    return char in _DIRECTIONS or unicodedata.category(char) in _CONTROLS | _SEPARATORS


def is_hidden(char: str) -> bool:
    """Say whether the character shows nothing by itself; a joiner is not hidden, because what it joins shows it."""
    return char in _NONCHARACTERS or (unicodedata.category(char) in _CONTROLS | _FORMATS and char not in _JOINERS)
