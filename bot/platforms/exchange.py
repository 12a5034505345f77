"""One exchange of ``requests``, within a time and a size, on a connection that nothing outlives.

The libraries of some platforms are made on ``requests``, which knows time-outs a step only. This module stands below
them; it chooses no host, follows nothing and repeats nothing.
"""

import io
import socket
from functools import partial
from typing import Any, Final, cast

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

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
