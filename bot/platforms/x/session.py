"""The HTTP session that tweepy is given: each request goes to one host, once, within a time and a size.

This module owns where requests go and when an exchange is over. It follows nothing, repeats nothing and reads no answer
but for its status.
"""

import io
import logging
import socket
from functools import partial
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from bot.http import Deadline, beginning

_CHUNK: Final = 16 * 1024

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
        return _Exchange(Deadline(self._deadline))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send once, following nothing; raise requests.HTTPError for every answer that is no success."""
        response = super().send(request, **{**kwargs, "timeout": self._timeout, "allow_redirects": False})
        if not HTTPStatus.OK <= response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            raise requests.HTTPError(f"X answered {response.status_code}", response=response)
        return response


class _Exchange(HTTPAdapter):
    """One request and its answer, on a connection that the deadline was shown."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> HTTPConnectionPool:
        """Return the pool of one connection."""
        pool = cast("HTTPConnectionPool", super().get_connection_with_tls_context(*args, **kwargs))
        kind = _EncryptedConnection if pool.scheme == "https" else _Connection
        pool.ConnectionCls = partial(kind, deadline=self._deadline)  # type: ignore[assignment]  # it is only called
        return pool

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Bring the whole answer, or its beginning when it is too long; raise requests.ReadTimeout at the deadline."""
        try:
            with self._deadline:
                return _whole(super().send(request, *args, **kwargs))
        except TimeoutError as error:
            raise requests.ReadTimeout(str(error), request=request) from error
        finally:
            self.close()


class _Connection(HTTPConnection):
    def __init__(self, *args: Any, deadline: Deadline, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline = deadline

    def _new_conn(self) -> socket.socket:
        connection = super()._new_conn()
        self._deadline.hold(connection)
        return connection


class _EncryptedConnection(_Connection, HTTPSConnection):
    pass


def _whole(response: requests.Response) -> requests.Response:
    """Read the answer into one that needs no connection; reading through requests gives its own kinds of error."""
    with response:
        body = beginning(response.iter_content(_CHUNK))
    whole = requests.Response()
    whole.status_code, whole.reason, whole.headers = response.status_code, response.reason, response.headers
    whole.url, whole.request, whole.raw = response.url, response.request, io.BytesIO(body)
    return whole
