"""Addresses without what may be secret in them: whatever shows, logs or stores an address lets it pass here first.

A secret can stand before the host (``user:password@``), in a query and behind a ``#``. Passwords are often written as
they are and not percent-encoded, so that a ``/`` or ``@`` of theirs seems to end them. Where it is not clear what
belongs to the password, rather too much is left out than too little; ``…`` stands in its place.
"""

import re
from typing import Final

LEFT_OUT: Final = "…"

_SCHEME: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*:/+)(?P<rest>.*)", re.DOTALL)
_IN_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/\S+")
_WITHOUT_USER: Final = re.compile(r"(sqlite(\+\w+)?|file):///|at://did:")
"""Files, and records on Bluesky (https://atproto.com/specs/at-uri-scheme), whose addresses have no user."""

_PUNCTUATION: Final = "'\"`.,;:!?)]}>"
_END_OF_HOST: Final = re.compile("[/?#]")
_DOTTED_NAME: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_HOST: Final = r"(\[[0-9A-Fa-f:.%]*\]|[^:,\[\]]*)(:\d*)?"
_HOSTS: Final = re.compile(rf"{_HOST}(,{_HOST})*")
_HARMLESS: Final = frozenset({"search_query", "start", "max_results", "sortBy", "sortOrder", "id_list"})
"""What we ask arXiv's API ourselves: https://info.arxiv.org/help/api/user-manual.html"""


def redact(text: str) -> str:
    """Return a text in which every address has passed ``redact_address``."""
    return _IN_TEXT.sub(_redact_match, text) if ":/" in text else text


def redact_address(address: str) -> str:
    """Return an address without user, password, fragment and the values of its query; other texts as they are."""
    found = _SCHEME.fullmatch(address)
    if found is None:
        return address
    rest = found["rest"] if _WITHOUT_USER.match(address) else _without_user(found["rest"])
    return found["scheme"] + _without_query(rest)


def _redact_match(found: re.Match[str]) -> str:
    address = found[0].rstrip(_PUNCTUATION)
    return redact_address(address) + found[0][len(address) :]


def _without_user(rest: str) -> str:
    """Return what stands behind the last ``@``, with a mark where that may be no more than a part of the path."""
    before, at, behind = rest.rpartition("@")
    seeming_host = _END_OF_HOST.split(rest, maxsplit=1)[0]
    if before == LEFT_OUT:
        return rest
    if not at:
        return rest if _HOSTS.fullmatch(seeming_host) else f"{rest.partition(':')[0]}:{LEFT_OUT}"
    if _DOTTED_NAME.fullmatch(seeming_host):  # https://mastodon.example/@name
        return rest
    return f"{LEFT_OUT}@{behind}" if _END_OF_HOST.search(before) else behind


def _without_query(rest: str) -> str:
    place, mark, query = rest.partition("#")[0].partition("?")
    return place + mark + "&".join(_without_value(pair) for pair in query.split("&")) if mark else place


def _without_value(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    if not equals:
        return LEFT_OUT if name else ""
    return pair if name in _HARMLESS else f"{name}={LEFT_OUT}"
