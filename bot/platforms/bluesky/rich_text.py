"""Where Bluesky's own app sees links and hashtags in what somebody wrote.

This module owns the marks of a note: which stretches become facets, and what they lead to. The rules for hashtags and
for domains without protocol are those of the app
(https://github.com/bluesky-social/atproto/blob/main/packages/api/src/rich-text/util.ts); they stand here because the
Python SDK that has them takes more than a second to load. Where an address ends is for ``threads.addresses``.
"""

from collections.abc import Iterator
from typing import Final

import regex

from bot.domain.posts import FacetKind
from bot.threads.addresses import FoundLink, find_bare_links, find_links
from bot.threads.measure import grapheme_length
from bot.threads.rich import Mark

_LONGEST_TAG: Final = 64
_LONGEST_TAG_IN_BYTES: Final = 640
"""Source: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/richtext/facet.json."""

_ENDS_TAG: Final = r"\s\xAD\u200A-\u200D\u2060\u20E2"
_TAG: Final = regex.compile(rf"(?<!\S)[#＃](?!\uFE0F)(?P<tag>[^{_ENDS_TAG}]*[^0-9\p{{P}}{_ENDS_TAG}]+[^{_ENDS_TAG}]*)")
_TRAILING_PUNCTUATION: Final = regex.compile(r"\p{P}+\Z")
_APOSTROPHE: Final = regex.compile(r"['’]")
"""None is in a tag here, unlike in the app: ``#O'Reilly`` and ``#NLP's`` are words about something."""
_DOMAIN: Final = regex.compile(r"[A-Za-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+")


def marks_of(text: str) -> tuple[Mark, ...]:
    """Return the links and hashtags of a text, in order; none overlaps another."""
    links = [*find_links(text), *(bare for bare in find_bare_links(text) if is_linked(text, bare))]
    marks = [Mark(link.start, link.end, FacetKind.LINK, link.url) for link in links]
    tags = (tag for tag in _tags(text) if not any(link.start < tag.end and tag.start < link.end for link in links))
    return tuple(sorted([*marks, *tags], key=lambda mark: mark.start))


def is_linked(text: str, bare: FoundLink) -> bool:
    """Say whether the app makes a link of this address without protocol: one with a hyphen in its domain it does not.

    Source: https://github.com/bluesky-social/atproto/blob/main/packages/api/src/rich-text/detection.ts
    """
    before = text[: bare.start][-1:]
    domain = regex.split(r"[/?#:]", text[bare.start : bare.end], maxsplit=1)[0]
    return (not before or before.isspace() or before == "(") and _DOMAIN.fullmatch(domain) is not None


def _tags(text: str) -> Iterator[Mark]:
    for match in _TAG.finditer(text):
        tag = _TRAILING_PUNCTUATION.sub("", match["tag"])
        if tag and _is_short(tag) and not _APOSTROPHE.search(tag):
            yield Mark(match.start(), match.start("tag") + len(tag), FacetKind.TAG, tag)


def _is_short(tag: str) -> bool:
    return grapheme_length(tag) <= _LONGEST_TAG and len(tag.encode()) <= _LONGEST_TAG_IN_BYTES
