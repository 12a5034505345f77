"""Build the archive of one or several channels into a folder.

1. Read the picks that are public, and what tells this state of the database from another (the stamp).
2. Make of each page what it is made of (its key), and keep the file of the last time where that is the same.
3. Render the others, and put the whole in the place of the old site.

The same database gives the same bytes, whether all is built or only what changed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.archive.cards import Cards, cards_of, no_cards
from bot.archive.entries import entries
from bot.archive.folder import SiteFolder
from bot.archive.pages import pages
from bot.archive.places import file_of
from bot.archive.site import Site, make_site
from bot.archive.stamps import stamp
from bot.domain.channels import Channel
from bot.store.database import Database

_REPORTED: Final = 64
"""Files between two reports."""

Report = Callable[[int, int], None]
"""Hears of a long build: how many files are done, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What a build came to: the picks and pages of the site, and how many files are new or other than before."""

    folder: Path
    picks: int
    pages: int
    written: int


def build(
    database: Database,
    channels: Sequence[Channel],
    folder: Path,
    *,
    anew: bool = True,
    elsewhere: Iterable[Path] = (),
    report: Report = lambda _done, _all: None,
) -> Built:
    """Build the site of channels that share it; with ``anew`` every page is rendered, else those that changed.

    Cards that a site ``elsewhere`` has are not drawn again.

    Raises SiteError where the channels do not agree, FolderError where the folder cannot be written.
    """
    state = stamp(database, channels)
    site = read_site(database, channels)
    cards = cards_of(database, site.channels)
    return write(site, folder, stamp=state, anew=anew, cards=cards, elsewhere=elsewhere, report=report)


def write(
    site: Site,
    folder: Path,
    *,
    stamp: str,
    anew: bool = True,
    cards: Cards = no_cards,
    elsewhere: Iterable[Path] = (),
    report: Report = lambda _done, _all: None,
) -> Built:
    """Write a site; as ``build`` does, from picks that are read already."""
    files = pages(site, cards)
    with SiteFolder.changing(folder, elsewhere=elsewhere) as target:
        for number, page in enumerate(files):
            if number % _REPORTED == 0:
                report(number, len(files))
            file = file_of(page.place)
            if (page.draw or not anew) and target.keep(file, page.key):
                continue
            if page.draw:
                target.write_drawn(file, page.draw, page.key)
            else:
                target.write(file, page.render().encode(), page.key)
        target.finish(stamp)
    shown = sum(1 for page in files if file_of(page.place).endswith(".html"))
    return Built(folder=folder, picks=len(site.live), pages=shown, written=target.changed)


def sites(channels: Iterable[Channel]) -> dict[Path, list[Channel]]:
    """Return the sites that channel files name, by folder, each with the channels that share it."""
    found: dict[Path, list[Channel]] = {}
    for channel in channels:
        if channel.archive.folder is not None:
            found.setdefault(channel.archive.folder.resolve(), []).append(channel)
    return found


def read_site(database: Database, channels: Sequence[Channel]) -> Site:
    """Return the site of channels that share it, as the database has it."""
    return make_site(channels, [entry for channel in channels for entry in entries(database, channel)])
