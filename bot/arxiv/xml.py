"""Read arXiv's XML within bounds: whole documents, without entities of their own, nothing left to feedparser's guesses.

This module owns how feedparser is called; nothing else calls it. It never looks at what entries say.
"""

import io
from typing import Any, Final
from xml.parsers import expat

import feedparser

from bot.arxiv import truncation
from bot.arxiv.errors import FeedContentError, quoted

_FORMATS: Final = frozenset({"rss20", "atom10", "rss10"})
_PARSER_FAULTS: Final = (LookupError, ValueError, TypeError, AttributeError, AssertionError, RecursionError)
"""feedparser promises to raise nothing and lets these through on XML that is well-formed but no feed's."""


def whole_xml(body: bytes, source: str) -> tuple[bytes, bool]:
    """Return plain XML that is whole, and whether something had to be cut away for that.

    Left alone, feedparser would go on with half an entry. Raises FeedContentError when there is nothing to go on with.
    """
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
