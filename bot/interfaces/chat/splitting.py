"""A long answer becomes several messages.

Pure. A message holds 1,000 graphemes and 10,000 bytes
(https://github.com/bluesky-social/atproto/blob/main/lexicons/chat/bsky/convo/defs.json).
"""

from collections.abc import Iterator
from typing import Final

from bot.threads.measure import Measure, grapheme_length, graphemes

MESSAGE: Final = Measure(grapheme_length, 1000, max_bytes=10_000)


def split(text: str) -> list[str]:
    """Cut a text into messages: between blocks where possible, else at the ends of lines, else of words."""
    return [part for part in _packed(text, ["\n\n", "\n", " "]) if part]


def _packed(text: str, separators: list[str]) -> list[str]:
    """Return as few parts as fit, cut at the first kind of separator, and too long ones at the next kind."""
    text = text.strip()
    if MESSAGE.fits(text):
        return [text]
    if not separators:
        return list(_chopped(text))
    separator, finer = separators[0], separators[1:]
    parts: list[str] = []
    for piece in text.split(separator):
        joined = f"{parts[-1]}{separator}{piece}" if parts else piece
        if parts and MESSAGE.fits(joined):
            parts[-1] = joined
        else:
            parts += _packed(piece, finer)
    return parts


def _chopped(text: str) -> Iterator[str]:
    """Yield a word that is too long in pieces, none of which cuts a character."""
    piece = ""
    for grapheme in graphemes(text):
        if piece and not MESSAGE.fits(piece + grapheme):
            yield piece
            piece = ""
        piece += grapheme if MESSAGE.fits(grapheme) else ""
    yield piece
