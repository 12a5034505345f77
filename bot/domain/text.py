"""Strangers' text made sanitize for the eye and the terminal, at the one place where it comes in."""

import re
from typing import Final

# Control characters (a terminal obeys them), lone surrogates (no encoding takes them), and the marks that turn the
# writing direction around, behind which words can hide. Joiners stay: emoji and several scripts need them.
_HARMFUL: Final = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def sanitize(text: str) -> str:
    """Return the text without control characters, lone surrogates and direction marks; white space stays."""
    return _HARMFUL.sub("", text)
