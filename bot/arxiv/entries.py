"""What one entry says, whether a feed or the API wrote it: id, title, abstract, authors.

This module owns how arXiv writes these into XML. It never knows which document it reads.
"""

import html
import re
from functools import lru_cache
from typing import Any, Final

from bot.arxiv import authors as names
from bot.arxiv import tex
from bot.arxiv.errors import quoted
from bot.domain.papers import ArxivId, split_id
from bot.domain.text import sanitize

_REMEMBERED: Final = 4096
"""Texts: a day of three feeds. Most papers stand in several of them, and a stale feed repeats all of its own."""

_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


class UnreadableEntryError(ValueError):
    """One entry lacks something that every announcement has; ``str()`` says what."""


def identify(text: object) -> tuple[ArxivId, int]:
    """Return the id and the version; raise UnreadableEntryError when there is none."""
    try:
        return split_id(str(text or ""))
    except ValueError as error:
        said = quoted(text) if text else "nothing"
        raise UnreadableEntryError(f"has no arXiv id (its id says {said})") from error


def title(text: object) -> str:
    """Return the title as plain text; raise UnreadableEntryError when there is none."""
    found = plain(str(text or ""))
    if not found:
        raise UnreadableEntryError("has no title")
    return found


@lru_cache(maxsize=_REMEMBERED)
def plain(text: str) -> str:
    """Return the text as plain text on one line: without TeX, entities that were escaped twice, and control marks."""
    unescaped = _one_line(_ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text)
    # Sanitized last, because entities and TeX (\unicode) can both write any character there is.
    found = sanitize(tex.plain(unescaped))
    return found if found == unescaped else _one_line(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def authors(entry: Any) -> tuple[str, ...]:
    """Return the names: RSS, and Atom of today, hold one string for all of them, other Atom an element each."""
    return tuple(name for author in entry.get("authors", ()) for name in _split(str(dict.get(author, "name", ""))))


def categories(entry: Any) -> tuple[str, ...]:
    """Return the categories, the primary one first."""
    return tuple(sanitize(str(term)) for tag in entry.get("tags", ()) if (term := dict.get(tag, "term")))


_split = lru_cache(maxsize=_REMEMBERED)(names.split_authors)
