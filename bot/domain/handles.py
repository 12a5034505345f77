"""What people are called on each platform, as files and commands have it: without the ``@`` in front.

Pure rules: whether anybody has the name is for the platforms.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)+(?![0-9]){_LABEL}")
"""Also the form of a handle on Bluesky: https://atproto.com/specs/handle"""

_LONGEST_HOST: Final = 253
_ON_X: Final = re.compile(r"[A-Za-z0-9_]{1,15}")
_ON_MASTODON: Final = re.compile(r"(?P<user>[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9_])?)@(?P<host>[^@]+)")


def bluesky_handle(text: str) -> str | None:
    """Return a handle of Bluesky in small letters, None for what is none."""
    handle = _bare(text).lower()
    return handle if _is_host(handle) else None


def x_handle(text: str) -> str | None:
    """Return a handle of X, None for what is none."""
    handle = _bare(text)
    return handle if _ON_X.fullmatch(handle) else None


def mastodon_handle(text: str) -> str | None:
    """Return ``user@host``, the host in small letters, None for what is none."""
    match = _ON_MASTODON.fullmatch(_bare(text))
    if match is None or not _is_host(match["host"].lower()):
        return None
    return f"{match['user']}@{match['host'].lower()}"


def _bare(text: str) -> str:
    return text.strip().removeprefix("@")


def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None and len(text) <= _LONGEST_HOST


HANDLES: Final[Mapping[str, tuple[Callable[[str], str | None], str]]] = {
    "bluesky": (bluesky_handle, "ana.example.com"),
    "x": (x_handle, "ana_example"),
    "mastodon": (mastodon_handle, "ana@social.example"),
}
"""How the handles of a platform are read, and an example of one, by the platform's name."""
