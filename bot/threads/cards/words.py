"""What stands on a card, and the card itself: plain values, loaded without Pillow."""

import hashlib
from dataclasses import dataclass

from bot.domain.posts import Picture
from bot.threads.draft import Draft
from bot.threads.heading import byline
from bot.threads.measure import grapheme_length
from bot.threads.plain import cut, one_line

MEDIA_TYPE = "image/png"
WIDTH = 1200
HEIGHT = 630

_NAMES = 3
_LONGEST_ALT = 1000
"""Bluesky's app takes 2,000 characters of a picture in a post, and Mastodon 1,500."""


@dataclass(frozen=True, slots=True)
class CardWords:
    """What stands on a card; ``colour`` is the channel's, as ``#rrggbb``. The title, names and note are strangers'."""

    arxiv_id: str
    title: str
    authors: tuple[str, ...]
    note: str
    channel: str
    colour: str

    @classmethod
    def of_draft(cls, draft: Draft, *, channel: str, colour: str) -> "CardWords":
        """Return what stands on the card of a pick."""
        return cls(str(draft.arxiv_id), draft.title, draft.authors, draft.note, channel, colour)


def alt_text(draft: Draft) -> str:
    """Return in words what the card of a pick shows: title, authors and note, as much as platforms take."""
    title = one_line(draft.title) or f"arXiv:{draft.arxiv_id}"
    names = byline([name for name in map(one_line, draft.authors) if name], shown=_NAMES)
    opening = f"{title}, by {names}" if names else title
    words = f"{opening}. {one_line(draft.note)}" if one_line(draft.note) else opening
    return cut(words, lambda text: grapheme_length(text) <= _LONGEST_ALT)


@dataclass(frozen=True, slots=True)
class Card:
    """A drawn card: a PNG of 1200x630, and what of the words could not be drawn, as ``"å as a"``."""

    png: bytes
    replaced: tuple[str, ...] = ()

    @property
    def picture(self) -> Picture:
        """Return what a post holds of it."""
        return Picture.of(self.png, media_type=MEDIA_TYPE, width=WIDTH, height=HEIGHT)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file."""
        return hashlib.sha256(self.png).hexdigest()
