"""The HTTP session that tweepy is given: each request goes to one host, once, within a time and a size.

This module owns where requests go. It reads no answer but for its status.
"""

import logging
from urllib.parse import urlsplit

import requests

from bot.platforms.exchange import OnceSession

for _name in ("oauthlib", "requests_oauthlib", "tweepy"):
    logging.getLogger(_name).setLevel(logging.INFO)  # at DEBUG they write tokens and signatures to the log


class XSession(OnceSession):
    """Leads tweepy, which knows one host only, to ``api_url``, and nowhere else."""

    def __init__(self, *, api_url: str, timeout: tuple[float, float], deadline: float) -> None:
        super().__init__(timeout=timeout, deadline=deadline)
        self._api_url = api_url

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        """Put our host in place of tweepy's before the address is signed."""
        request.url = self._api_url + urlsplit(str(request.url)).path
        return super().prepare_request(request)
