"""One exchange of ``requests``, within a time and a size, on a connection that nothing outlives.

The libraries of some platforms are made on ``requests``, which knows time-outs a step only. This module stands below
them; it chooses no host, follows nothing and repeats nothing.
"""

import io
import socket
from functools import partial
from http import HTTPStatus
from ssl import SSLCertVerificationError
from typing import Any, Final, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError, SSLError

from bot.http import Deadline, beginning

_CHUNK: Final = 16 * 1024


class Exchange(HTTPAdapter):
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


class OnceSession(requests.Session):
    """A session in which each request goes out once, to the host that it names, and follows nothing.

    ``timeout`` bounds connecting and each step of reading, ``deadline`` a whole exchange, in seconds.
    """

    def __init__(self, *, timeout: tuple[float, float], deadline: float) -> None:
        super().__init__()
        self.trust_env = False  # neither a proxy nor a .netrc of the environment gets to see the credentials
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


def before_sending(error: requests.RequestException) -> str | None:
    """Return what kept the request from going out, None when it may have gone out.

    Most TLS errors may also come while the answer is read, so a bad certificate is the only one that counts here.
    """
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(reason, SSLError) and reason.args and isinstance(reason.args[0], SSLCertVerificationError):
        return "its certificate is not valid"
    if isinstance(reason, NameResolutionError):
        return "its name is not known"
    return "no connection" if isinstance(reason, NewConnectionError) else None


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
