"""What a channel file may say about Mastodon, and how the address of a server is read wherever it stands."""

import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import field_validator

from bot.domain.channel_sections import Section, String
from bot.domain.web_addresses import web_address_problem

_WEB: Final = re.compile(r"https?://", re.IGNORECASE)
_SERVER: Final = re.compile(r"https?://[^/?#@]*/*", re.IGNORECASE)


def server_address(url: str) -> str:
    """Return a server's address with its host in small letters and nothing behind it.

    Raises ValueError, with the reason, when it is none: people copy the address of a page.
    """
    if _WEB.match(url) and not _SERVER.fullmatch(url):
        raise ValueError("it must be the address of a server, such as https://mastodon.example, and no more")
    if problem := web_address_problem(url):
        raise ValueError(f"it {problem}")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


class MastodonRules(Section):
    """Where the channel's account is: ``instance`` is its server; None where the environment says it."""

    instance: String | None = None

    @field_validator("instance")
    @classmethod
    def _is_a_server(cls, url: str | None) -> str | None:
        return None if url is None else server_address(url)
