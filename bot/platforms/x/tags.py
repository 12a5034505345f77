"""The mentions, cashtags and hashtags that X finds in a text.

The rules are those of twitter-text 3.1.0 (https://github.com/twitter/twitter-text). Where its tables of letters are
older than ours, ours hold: a hashtag in a newer script is found here although X may not know it yet. This module never
changes a text.
"""

from typing import Final

import regex

from bot.platforms.x.urls import ACCENTED, PUNCTUATION, SPACES, Span, find_urls

_MENTION: Final = regex.compile(
    r"""
    (?: \A | [^A-Za-z0-9_!\#$%&*@＠] | (?: \A | [^A-Za-z0-9_+~.\-] ) [Rr][Tt] :?+ )
    (?P<found>
        [@＠] [A-Za-z0-9_]{1,20}+
        (?: / [A-Za-z] [A-Za-z0-9_\-]{0,24}+ )?+  # a list
    )
    """,
    regex.VERBOSE,
)
_NO_MENTION_BEFORE: Final = regex.compile(rf"[@＠{ACCENTED}]|://")

_CASHTAG: Final = regex.compile(
    rf"""
    (?: \A | [{SPACES}] )
    (?P<found> \$ [A-Za-z]{{1,6}} (?: [._] [A-Za-z]{{1,2}} )? )
    (?= \Z | [[{SPACES}\uFEFF]--[\x85\u180E]] | [{PUNCTUATION}] )
    """,
    regex.VERBOSE | regex.VERSION1,
)

_LETTER: Final = r"\p{L}\p{M}"
_OTHER: Final = r"\p{Nd}_\xB7\u05BE\u05F3\u05F4\u0F0B\u0F0C\u200C\u200D\u3003\u301C\u309B\u309C\u30A0\u30FB\uA67E\uFF5E"
_HASHTAG: Final = regex.compile(
    rf"""
    (?: \A | [\uFE0E\uFE0F] | [^{_LETTER}{_OTHER}&] )
    (?P<found> [\#＃] (?! [\uFE0F\u20E3] ) [{_OTHER}]*+ [{_LETTER}] [{_LETTER}{_OTHER}]*+ )
    """,
    regex.VERBOSE,
)
_NO_HASHTAG_BEFORE: Final = regex.compile(r"[#＃]|://")


def find_mentions(text: str) -> tuple[Span, ...]:
    """Return what X takes for mentions of people or of their lists (``@name``, ``@name/list``), in order."""
    found = _MENTION.finditer(text)
    return tuple(_span(match) for match in found if not _NO_MENTION_BEFORE.match(text, match.end()))


def find_cashtags(text: str) -> tuple[Span, ...]:
    """Return what X takes for stock symbols (``$ABCD``, but also the ``$x`` of TeX), in order."""
    return tuple(map(_span, _CASHTAG.finditer(text)))


def find_hashtags(text: str) -> tuple[Span, ...]:
    """Return what X takes for hashtags, in order; a ``#`` inside a URL makes none."""
    found = _HASHTAG.finditer(text)
    tags = [_span(match) for match in found if not _NO_HASHTAG_BEFORE.match(text, match.end())]
    return _outside_urls(tags, find_urls(text)) if tags else ()


def _span(match: regex.Match[str]) -> Span:
    return Span(match.start("found"), match.end("found"), match["found"])


def _outside_urls(tags: list[Span], urls: tuple[Span, ...]) -> tuple[Span, ...]:
    """Return the tags that X keeps: of two stretches that overlap, the one that begins first stays."""
    kept: list[Span] = []
    for span in sorted([*tags, *urls], key=lambda span: span.start):
        if not kept or kept[-1].end <= span.start:
            kept.append(span)
    known = set(urls)
    return tuple(span for span in kept if span not in known)
