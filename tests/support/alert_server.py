"""A web service that takes notices in JSON, as apprise's ``json://`` sends them: what it got, and what it answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import cast

from local_http import LocalHandler, LocalServer


@dataclass(frozen=True)
class Notice:
    """What a service was sent; ``path`` says to which of its addresses."""

    path: str
    title: str
    message: str


@dataclass
class AlertServer:
    """Keeps every notice; ``answers`` are given first, each once, None being silence, and 200 otherwise."""

    taken: list[Notice] = field(default_factory=list)
    answers: list[int | None] = field(default_factory=list)
    requests: int = 0
    host: str = ""

    def url(self, path: str = "hook", *, user: str = "") -> str:
        """Return an address of apprise's, with a user and a password if wanted."""
        return f"json://{user}{self.host}/{path}"

    @contextmanager
    def running(self) -> Iterator["AlertServer"]:
        """Answer while the block runs."""
        server = _Server(self)
        self.host = server.host
        server.start()
        try:
            yield self
        finally:
            server.stop()


class _Server(LocalServer):
    def __init__(self, service: AlertServer) -> None:
        super().__init__(_Handler)
        self.service = service


class _Handler(LocalHandler):
    def serve(self) -> None:
        server = cast("_Server", self.server)
        service, body = server.service, json.loads(self.read_body())
        service.requests += 1
        answer = service.answers.pop(0) if service.answers else 200
        if answer is None:
            server.stopping.wait(20)
            self.close_connection = True
            return
        if answer == 200:
            service.taken.append(Notice(self.path, body["title"], body["message"]))
        self.send_response(answer)
        self.send_header("Content-Length", "0")
        self.end_headers()
