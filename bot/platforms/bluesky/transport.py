"""The way to a Bluesky server: every exchange on a connection of its own, within a time and a size.

It stands below the SDK, which knows time-outs a step only. It follows nothing and repeats nothing.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Final

import httpx

from bot.http import Deadline, beginning

_OF_THE_PACKED_BODY: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


class BoundedTransport(httpx.BaseTransport):
    """Ends each exchange after ``deadline`` seconds as httpx.ReadTimeout; ``transport`` stands in for the network."""

    def __init__(self, *, deadline: float, transport: httpx.BaseTransport | None = None) -> None:
        self._deadline = deadline
        self._client = httpx.Client(transport=transport)  # and not a bare transport, which knows no proxy

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request and bring the whole answer, or its beginning when it is too long."""
        try:
            with Deadline(self._deadline) as deadline:
                request.headers["Connection"] = "close"
                request.extensions = {**request.extensions, "trace": deadline.trace}
                return self._exchange(request)
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"the server {error}", request=request) from error

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        with closing(self._client.send(request, stream=True)) as response:
            body = beginning(response.iter_bytes())
        return httpx.Response(response.status_code, headers=list(_still_true(response.headers)), content=body)


def _still_true(headers: httpx.Headers) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in headers.multi_items() if name.lower() not in _OF_THE_PACKED_BODY)
