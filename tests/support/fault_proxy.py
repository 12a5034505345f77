"""A proxy on 127.0.0.1 that breaks chosen requests on their way to a server, or their answers on the way back.

What the server really received is the server's to tell; the proxy adds a log of what passed through it.

In a test::

    with FaultProxy(x.url) as proxy:
        publisher = XPublisher(api_url=proxy.url, ...)
        proxy.spoil("/2/tweets", ANSWER_LOST, at=2)             # the third post goes up, its answer is lost
        proxy.spoil("/2/tweets", REQUEST_LATE)                  # the first waits in the proxy for ...
        proxy.deliver_late()                                    # ... this, long after the client has given up
        proxy.passages                                          # every request: path, fault, the server's status
        proxy.drips_taken                                       # dripping answers taken to the last byte

Requests of a path are numbered from 0, per path and without its query. A fault that never struck is an error at the
end of ``with``: the test did not try what it says. A request without a fault passes through with
its own headers, ``Host`` among them: what was signed for the proxy's address stays signed for that. Answers come back
uncompressed. A server that leads its clients to another address, as a Bluesky server may at sign-in, leads them past
the proxy.

A fault has a harm, and says whether the request is forwarded, and so carried out, before the harm is done. No harm
counts seconds: what is meant to outlast a client's time-out lasts until the client has hung up.
"""

import http.client
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import urlsplit

from local_http import LocalHandler, LocalServer

_PATIENCE: Final = 60.0
"""How long to wait for anybody: longer than any test, so that a mistake ends in a failure and not in a standstill."""

_GARBAGE: Final = b'<html>{"uri": "at://did:plc:", "data": {"id": "1'
_PER_CONNECTION: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


class Harm(StrEnum):
    """What the client gets instead of a good answer."""

    CLOSE = "close"
    """Nothing: the connection ends politely."""
    HOLD = "hold"
    """Nothing, until it gives up."""
    LATE = "late"
    """Nothing, until it gives up; the request reaches the server at ``deliver_late``."""
    RESET = "reset"
    """The head and half of the body, then a TCP reset."""
    STATUS = "status"
    """An error page of a gateway."""
    GARBAGE = "garbage"
    """Success, with a body that is not JSON."""
    DRIP = "drip"
    """The good answer, one byte at a time."""
    STALL = "stall"
    """The good answer, one byte at a time, but for the last byte, which never comes."""


@dataclass(frozen=True)
class Fault:
    """One way to break a request. ``pause`` is how many seconds lie between two bytes that drip."""

    name: str
    harm: Harm
    forwarded: bool
    status: HTTPStatus = HTTPStatus.OK
    pause: float = 0.0

    def __str__(self) -> str:
        return self.name

    @property
    def keeps_waiting(self) -> bool:
        """Say whether the client learns of it by its time-out alone."""
        return self.harm in {Harm.HOLD, Harm.LATE, Harm.STALL}


def _error(status: HTTPStatus, *, forwarded: bool) -> Fault:
    return Fault(f"{status.value}-{'after' if forwarded else 'instead'}", Harm.STATUS, forwarded, status)


REQUEST_LOST: Final = Fault("request-lost", Harm.CLOSE, forwarded=False)
REQUEST_LATE: Final = Fault("request-late", Harm.LATE, forwarded=False)
ANSWER_LOST: Final = Fault("answer-lost", Harm.CLOSE, forwarded=True)
ANSWER_LATE: Final = Fault("answer-late", Harm.HOLD, forwarded=True)
ANSWER_RESET: Final = Fault("answer-reset", Harm.RESET, forwarded=True)
ANSWER_STALLS: Final = Fault("answer-stalls", Harm.STALL, forwarded=True)
ANSWER_DRIPS: Final = Fault("answer-drips", Harm.DRIP, forwarded=True)
GARBAGE_INSTEAD: Final = Fault("garbage-instead", Harm.GARBAGE, forwarded=False)
GARBAGE_AFTER: Final = Fault("garbage-after", Harm.GARBAGE, forwarded=True)
ONE_OF_EACH: Final = (
    REQUEST_LOST,
    ANSWER_LOST,
    ANSWER_LATE,
    ANSWER_RESET,
    ANSWER_STALLS,
    ANSWER_DRIPS,
    GARBAGE_INSTEAD,
    GARBAGE_AFTER,
    _error(HTTPStatus.BAD_GATEWAY, forwarded=False),
)
FAULTS: Final = (
    *ONE_OF_EACH,
    _error(HTTPStatus.BAD_GATEWAY, forwarded=True),
    _error(HTTPStatus.INTERNAL_SERVER_ERROR, forwarded=False),
    _error(HTTPStatus.INTERNAL_SERVER_ERROR, forwarded=True),
    _error(HTTPStatus.SERVICE_UNAVAILABLE, forwarded=False),
    _error(HTTPStatus.SERVICE_UNAVAILABLE, forwarded=True),
)
"""Every fault that needs no further order; REQUEST_LATE needs one."""


@dataclass(frozen=True)
class Passage:
    """One request that came to the proxy; ``status`` is the server's answer, None where it was not asked."""

    path: str
    fault: Fault | None
    status: int | None


