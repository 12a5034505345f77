"""The HTTP session that tweepy is given: each request goes to one host, once, within a time and a size.

This module owns where requests go and when an exchange is over. It follows nothing, repeats nothing and reads no answer
but for its status.
"""

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from bot.http import Deadline
from bot.platforms.exchange import Exchange

for _name in ("oauthlib", "requests_oauthlib", "tweepy"):
    logging.getLogger(_name).setLevel(logging.INFO)  # at DEBUG they write tokens and signatures to the log


class XSession(requests.Session):
    """Leads tweepy, which knows one host only, to ``api_url``, and nowhere else.

    ``timeout`` bounds connecting and each step of reading, ``deadline`` a whole exchange, in seconds.
    """

    def __init__(self, *, api_url: str, timeout: tuple[float, float], deadline: float) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor a .netrc of the environment gets to see the signed request
        self._api_url = api_url
        self._timeout = timeout
        self._deadline = deadline

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Put our host in place of tweepy's before the address is signed."""
        request.url = self._api_url + urlsplit(str(request.url)).path
        return super().prepare_request(request)

    def get_adapter(self, url: str | bytes) -> HTTPAdapter:  # noqa: ARG002 - all go to one host
        """Return what carries the next request; no connection outlives it."""
        return Exchange(Deadline(self._deadline))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once, following nothing; raise requests.HTTPError for every answer that is no success."""
        response = super().send(request, **{**kwargs, "timeout": self._timeout, "allow_redirects": False})
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise requests.HTTPError(f"X answered {response.status_code}", response=response)
        return response
