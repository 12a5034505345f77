"""A long answer becomes several messages.

Pure.
"""

from collections.abc import Iterator

from bot.threads.measure import DIRECT_MESSAGE, graphemes


def split(text: str) -> list[str]:
    """Cut a text into messages: between blocks where possible, else at the ends of lines, else of words."""
    return [part for part in _packed(text, ["\n\n", "\n", " "]) if part]


def _packed(text: str, separators: list[str]) -> list[str]:
    """Return as few parts as fit, cut at the first kind of separator, and too long ones at the next kind."""
    text = text.strip()
    if DIRECT_MESSAGE.fits(text):
        return [text]
    if not separators:
        return list(_chopped(text))
    separator, finer = separators[0], separators[1:]
    parts: list[str] = []
    for piece in text.split(separator):
        joined = f"{parts[-1]}{separator}{piece}" if parts else piece
        if parts and DIRECT_MESSAGE.fits(joined):
            parts[-1] = joined
        else:
            parts += _packed(piece, finer)
    return parts


def _chopped(text: str) -> Iterator[str]:
    """Yield a word that is too long in pieces, none of which cuts a character."""
    piece = ""
    for grapheme in graphemes(text):
        if piece and not DIRECT_MESSAGE.fits(piece + grapheme):
            yield piece
            piece = ""
        piece += grapheme if DIRECT_MESSAGE.fits(grapheme) else ""
    yield piece
