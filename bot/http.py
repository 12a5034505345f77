"""An end to what a server may take of our time, over a whole exchange.

A time-out counts one step, so it never ends for a server that sends a byte now and then. This module cuts connections
from outside, in the middle of whatever a library is doing; it opens none and knows nothing of what they carry.
"""

import contextlib
import socket
import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self


class Deadline:
    """Cuts the connection that it was shown when the time is up; use it in a ``with`` statement, once.

    If it had to, TimeoutError is raised at the end of the block, in place of whatever the cut led to there: an error
    of the library's own, or an answer that seems to be complete. Only the look-up of a name escapes it.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._alarm = threading.Timer(seconds, self._ring)
        self._alarm.daemon = True
        self._lock = threading.Lock()
        self._handle: socket.socket | None = None
        self._rang = False
        self._has_cut = False

    def __enter__(self) -> Self:
        self._alarm.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._alarm.cancel()
        with self._lock:
            self._let_go()
        if self._has_cut and (error is None or isinstance(error, Exception)):
            raise TimeoutError(f"took longer than {self._seconds:g} s") from error

    def hold(self, connection: socket.socket) -> None:
        """Watch over a new connection, in place of the one before; show it before it is encrypted."""
        with self._lock:
            self._let_go()
            # A handle of our own: encryption takes the other one over, and whoever closes that frees its number.
            self._handle = connection.dup()
            if self._rang:
                self._cut()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Hold the connections that a request opens: the ``trace`` extension of httpx and httpx2.

        It is not told of a connection that is used again, so ask for ``Connection: close``. Events:
        https://www.encode.io/httpcore/extensions/#trace
        """
        if event == "connection.connect_tcp.complete":
            self.hold(info["return_value"].get_extra_info("socket"))

    def _ring(self) -> None:
        with self._lock:
            self._rang = True
            self._cut()

    def _cut(self) -> None:
        if self._handle is None:
            return
        self._has_cut = True
        with contextlib.suppress(OSError):  # the server was quicker
            self._handle.shutdown(socket.SHUT_RDWR)  # wakes whoever reads or writes, which closing would not

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
        self._handle = None


ANSWER_LIMIT: Final = 1_000_000
"""Bytes. What we ask for has a few thousand."""


def beginning(chunks: Iterable[bytes], *, limit: int = ANSWER_LIMIT) -> bytes:
    """Return the first ``limit`` bytes of the chunks, and read no chunk that lies behind them."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            break
    return bytes(body[:limit])
