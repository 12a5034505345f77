"""Whose a handle is, asked of a server without signing in.

One short question; nothing of the answer is kept but the DID.
Source: https://github.com/bluesky-social/atproto/blob/main/lexicons/com/atproto/identity/resolveHandle.json
"""

from contextlib import closing
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx2
from pydantic import ValidationError

from bot.domain.errors import PermanentError, PicksError, TransientError
from bot.http import Deadline, beginning
from bot.platforms.bluesky.quote_answers import Identity

_UNKNOWN: Final = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND})
_ANSWER_LIMIT: Final = 64 * 1024


def resolve_handle(
    handle: str,
    *,
    service: str,
    timeout: float = 5.0,
    deadline: float = 10.0,
    transport: httpx2.BaseTransport | None = None,
) -> str:
    """Return the DID of who has the handle at this moment.

    ``timeout`` bounds each step of the request and ``deadline`` the whole of it, in seconds; ``transport`` stands in
    for the network. Raises PermanentError when nobody has it, TransientError when that could not be asked.
    """
    url, server = f"{service.rstrip('/')}/xrpc/com.atproto.identity.resolveHandle", urlsplit(service).netloc
    try:
        status, body = _get(url, handle, timeout=timeout, deadline=deadline, transport=transport)
    except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise _unanswered(server, str(error) or type(error).__name__) from error
    if status in _UNKNOWN:
        raise PermanentError(f"{server} knows nobody of that name")
    if status != HTTPStatus.OK:
        raise _unanswered(server, f"HTTP {status}")
    try:
        return Identity.model_validate_json(body).did
    except ValidationError as error:
        raise _unanswered(server, "an answer that cannot be read") from error


def _get(
    url: str, handle: str, *, timeout: float, deadline: float, transport: httpx2.BaseTransport | None
) -> tuple[int, bytes]:
    headers = {"Connection": "close"}  # a deadline sees new connections only
    with (
        Deadline(deadline) as end,
        httpx2.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False) as http,
    ):
        request = http.build_request("GET", url, params={"handle": handle}, extensions={"trace": end.trace})
        with closing(http.send(request, stream=True)) as response:
            return response.status_code, beginning(response.iter_bytes(), limit=_ANSWER_LIMIT)


def _unanswered(server: str, reason: str) -> PicksError:
    return TransientError(f"{server} does not say whose it is ({reason})")