@dataclass(frozen=True)
class _Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})

    @property
    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, f"Content-Length: {len(self.body)}", "", ""]).encode("latin-1")


class FaultProxy:
    """Stands before ``server`` (an address without a path) between ``with`` and its end; clients go to ``url``."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._listener = _Listener(self)
        self._orders: dict[tuple[str, int], Fault] = {}
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._late_wanted = threading.Event()
        self._late_done = threading.Event()
        self.passages: list[Passage] = []
        self.drips_taken = 0
        self.host = self._listener.host
        self.url = self._listener.url

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._listener.stop()
        self._late_wanted.set()  # after that: what waits shall go nowhere
        if self._orders and kind is None:
            raise RuntimeError(f"these faults never struck: {self._orders}")

    def spoil(self, path: str, fault: Fault, *, at: int = 0) -> None:
        """Break the request numbered ``at`` to the path, counted from 0 and from the proxy's start."""
        self._orders[path, at] = fault

    def deliver_late(self) -> None:
        """Let the late request reach the server, and return when the server has answered it."""
        self._late_wanted.set()
        if not self._late_done.wait(_PATIENCE):
            raise RuntimeError("no late request was delivered")

    def count(self, path: str) -> int:
        """Return how many requests to the path reached the server."""
        return sum(passage.path == path and passage.status is not None for passage in self.passages)

    def asked(self, path: str) -> int:
        """Return how many requests to the path came to the proxy."""
        return self._counts[path]

    def fault_of(self, path: str) -> Fault | None:
        """Number one request to the path and return what shall become of it."""
        with self._lock:
            number = self._counts[path]
            self._counts[path] += 1
            return self._orders.pop((path, number), None)

    def wait_for_order(self) -> bool:
        """Wait for ``deliver_late``; say whether the request has anywhere to go still."""
        return self._late_wanted.wait(_PATIENCE) and not self._listener.stopping.is_set()

    def note_late(self) -> None:
        """Take down that the late request was answered."""
        self._late_done.set()

    def forward(self, method: str, target: str, *, headers: Mapping[str, str], body: bytes) -> _Answer:
        """Ask the server; return its answer as if it came from here."""
        address = urlsplit(self._server)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE)
        with closing(connection):
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in {**_without_hops(headers), "Accept-Encoding": "identity"}.items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return _Answer(response.status, response.read(), _without_hops(dict(response.getheaders())))


class _Listener(LocalServer):
    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__(_Handler)
        self.proxy = proxy


class _Handler(LocalHandler):
    server: _Listener

    def serve(self) -> None:
        path = urlsplit(self.path).path
        body = self.read_body()
        fault = self.server.proxy.fault_of(path)
        if fault is not None and fault.harm is Harm.LATE:
            self._deliver_late(path, fault, body)
            return
        answer = self._forward(body) if fault is None or fault.forwarded else None
        self.server.proxy.passages.append(Passage(path, fault, answer.status if answer else None))
        try:
            self._reply(answer, fault)
        except ConnectionError:
            self.close_connection = True  # the client did not wait

    def _forward(self, body: bytes) -> _Answer:
        return self.server.proxy.forward(self.command, self.path, headers=dict(self.headers.items()), body=body)

    def _deliver_late(self, path: str, fault: Fault, body: bytes) -> None:
        proxy = self.server.proxy
        self.close_connection = True
        if proxy.wait_for_order():
            proxy.passages.append(Passage(path, fault, self._forward(body).status))
            proxy.note_late()

    def _reply(self, answer: _Answer | None, fault: Fault | None) -> None:
        harm = fault.harm if fault else None
        if harm is Harm.STATUS and fault:
            answer = _Answer(fault.status, f"<h1>{fault.status.phrase}</h1>".encode(), {"Content-Type": "text/html"})
        elif harm is Harm.GARBAGE:
            answer = _Answer(HTTPStatus.OK, _GARBAGE)
        if answer is None or harm in {Harm.CLOSE, Harm.HOLD}:
            self._break_off(harm)
        elif harm is Harm.RESET:
            self.wfile.write(answer.head + answer.body[: len(answer.body) // 2])
            self._break_off(harm)
        elif harm in {Harm.DRIP, Harm.STALL} and fault:
            self._drip(answer.head + answer.body, fault)
        else:
            self.wfile.write(answer.head + answer.body)

    def _drip(self, text: bytes, fault: Fault) -> None:
        end = len(text) - 1 if fault.harm is Harm.STALL else len(text)
        for index in range(end):
            time.sleep(fault.pause)
            self.wfile.write(text[index : index + 1])
        if fault.harm is Harm.STALL:
            self._break_off(fault.harm)
        else:
            self.server.proxy.drips_taken += 1

    def _break_off(self, harm: Harm | None) -> None:
        self.close_connection = True
        if harm in {Harm.HOLD, Harm.STALL}:
            self.connection.recv(1)  # returns, with nothing, when the client has hung up
        if harm is Harm.RESET:
            self.reset_connection()


def _without_hops(headers: Mapping[str, str]) -> dict[str, str]:
    """Drop what concerns one connection only, and what is set anew."""
    return {name: value for name, value in headers.items() if name.lower() not in {*_PER_CONNECTION, "accept-encoding"}}
