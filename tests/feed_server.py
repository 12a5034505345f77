"""A local server that plays arXiv's feed server: bodies by category, ETags, and what tests order instead."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FeedServer:
    """Feeds on 127.0.0.1; set ``bodies[category]``, or ``status`` to refuse everything."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.status = 200
        self.requests: list[tuple[str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["FeedServer"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                category = self.path.rpartition("/")[2]
                body = feeds.bodies.get(category, b"")
                etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
                unchanged = self.headers.get("If-None-Match") == etag
                status = 304 if feeds.status == 200 and unchanged else feeds.status
                feeds.requests.append((category, status))
                self.send_response(status)
                self.send_header("ETag", etag)
                self.send_header("Content-Length", "0" if status == 304 else str(len(body)))
                self.end_headers()
                if status != 304:
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

        return Handler
