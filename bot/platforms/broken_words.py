"""Words that a hair space keeps from becoming a link or a mention: found again in a post, for the preview.

Nobody writes a hair space behind such a sign but the platforms' own ``unlink``.
"""

import re
from collections.abc import Iterator
from typing import Final

from bot.platforms.traits import Alteration

_KEEPS: Final = "a hair space behind the sign keeps it from that"
_A_LINK: Final = "a hair space keeps it from becoming a link"
_WHY: Final = {
    "@": f"it would mention somebody; {_KEEPS}",
    "＠": f"it would mention somebody; {_KEEPS}",
    "$": f"it would be a stock symbol; {_KEEPS}",
    "#": f"it would be a hashtag; {_KEEPS}",
    "＃": f"it would be a hashtag; {_KEEPS}",
    ":": f"it would become a picture or a link; {_KEEPS}",
}
"""Why a word is broken, by the sign before the break."""

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
        sign = inner[inner.index("\u200a") - 1]
        yield Alteration(start=start, end=start + len(inner), was=mark.sub("", inner), why=_WHY.get(sign, _A_LINK))
