"""The address of a Bluesky post, as people paste it, and why it may not become a quote.

Pure and quick to import; ``quotes`` asks the network.
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.errors import PermanentError, PicksError, TransientError

DID: Final = re.compile(r"did:plc:[a-z2-7]{24}|did:web:(?:[a-z0-9-]+\.)+[a-z0-9-]+")
"""The two kinds of account ids that the network allows; https://atproto.com/specs/did"""

_HANDLE: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_KEY: Final = r"[A-Za-z0-9._:~-]{1,512}"
_URL: Final = re.compile(
    rf"(?i:https?://(?P<host>[a-z0-9.-]+))/profile/(?P<profile>[^/?#]+)/post/(?P<rkey>{_KEY})/?(?:[?#].*)?"
)
_URI: Final = re.compile(rf"at://(?P<profile>[^/?#]+)/app\.bsky\.feed\.post/(?P<rkey>{_KEY})")
_LOOSE_URL: Final = re.compile(r"https?://[^/?#\s@]+/profile/[^/?#\s]+/post/[^/?#\s]+/?(?:[?#]\S*)?", re.IGNORECASE)

_CLIENTS: Final = frozenset(
    {
        "bsky.app",
        "main.bsky.dev",
        "staging.bsky.app",
        "deer.social",
        "blacksky.community",
        "catsky.social",
        "witchsky.app",
        "zeppelin.social",
        "bskyx.app",
        "fxbsky.app",
    }
)
"""Web sites that show the network's posts at the same paths."""


def is_handle(text: str) -> bool:
    """Say whether the text has the form of a handle, in lower case.

    Source: https://atproto.com/specs/handle
    """
    return _HANDLE.fullmatch(text) is not None


def looks_like_post(url: str) -> bool:
    """Say whether an address has the form of a Bluesky post's on any web site; ``parse_post_url`` is strict."""
    return _LOOSE_URL.fullmatch(url) is not None


def web_address(uri: str) -> str | None:
    """Return the public page of the post that an at:// address names, None where it names none."""
    match = _URI.fullmatch(uri)
    address = PostAddress(match["profile"].lower(), match["rkey"]) if match else None
    return address.url if address and _is_profile(address.profile) else None


class QuoteError(PicksError):
    """A post cannot be quoted; a plain link can always take its place."""


class QuoteRefusedError(QuoteError, PermanentError):
    """There is no such post, or the address is not one."""


class QuoteUnreachableError(QuoteError, TransientError):
    """The servers that know the post could not be asked."""


@dataclass(frozen=True, slots=True)
class PostAddress:
    """Whose post (a handle or a DID, lower case) and which."""

    profile: str
    rkey: str

    @property
    def url(self) -> str:
        """Return the address of the post's public page."""
        return f"https://bsky.app/profile/{self.profile}/post/{self.rkey}"


def parse_post_url(url: str) -> PostAddress:
    """Read ``https://bsky.app/profile/<handle or DID>/post/<key>``; raise QuoteRefusedError when it is not that.

    The web sites of ``_CLIENTS`` will do too. Source: https://atproto.com/specs/handle
    """
    match = _URL.fullmatch(url.strip())
    profile = match["profile"].lower() if match else ""
    if match and match["host"].lower() in _CLIENTS and _is_profile(profile):
        return PostAddress(profile=profile, rkey=match["rkey"])
    raise QuoteRefusedError(
        f"{url!r} is not a Bluesky post; copy its address from bsky.app: https://bsky.app/profile/NAME/post/KEY"
    )


def _is_profile(profile: str) -> bool:
    return bool(DID.fullmatch(profile) or _HANDLE.fullmatch(profile))
