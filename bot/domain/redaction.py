"""Addresses without what may be secret in them: whatever shows, logs or stores an address lets it pass here first.

A secret can stand before the host (``user:password@``), in a query, behind a ``#`` and, as a token, in the path.
Passwords are often written as they are and not percent-encoded, so that a ``/`` or ``@`` of theirs seems to end them.
Where it is not clear what belongs to the password, rather too much is left out than too little; ``…`` stands in its
place.
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
_WEB: Final = frozenset({"http", "https", "ws", "wss"})
_SCHEMES: Final = _WEB | {"at", "file", "ftp", "mysql", "postgres", "postgresql", "redis", "socks4", "socks5", "sqlite"}
"""Others name a service that sends messages, and often stand before nothing but its keys."""

_ASKED_FOR: Final = re.compile(r"(?:/(?:rss|atom)/[^/]+|/api/query|/xrpc/[A-Za-z.]+|/2/(?:tweets|users)[a-z0-9/_]*)\Z")
"""What this program itself puts behind the address of a server. What stands before it nobody needs to see."""

_NAMES_SECRET: Final = re.compile(
    r"(?:[a-z-]*(?:token|secret|passw(?:or)?d|hook|api-?key|signature|credential)s?|keys?|auth|services)", re.IGNORECASE
)
"""A part of a path behind which a token stands, as in the addresses of webhooks."""

_PUBLIC: Final = re.compile(
    r"(?:[^/@]*\.)?(?:arxiv\.org|bsky\.app|x\.com|twitter\.com|github\.com|gitlab\.com|huggingface\.co)(?::\d*)?"
)
"""Where what stands in a path is there for everybody to see."""

_UUID: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_BOT: Final = re.compile(r"bot\d+:.+")  # https://core.telegram.org/bots/api#making-requests
_LONG: Final = re.compile(r"[A-Za-z0-9]{16,}")
_TURN: Final = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])")
_MANY_TURNS: Final = 3
_HARMLESS: Final = frozenset({"search_query", "start", "max_results", "sortBy", "sortOrder", "id_list"})
"""What we ask arXiv's API ourselves: https://info.arxiv.org/help/api/user-manual.html"""


def redact(text: str) -> str:
    """Return a text in which every address has passed ``redact_address``."""
    return _IN_TEXT.sub(_redact_match, text) if ":/" in text else text


def redact_address(address: str) -> str:
    """Return an address without what may be secret in it; other texts as they are.

    User, password, fragment, the values of its query, and parts of its path that may be tokens are left out.
    """
    found = _SCHEME.fullmatch(address)
    if found is None:
        return address
    kind = found["scheme"].partition(":")[0].partition("+")[0].lower()
    if kind not in _SCHEMES and found["scheme"].endswith("//"):
        return found["scheme"] + LEFT_OUT
    rest = found["rest"] if _WITHOUT_USER.match(address) else _without_user(found["rest"])
    place, mark, query = rest.partition("#")[0].partition("?")
    shown = _without_tokens(place) if kind in _WEB else place
    return found["scheme"] + shown + mark + "&".join(_without_value(pair) for pair in query.split("&"))


def sharable(address: str | None) -> str | None:
    """Return an address that others may read in the database, None for one that holds what may be a secret."""
    return address if address is None or redact_address(address) == address else None


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


def _without_tokens(place: str) -> str:
    """Return host and path without what stands before a path that is our own, and without tokens."""
    host, slash, path = place.partition("/")
    if not slash or _PUBLIC.fullmatch(host):
        return place
    if asked := _ASKED_FOR.search(slash + path):
        before = f"/{LEFT_OUT}" if asked.start() else ""
        return host + before + asked[0]
    parts = path.split("/")
    for number, part in enumerate(parts):
        if _NAMES_SECRET.fullmatch(part) and any(parts[number + 1 :]):
            return "/".join([host, *parts[: number + 1], LEFT_OUT])
    return "/".join([host, *(LEFT_OUT if _is_token(part) else part for part in parts)])


def _is_token(part: str) -> bool:
    """Say whether a part of a path was made by a machine to be guessed by nobody."""
    if _BOT.fullmatch(part):
        return True
    if part.startswith("did:"):
        return False
    return bool(_UUID.search(part)) or any(len(_TURN.findall(word)) >= _MANY_TURNS for word in _LONG.findall(part))


def _without_value(pair: str) -> str:
    name, equals, _ = pair.partition("=")
    if not equals:
        return LEFT_OUT if name else ""
    return pair if name in _HARMLESS else f"{name}={LEFT_OUT}"
