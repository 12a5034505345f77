"""The card of each pick in the site: the picture that was approved with it, or one that is drawn for it once.

Drawing takes longer than all else of a page, so a card is drawn only where the words on it are new.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from functools import partial
from importlib.metadata import version
from typing import Final

from sqlmodel import col, select

from bot.archive.entries import Entry
from bot.domain.channels import Channel
from bot.store.database import Database
from bot.store.picture_tables import PictureRow
from bot.threads.cards.lazily import draw
from bot.threads.cards.words import CardWords

_FOLDER: Final = "cards"
_DESIGN: Final = 2
"""Counts how cards have looked: other looks are drawn anew."""


@dataclass(frozen=True, slots=True)
class SiteCard:
    """The picture of a pick: where it lies (``cards/2412.06769.png``), a key of what it shows, and what draws it."""

    place: str
    key: str
    draw: Callable[[], bytes]


Cards = Callable[[Entry], SiteCard | None]
"""Returns the card of a pick, None where it has none."""


def no_cards(_: Entry) -> SiteCard | None:
    """Return no card for any pick."""
    return None


def cards_of(database: Database, channels: Mapping[str, Channel]) -> Cards:
    """Return what finds the card of a pick of these channels, which share a site."""
    with database.reading() as session:
        approved = dict(session.exec(select(PictureRow.pick_id, PictureRow.cid)).all())

    def card(entry: Entry) -> SiteCard:
        own = f"{entry.channel}/" if len(channels) > 1 else ""
        place = f"{_FOLDER}/{own}{entry.arxiv_id}.png"
        if entry.pick_id in approved:
            return SiteCard(place, approved[entry.pick_id], partial(_approved, database, entry.pick_id))
        words = _words(entry, channels[entry.channel])
        digest = hashlib.blake2b(repr((astuple(words), _DESIGN, version("pillow"))).encode(), digest_size=12)
        return SiteCard(place, digest.hexdigest(), partial(_drawn, words))

    return card


def _words(entry: Entry, channel: Channel) -> CardWords:
    return CardWords(
        entry.arxiv_id, entry.title, entry.authors, entry.note, channel=channel.title, colour=channel.card.colour
    )


def _approved(database: Database, pick_id: int) -> bytes:
    with database.reading() as session:
        return session.exec(select(PictureRow.content).where(col(PictureRow.pick_id) == pick_id)).one()


def _drawn(words: CardWords) -> bytes:
    return draw(words).png
