"""The HTTP side of the stand-in for X: reads requests, writes answers, and breaks connections where told to.

It knows nothing of posts; what to answer is decided by the function it is given.
"""

import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Self
from urllib.parse import urlsplit

from local_http import LocalHandler, LocalServer

_GARBAGE: Final = b'<html>{"data": {"id": "1'


class Trick(StrEnum):
    """How a request can go wrong; the values are used in orders."""

    REFUSE = "refuse"
    DROP = "drop"
    RESET = "reset"
    CUT = "cut"
    GARBAGE = "garbage"
    LATE = "late"
    ONLY_ERRORS = "only-errors"
    REDIRECT = "redirect"
    PAGE = "page"


@dataclass(frozen=True)
class Call:
    """One request as it came in."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to send back, or how to fail at it."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    trick: Trick | None = None
    seconds: float = 0.0

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return the answer with more headers."""
        return replace(self, headers={**self.headers, **headers})

    def spoilt(self, trick: Trick, *, seconds: float) -> Self:
        """Return the answer as the trick leaves it."""
        return replace(self, body=_GARBAGE if trick is Trick.GARBAGE else self.body, trick=trick, seconds=seconds)


class Server(LocalServer):
    """Serves one function."""

    def __init__(self, answer: Callable[[Call], Answer], *, port: int) -> None:
        super().__init__(_Handler, port=port)
        self.answer = answer


class _Handler(LocalHandler):
    server: Server

    def serve(self) -> None:
        parts = urlsplit(self.path)
        headers = dict(self.headers.items())
        given = self.server.answer(Call(self.command, parts.path, parts.query, headers, self.read_body()))
        if given.trick is Trick.LATE:
            self.server.stopping.wait(given.seconds)
        if given.trick is Trick.RESET:
            self.reset_connection()
        elif given.trick is Trick.DROP:
            self._hang_up()
        else:
            self._try_to_write(given)

    def _try_to_write(self, given: Answer) -> None:
        try:
            self._write(given)
        except ConnectionError:
            self.close_connection = True  # the client did not wait

    def _write(self, given: Answer) -> None:
        self.send_response(given.status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(given.body)))
        for name, value in given.headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if given.trick is Trick.CUT:
            self.wfile.write(given.body[: len(given.body) // 2])
            self._hang_up()
        else:
            self.wfile.write(given.body)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)
