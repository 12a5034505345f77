"""Read arXiv's XML within bounds: whole documents, without entities of their own, nothing left to feedparser's guesses.

This module owns how feedparser is called; nothing else calls it. It never looks at what entries say.
"""

import codecs
import io
import re
from typing import Any, Final
from xml.parsers import expat

import feedparser

from bot.arxiv import truncation
from bot.arxiv.errors import FeedContentError, quoted

_FORMATS: Final = frozenset({"rss20", "atom10", "rss10"})
_WIDE: Final = {
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
"""How a document begins that has more bytes than characters, with a mark or without one."""

_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
_PARSER_FAULTS: Final = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
"""feedparser promises to raise nothing and lets these through on XML that is well-formed but no feed's."""


def whole_xml(body: bytes, source: str) -> tuple[bytes, bool]:
    """Return plain XML that is whole, and whether something had to be cut away for that.

    Left alone, feedparser would go on with half an entry. Raises FeedContentError when there is nothing to go on with.
    """
    body = _as_utf8(body)
    if not body.strip():
        raise FeedContentError(f"{source} is empty: that is a failed download, not a quiet day; fetch it again")

    def refuse_doctype(*_: object) -> None:
        raise FeedContentError(f"{source} has a DOCTYPE: it is a web page, not a feed; check the address")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(body, True)  # noqa: FBT003
    except expat.ExpatError as error:
        rest = truncation.mended(body) if truncation.broke_off(error) else None
        if rest is not None:
            return rest, True
        raise FeedContentError(f"{source} is cut off or no XML at all ({error}); fetch it again") from error
    except (ValueError, LookupError) as error:
        raise FeedContentError(f"{source} is no XML at all ({quoted(error)}); fetch it again") from error
    return body, False


def _as_utf8(body: bytes) -> bytes:
    """Return XML of two or four bytes a character in UTF-8: what it says of its encoding is often that of before."""
    encoding = next((name for mark, name in _WIDE.items() if body.startswith(mark)), None)
    if encoding is None:
        return body.removeprefix(codecs.BOM_UTF8).strip(b"\0 \t\r\n")
    text = body.decode(encoding, errors="ignore").removeprefix("\ufeff")  # the last character may have broken off
    return _DECLARATION.sub("", text, count=1).strip("\0 \t\r\n").encode()


def parse_xml(body: bytes, source: str) -> Any:
    """Return what feedparser makes of it, its entries as plain dicts; raise FeedContentError when that is no feed."""
    try:
        # A stream, because feedparser takes bytes for a file's name first; without the two switches it takes text for
        # HTML and loses a part of $0<a<b$.
        feed = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    except _PARSER_FAULTS as error:
        raise FeedContentError(f"{source} cannot be read as a feed ({quoted(error)}); fetch it again") from error
    if feed.bozo or feed.version not in _FORMATS:
        raise FeedContentError(f"{source} is no RSS or Atom feed: it is a web page or other XML; check the address")
    # feedparser's own dicts look under several names for each answer, and give one date in place of another.
    feed.entries = [dict(entry) for entry in feed.entries]
    return feed
