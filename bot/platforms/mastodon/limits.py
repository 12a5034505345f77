"""How long a post may be on a server, asked of the server itself: that is public, and needs no token.

Source: https://docs.joinmastodon.org/methods/instance/#v2
"""

from typing import Final

import httpx2
from pydantic import BaseModel, Field, ValidationError

from bot.domain.errors import PermanentError, TransientError
from bot.domain.post_limits import PostLimits
from bot.http import Deadline, beginning
from bot.platforms.mastodon.text import USUAL

SECONDS: Final = 5.0
"""A curator waits for it; without an answer the usual limits are taken."""


class _Statuses(BaseModel):
    max_characters: int = Field(USUAL.characters, ge=100, le=1_000_000)
    characters_reserved_per_url: int = Field(USUAL.per_address, ge=1, le=100)


class _Configuration(BaseModel):
    statuses: _Statuses


class _Instance(BaseModel):
    configuration: _Configuration


def ask_limits(server: str, *, seconds: float = SECONDS) -> PostLimits:
    """Ask a server once; raise TransientError when it does not answer, PermanentError when it is none of Mastodon's."""
    try:
        body = _fetched(f"{server.rstrip('/')}/api/v2/instance", seconds)
    except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
        raise TransientError(
            f"cannot ask {server} how long a post may be ({type(error).__name__}); {USUAL.characters} are taken"
        ) from error
    try:
        statuses = _Instance.model_validate_json(body).configuration.statuses
    except ValidationError as error:
        raise PermanentError(
            f"{server} does not say how long a post may be; {USUAL.characters} characters are taken"
        ) from error
    return PostLimits(statuses.max_characters, statuses.characters_reserved_per_url)


def _fetched(url: str, seconds: float) -> bytes:
    with (
        Deadline(seconds) as deadline,
        httpx2.Client(timeout=seconds, headers={"Connection": "close"}) as client,
        client.stream("GET", url, extensions={"trace": deadline.trace}) as response,
    ):
        response.raise_for_status()
        return beginning(response.iter_bytes())
