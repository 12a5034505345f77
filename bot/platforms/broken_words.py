"""Words that a hair space keeps from becoming a link or a mention: found again in a post, for the preview.

Nobody writes a hair space behind such a sign but the platforms' own ``unlink``.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.platforms.traits import Alteration

_OPENING: Final = "([{\"'“‘«"
_CLOSING: Final = ")]}\"'”’»,.;:!?"


def broken_words(text: str, *, signs: str) -> Iterator[Alteration]:
    """Yield the words of a post that hold a hair space behind one of the signs, without what encloses them."""
    mark = re.compile(f"(?<=[{re.escape(signs)}])\u200a")
    word = re.compile(rf"(?:[^\s]|{mark.pattern})*{mark.pattern}(?:[^\s]|{mark.pattern})*")
    for found in word.finditer(text):
        inner = found[0].lstrip(_OPENING)
        start = found.start() + len(found[0]) - len(inner)
        inner = inner.rstrip(_CLOSING)
        was = mark.sub("", inner)
        yield Alteration(start=start, end=start + len(inner), was=was, why="a hair space keeps it from becoming a link")
