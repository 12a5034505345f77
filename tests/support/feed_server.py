"""A local server that plays arXiv's part: feeds by category with ETags, the API, and what tests order instead."""

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from sample_api import ApiPaper, page

_QUERY = re.compile(r"cat:(\S+) AND submittedDate:\[(\d{12}) TO (\d{12})\]")


class FeedServer:
    """Feeds and the API on 127.0.0.1.

    Set ``bodies[category]``, or ``status`` to refuse every feed. ``papers`` are what the API knows; ``api_answers`` are
    given first, each once: a status with headers, or a body in place of the right one. ``refuses_ids`` has questions
    for papers by their ids fail.
    """

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.status = 200
        self.requests: list[tuple[str, int]] = []
        self.papers: list[ApiPaper] = []
        self.api_answers: list[tuple[int, dict[str, str], bytes]] = []
        self.api_requests: list[tuple[str, int, int]] = []
        self.asked_ids: list[list[str]] = []
        self.refuses_ids = False
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

    def answer_api(self, query: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        if "id_list" in query:
            return self._answer_ids(query["id_list"][0].split(","))
        match = _QUERY.fullmatch(query["search_query"][0])
        assert match, query
        category = match[1]
        first, last = (datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC) for text in match.groups()[1:])
        start, size = int(query["start"][0]), int(query["max_results"][0])
        self.api_requests.append((category, start, size))
        if self.api_answers:
            return self.api_answers.pop(0)
        found = [item for item in self.papers if category in item.categories and first <= item.submitted <= last]
        found.sort(key=lambda item: item.submitted)
        return 200, {}, page(found[start : start + size], total=len(found), start=start)

    def _answer_ids(self, ids: list[str]) -> tuple[int, dict[str, str], bytes]:
        self.asked_ids.append(ids)
        if self.refuses_ids:
            return 503, {}, b""
        found = [item for item in self.papers if item.arxiv_id in ids]
        return 200, {}, page(found, total=len(found))

    def answer_feed(self, path: str, etag: str | None) -> tuple[int, dict[str, str], bytes]:
        category = path.rpartition("/")[2]
        body = self.bodies.get(category, b"")
        current = hashlib.md5(body, usedforsecurity=False).hexdigest()
        status = 304 if self.status == 200 and etag == current else self.status
        self.requests.append((category, status))
        return status, {"ETag": current}, b"" if status == 304 else body

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        feeds = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                if parts.path.endswith("/api/query"):
                    status, headers, body = feeds.answer_api(parse_qs(parts.query))
                else:
                    status, headers, body = feeds.answer_feed(parts.path, self.headers.get("If-None-Match"))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Keep quiet."""

        return Handler
