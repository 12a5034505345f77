"""How long a text is for a platform, and whether it fits into one post.

This module owns the measure as a value and the count by graphemes. It never shortens or splits anything.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Self

import regex

_GRAPHEME: Final = regex.compile(r"\X")


def graphemes(text: str) -> list[str]:
    """Cut the text into what readers see as single characters (https://www.unicode.org/reports/tr29/)."""
    return [match[0] for match in _GRAPHEME.finditer(text)]


def grapheme_length(text: str) -> int:
    """Count the graphemes, as the Bluesky server does."""
    if text.isascii() and "\r\n" not in text:
        return len(text)
    return len(_GRAPHEME.findall(text))


@dataclass(frozen=True, slots=True)
class Measure:
    """A way to count, and how much one post may hold by that count and, where it matters, in UTF-8 bytes."""

    length: Callable[[str], int]
    limit: int
    max_bytes: int | None = None

    def fits(self, text: str) -> bool:
        """Say whether the text is within both limits."""
        if self.max_bytes is not None and len(text.encode()) > self.max_bytes:
            return False
        return self.length(text) <= self.limit

    def size(self, text: str) -> int:
        """Return how much of the limit the text takes, by the count or by its bytes, whichever is more."""
        if self.max_bytes is None:
            return self.length(text)
        return max(self.length(text), len(text.encode()) * self.limit // self.max_bytes)

    def divided(self, by: int) -> Self:
        """Return the measure of one of ``by`` equal parts of a post."""
        return replace(self, limit=self.limit // by, max_bytes=self.max_bytes and self.max_bytes // by)

    def reduced(self, by: int, *, in_bytes: int = 0) -> Self:
        """Return the measure of what remains of a post when ``by`` is taken, and so many bytes where they count."""
        max_bytes = None if self.max_bytes is None else self.max_bytes - in_bytes
        return replace(self, limit=self.limit - by, max_bytes=max_bytes)

    def beside(self, text: str) -> Self:
        """Return the measure of what remains of a post that has this text already."""
        return self.reduced(self.length(text), in_bytes=len(text.encode()))

    def written(self, write: Callable[[str], str]) -> Self:
        """Return the measure of what ``write`` makes of a text; where bytes are counted, they are those of the text."""
        return replace(self, length=lambda text: self.length(write(text)))


DIRECT_MESSAGE: Final = Measure(grapheme_length, 1000, max_bytes=10_000)
"""What a message on Bluesky may have:
https://github.com/bluesky-social/atproto/blob/main/lexicons/chat/bsky/convo/defs.json"""
