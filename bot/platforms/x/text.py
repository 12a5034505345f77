"""What X does with text: how long it is, and what in it becomes a link.

This module counts as X counts and defuses what X would link. The rules are those of twitter-text 3.1.0 with its
configuration v3 (https://github.com/twitter/twitter-text). It never shortens a text and never drops a character.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Final

from bot.platforms.x.emoji import EMOJI_SEQUENCE
from bot.platforms.x.tags import find_cashtags, find_hashtags, find_mentions
from bot.platforms.x.tlds import POSSIBLE
from bot.platforms.x.urls import INVALID, NAME_CHAR, Span, find_urls, find_urls_in_units
from bot.platforms.x.utf16 import Utf16Text, fold_case

__all__ = [
    "POST_LIMIT",
    "URL_LENGTH",
    "Span",
    "find_cashtags",
    "find_hashtags",
    "find_mentions",
    "find_urls",
    "is_postable",
    "unlink",
    "weighted_length",
]

POST_LIMIT: Final = 280
URL_LENGTH: Final = 23
_EMOJI_LENGTH: Final = 2

_LIGHT: Final = r"\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037"
_PAIR_OR_HEAVY: Final = re.compile(rf"[\uD800-\uDBFF][\uDC00-\uDFFF]|[^{_LIGHT}]")
_INVALID: Final = re.compile(f"[{INVALID}]")

_HAIR_SPACE: Final = "\u200a"
_SIGN: Final = re.compile(r"[.@＠$#＃]")
_NAME_DOT: Final = re.compile(rf"(?<={NAME_CHAR})\.")


def weighted_length(text: str, *, emoji: bool = True) -> int:
    """Count a text as X does, in units of which a post holds ``POST_LIMIT``; any text has a length.

    After NFC a URL is 23, a character of the ranges for Latin, its neighbours and most punctuation 1, any other 2, and
    an emoji sequence 2, unless ``emoji`` is False: then each of its characters counts (X's older configuration v2).
    Source: https://github.com/twitter/twitter-text/blob/master/config/v3.json
    """
    text = unicodedata.normalize("NFC", text)
    source = Utf16Text.of(text)
    length = position = 0
    for start, end, weight in sorted([*_urls(source.units), *(_emoji(text, source) if emoji else ())]):
        if start >= position:
            length += _plain_length(source.units[position:start]) + weight
            position = end
    return length + _plain_length(source.units[position:])


def is_postable(text: str, *, emoji: bool = True) -> bool:
    """Say whether X takes the text as one post: not empty, not too long, without U+FEFF, U+FFFE and U+FFFF."""
    return 0 < weighted_length(text, emoji=emoji) <= POST_LIMIT and not _INVALID.search(text)


def unlink(text: str, *, keep_hashtags: bool = True) -> str:
    """Return the text with nothing that X links, changed only by hair spaces (U+200A, weight 1).

    One goes behind each dot before a top-level domain, of X's list or of today's, and behind the sign of each mention,
    cashtag and, unless ``keep_hashtags``, hashtag. It holds for the text as it is and in NFC, in which X reads it.
    """
    while signs := _linking_signs(text, keep_hashtags=keep_hashtags):
        text = _break_after(text, signs)
    return text


def _urls(units: str) -> Iterator[tuple[int, int, int]]:
    # The length of the address, not of the stretch, decides where X counts on.
    return ((url.start, url.start + len(url.text), URL_LENGTH) for url in find_urls_in_units(units))


def _emoji(text: str, source: Utf16Text) -> Iterator[tuple[int, int, int]]:
    if not text.isascii():
        for match in EMOJI_SEQUENCE.finditer(text):
            yield source.unit(match.start()), source.unit(match.end()), _EMOJI_LENGTH


def _plain_length(units: str) -> int:
    """Weigh what is no URL and no emoji; a surrogate pair is two units and weighs 2, so it has its weight already."""
    return len(units) + sum(len(match) == 1 for match in _PAIR_OR_HEAVY.findall(units))


def _linking_signs(text: str, *, keep_hashtags: bool) -> set[int]:
    """Return the numbers of the signs that make a link; NFC moves signs but never makes, eats or swaps one."""
    signs: set[int] = set()
    for form in {text, unicodedata.normalize("NFC", text)}:
        starts = set(_link_starts(form, keep_hashtags=keep_hashtags))
        signs.update(number for number, sign in enumerate(_SIGN.finditer(form)) if sign.start() in starts)
    return signs


def _link_starts(text: str, *, keep_hashtags: bool) -> Iterator[int]:
    folded = fold_case(text)
    yield from (dot.start() for dot in _NAME_DOT.finditer(folded) if POSSIBLE.end(folded, dot.end()) is not None)
    for find in (find_mentions, find_cashtags, *(() if keep_hashtags else (find_hashtags,))):
        yield from (span.start for span in find(text))


def _break_after(text: str, signs: set[int]) -> str:
    number = count()
    return _SIGN.sub(lambda sign: sign[0] + _HAIR_SPACE * (next(number) in signs), text)
