"""An address in the form that X links as a whole.

X ends an address at the first letter that is neither Latin nor Cyrillic, and at some punctuation. This module owns the
other spelling of the same address that X takes: percent-encoding (RFC 3986), and Punycode for the host. It never opens
an address.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from bot.platforms.x.urls import find_urls

_KEPT: Final = "%/:?#[]@!$&'()*+,;=~"
_KEPT_AT_LEAST: Final = "%/?#=&+"


def linked_whole(url: str) -> str:
    """Return the address as it is if X links all of it or can be brought to link none, else in the form it links."""
    return next((form for form in _forms(url) if is_linked_whole(form)), url)


def is_linked_whole(url: str) -> bool:
    """Say whether X makes one link of the address, from its first to its last character."""
    return [(link.start, link.end) for link in find_urls(url)] == [(0, len(url))]


def _forms(url: str) -> Iterator[str]:
    yield url
    parts = urlsplit(url)
    for host in (parts.netloc, _in_ascii(parts.netloc)):
        for kept in (_KEPT, _KEPT_AT_LEAST):
            rest = (quote(part, safe=kept) for part in (parts.path, parts.query, parts.fragment))
            yield urlunsplit((parts.scheme, host, *rest))


def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
