"""The HTTP side of the stand-in for X: reads requests, writes answers, and breaks connections where told to.

It knows nothing of posts; what to answer is decided by the function it is given.
"""

import socket
import struct
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import urlsplit

_IDLE: Final = 30.0
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


class Server(ThreadingHTTPServer):
    """Serves one function on 127.0.0.1, in threads of its own."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Call], Answer], *, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.answer = answer
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; late answers are given up."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _IDLE

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def log_message(self, *_: object) -> None:
        """Keep quiet: standard error belongs to the tests."""

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        given = self.server.answer(Call(self.command, parts.path, parts.query, dict(self.headers.items()), body))
        if given.trick is Trick.LATE:
            self.server.stopping.wait(given.seconds)
        if given.trick in {Trick.DROP, Trick.RESET}:
            self._hang_up(rudely=given.trick is Trick.RESET)
            return
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
            self._hang_up(rudely=False)
        else:
            self.wfile.write(given.body)

    def _hang_up(self, *, rudely: bool) -> None:
        self.close_connection = True
        if rudely:
            # Closing with no time to linger sends a reset instead of a goodbye.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
