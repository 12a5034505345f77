"""The addresses of Mastodon: of servers, and of posts on them. Pure; this module asks nobody."""

import re
from typing import Final
from urllib.parse import urlsplit

from bot.platforms.traits import PostAddress

_POST: Final = re.compile(
    r"https?://[a-z0-9.:-]+/(?:@[^/?#\s]+/|users/[^/?#\s]+/statuses/)(?P<id>\d{1,20})(?:[/?#]\S*)?", re.IGNORECASE
)


def read_post(url: str) -> PostAddress | None:
    """Return the post at an address, None where it has another form; the id holds on the post's own server alone."""
    match = _POST.fullmatch(url)
    return PostAddress(match["id"], url) if match else None


def host_of(server: str) -> str:
    """Return the name of a server, with its port if it has one."""
    return urlsplit(server).netloc


def account_name(server: str, *, channel: str | None) -> str:
    """Return what the account of a token is called before the server was asked for its name.

    ``channel`` is the one whose own token it is, None where it is the token of all.
    """
    return f"{channel}'s account on {host_of(server)}" if channel else f"the account on {host_of(server)}"
