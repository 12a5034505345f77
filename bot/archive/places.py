"""Where things lie in the site: a path for every page, and the way from one to another.

Paths are relative to the site's root and end with a slash where a page is meant; so the site works from any folder. The
same name has the same path for ever: nothing else that is in the site has a part in it.
"""

import hashlib
import unicodedata
from typing import Final
from urllib.parse import quote

from bot.domain.folding import folded

_LONGEST: Final = 60
"""Characters of a name in a path; with four bytes each they stay below the 255 that file systems allow."""

HOME: Final = ""
MONTHS: Final = "months/"
TAGS: Final = "tags/"
AUTHORS: Final = "authors/"
SEARCH: Final = "search/"
ABOUT: Final = "about/"
ATOM: Final = "feed.atom"
JSON_FEED: Final = "feed.json"
BIBTEX: Final = "cite.bib"
PUBLICATION: Final = ".well-known/site.standard.publication"
"""Where https://standard.site/docs/verification looks for a publication."""


def pick(arxiv_id: str) -> str:
    """Return the place of a pick's page, by its arXiv id."""
    return f"{arxiv_id}/"


def month(name: str) -> str:
    """Return the place of a month's picks; months are named as ``2024-06``."""
    return f"month/{name}/"


def tag(slug: str) -> str:
    """Return the place of a tag's picks."""
    return f"tag/{slug}/"


def author(slug: str) -> str:
    """Return the place of an author's picks."""
    return f"author/{slug}/"


def channel(name: str) -> str:
    """Return the place of one channel's picks, where several share the site."""
    return f"channel/{name}/"


def letter(name: str) -> str:
    """Return the place of the authors with one initial."""
    return f"{AUTHORS}{name}/"


def file_of(place: str) -> str:
    """Return the file that a server shows at a place."""
    return f"{place}index.html" if not place or place.endswith("/") else place


def link(place: str) -> str:
    """Return a place as it stands in an address."""
    return quote(place, safe="/-._~")


def numbered(name: str, number: int) -> str:
    """Return the name of a further document of a feed: ``feed-3.atom``; that with the newest picks has no number."""
    stem, _, end = name.rpartition(".")
    return f"{stem}-{number}.{end}" if number else name


def way_home(place: str) -> str:
    """Return the way from a place to the root: empty there, ``../`` one folder below."""
    return "../" * place.count("/")


def tag_slug(name: str) -> str:
    """Return how a tag is called in a path: ``cs.cl``, ``sparse-autoencoders``."""
    return _slug(name, kept="_.")


def author_slug(name: str) -> str:
    """Return how an author is called in a path: ``jerome-muster``; spellings that differ in accents alone are one."""
    return _slug(name, kept="_")


def _slug(name: str, *, kept: str) -> str:
    plain = unicodedata.normalize("NFC", folded(name))  # syllables of Hangul were taken apart
    spaced = "".join(letter if letter in kept or _is_part_of_word(letter) else " " for letter in plain)
    words = "-".join(spaced.split()).strip("-._")
    if words and len(words) <= _LONGEST:
        return words
    digest = hashlib.blake2b(name.encode(), digest_size=5).hexdigest()
    return f"{words[:_LONGEST]}-{digest}" if words else f"x{digest}"


def _is_part_of_word(letter: str) -> bool:
    """Say whether words have it: letters, digits, and the vowels that some scripts write as marks of a letter."""
    return letter.isalnum() or unicodedata.category(letter).startswith("M")
