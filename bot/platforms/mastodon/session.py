"""The HTTP session that Mastodon.py is given: each request goes out once, within a time and a size.

Mastodon.py makes one kind of error of whatever a session raises; what was raised stays behind it, as its context.
This module follows nothing, repeats nothing and reads no answer but for its status.
"""

import logging
from http import HTTPStatus
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from bot.http import Deadline
from bot.platforms.exchange import Exchange

logging.getLogger("urllib3").setLevel(logging.INFO)


class MastodonSession(requests.Session):
    """Ends each step after ``timeout`` (to connect, to read on) and a whole exchange after ``deadline`` seconds."""

    def __init__(self, *, timeout: tuple[float, float], deadline: float) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor a .netrc of the environment gets to see the token
        self._timeout = timeout
        self._deadline = deadline

    def get_adapter(self, url: str | bytes) -> HTTPAdapter:  # noqa: ARG002 - all go to one host
        """Return what carries the next request; no connection outlives it."""
        return Exchange(Deadline(self._deadline))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once, following nothing; raise requests.HTTPError for every answer that is no success."""
        response = super().send(request, **{**kwargs, "timeout": self._timeout, "allow_redirects": False})
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise requests.HTTPError(f"the server answered {response.status_code}", response=response)
        return response
