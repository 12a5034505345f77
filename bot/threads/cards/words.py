"""What stands on a card, and the card itself: plain values, loaded without Pillow."""

import hashlib
from dataclasses import dataclass

from bot.domain.posts import Picture
from bot.threads.draft import Draft

MEDIA_TYPE = "image/png"
WIDTH = 1200
HEIGHT = 630


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
