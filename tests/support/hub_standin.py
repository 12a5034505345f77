"""Plays the part of the Hugging Face Hub that collections need, as strictly as its OpenAPI document says.

It refuses what the real one would: unknown fields, notes over 500 UTF-16 units, places outside the collection, tokens
without the right. A batch is made whole or not at all. Faults are planned by route, such as ``POST /items``, and by
number.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any, Final

from local_http import LocalHandler, LocalServer

OWNER: Final = "acme"
KEY: Final = "65a1b2c3d4e5f60718293a4b"
WRITE: Final = "hf_write_canary"
READ: Final = "hf_read_canary"
LIMIT: Final = 500
_PATH: Final = re.compile(r"/api/collections/([^/]+)/(?:[\w.-]*?-)?([0-9a-f]{24})(/items(?:/([0-9a-f]{24}|batch))?)?")
_INDEXABLE: Final = re.compile(r"\d{4}\.\d{4,5}")


class Kind(StrEnum):
    """What goes wrong."""

    TOO_MANY = "429"
    TOO_MANY_LONG = "429 for long"
    BROKEN_BEFORE = "500 before"
    BROKEN_AFTER = "500 after"
    LOST_REQUEST = "lost request"
    LOST_ANSWER = "lost answer"
    GARBAGE = "garbage after"
    UNKNOWN_TOKEN = "401"
    FORBIDDEN = "403"
    GONE = "404"


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong at the ``nth`` request of a route, and where ``until`` is later, at those up to it."""

    route: str
    kind: Kind
    nth: int = 1
    until: int = 0


@dataclass
class State:
    """What the Hub knows."""

    title: str = "Daily picks"
    items: list[dict[str, Any]] = field(default_factory=list)
    papers: set[str] = field(default_factory=set)
    learning: set[str] = field(default_factory=set)
    log: list[tuple[str, Any]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    redirects: bool = False
    learns: bool = True

    @property
    def slug(self) -> str:
        """Return the name of the collection now: it follows the title."""
        return f"{OWNER}/{re.sub(r'[^a-z0-9]+', '-', self.title.lower()).strip('-')}-{KEY}"

    def put(self, paper: str, note: str = "", *, kind: str = "paper", published: str = "2024-03-05") -> str:
        """Add an item by hand, and return what changes name it by."""
        item_id = f"{next(self.numbers):024x}"
        item: dict[str, Any] = {"_id": item_id, "type": kind, "id": paper, "title": f"Paper {paper}", "upvotes": 3}
        item["publishedAt"] = f"{published}T10:00:00.000Z"
        if note:
            item["note"] = {"html": f"<p>{note}</p>", "text": note}
        self.papers.add(paper)
        self.items.append(item)
        return item_id

    def notes(self) -> dict[str, str]:
        """Return the notes in the order of the items, by paper."""
        return {item["id"]: item.get("note", {}).get("text", "") for item in self.items}

    def written(self) -> list[str]:
        """Return the routes of the requests that ask for a change."""
        return [route for route, _ in self.log if not route.startswith("GET")]


class HubStandin(LocalServer):
    """The Hub on 127.0.0.1, with one collection."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.state = State()


@contextmanager
def running_hub() -> Iterator[HubStandin]:
    """Run the Hub until the end of the block."""
    hub = HubStandin()
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


class _RefusedError(Exception):
    def __init__(self, status: int, error: str, **headers: str) -> None:
        super().__init__(error)
        self.status, self.error, self.headers = status, error, headers


class _Handler(LocalHandler):
    server: HubStandin

    def serve(self) -> None:
        raw = self.read_body()
        body = json.loads(raw) if raw else None
        state, path = self.server.state, self.path
        found = _PATH.fullmatch(path)
        route = f"{self.command} {self._route(found, path)}"
        state.log.append((route, body))
        state.counts[route] += 1
        fault = next((item for item in state.faults if self._strikes(item, route)), None)
        kind = fault.kind if fault else None
        if kind is Kind.LOST_REQUEST:
            return self.reset_connection()
        try:
            self._refuse_by(kind)
            answer = self._answer(found, path, body)
        except _RefusedError as error:
            return self._send(error.status, {"error": error.error}, **error.headers)
        if kind is Kind.LOST_ANSWER:
            return self.reset_connection()
        if kind is Kind.BROKEN_AFTER:
            return self._send(500, {"error": "internal"})
        if kind is Kind.GARBAGE:
            return self._send(200, "<html>")
        return self._send(200, answer)

    def _route(self, found: re.Match[str] | None, path: str) -> str:
        if found is None:
            return path
        return re.sub(r"/[0-9a-f]{24}$", "/:id", found[3] or "/collection")

    def _strikes(self, fault: Fault, route: str) -> bool:
        number = self.server.state.counts[route]
        return fault.route == route and fault.nth <= number <= max(fault.nth, fault.until)

    def _refuse_by(self, kind: Kind | None) -> None:
        match kind:
            case Kind.TOO_MANY:
                raise _RefusedError(429, "rate limit", RateLimit='"api";r=0;t=2')
            case Kind.TOO_MANY_LONG:
                raise _RefusedError(429, "rate limit", RateLimit='"api";r=0;t=240')
            case Kind.BROKEN_BEFORE:
                raise _RefusedError(500, "internal")
            case Kind.UNKNOWN_TOKEN:
                raise _RefusedError(401, "no such token")
            case Kind.FORBIDDEN:
                raise _RefusedError(403, "a token with write role is needed")
            case Kind.GONE:
                raise _RefusedError(404, "not found")

    def _answer(self, found: re.Match[str] | None, path: str, body: Any) -> Any:
        state = self.server.state
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in {"", READ, WRITE}:
            raise _RefusedError(401, "no such token")
        if self.command != "GET" and token != WRITE:
            raise _RefusedError(403 if token else 401, "a token with write role is needed")
        if path in {"/api/papers/index", "/api/whoami-v2"}:
            return self._index(body) if self.command == "POST" else self._name(token)
        if found is None or found[1] != OWNER or found[2] != KEY:
            raise _RefusedError(404, "not found")
        if state.redirects and f"{OWNER}/{path.split('/')[4]}" != state.slug:
            raise _RefusedError(307, "moved", Location=path.replace(path.split("/")[4], state.slug.split("/")[1]))
        match self.command, found[3], found[4]:
            case "GET", None, _:
                state.papers |= state.learning
                state.learning = set()
                return self._public()
            case "POST", "/items", _:
                return self._add(body)
            case "POST", _, "batch":
                return self._batch(body)
            case "DELETE", _, str(item_id):
                return self._remove(item_id)
        raise _RefusedError(404, "not found")

    def _name(self, token: str) -> Any:
        if not token:
            raise _RefusedError(401, "no token")
        return {"name": OWNER, "type": "user"}

    def _index(self, body: Any) -> Any:
        if set(body) != {"arxivId"} or not _INDEXABLE.fullmatch(str(body["arxivId"])):
            raise _RefusedError(400, "arxivId")
        if self.server.state.learns:
            self.server.state.learning.add(body["arxivId"])
        return {}

    def _public(self) -> Any:
        state = self.server.state
        items = [{**item, "position": number} for number, item in enumerate(state.items)]
        return {"slug": state.slug, "title": state.title, "description": "", "private": False, "items": items}

    def _add(self, body: Any) -> Any:
        state = self.server.state
        if not set(body) <= {"item", "note"} or set(body["item"]) != {"id", "type"} or body["item"]["type"] != "paper":
            raise _RefusedError(400, "not an item")
        paper, note = body["item"]["id"], body.get("note")
        self._check_note(note)
        if paper not in state.papers:
            raise _RefusedError(404, f"paper {paper} not found")
        if any(item["id"] == paper for item in state.items):
            raise _RefusedError(409, "already in the collection")
        state.put(paper, note or "")
        return self._public()

    def _batch(self, body: Any) -> Any:
        state = self.server.state
        known = {item["_id"]: item for item in state.items}
        for operation in body:
            if set(operation) != {"action", "_id", "data"} or operation["action"] != "update":
                raise _RefusedError(400, "not an operation")
            if not operation["data"] or not set(operation["data"]) <= {"note", "position"}:
                raise _RefusedError(400, "not a change")
            if operation["_id"] not in known:
                raise _RefusedError(404, "no such item")
            self._check_note(operation["data"].get("note"))
            if not 0 <= operation["data"].get("position", 0) < len(state.items):
                raise _RefusedError(400, "position")
        for operation in body:
            self._change(known[operation["_id"]], operation["data"])
        return {"success": True}

    def _change(self, item: dict[str, Any], data: dict[str, Any]) -> None:
        items = self.server.state.items
        if data.get("note") == "":
            item.pop("note", None)
        elif "note" in data:
            item["note"] = {"html": data["note"], "text": data["note"]}
        if "position" in data:
            items.remove(item)
            items.insert(data["position"], item)

    def _remove(self, item_id: str) -> Any:
        items = self.server.state.items
        item = next((item for item in items if item["_id"] == item_id), None)
        if item is None:
            raise _RefusedError(404, "no such item")
        items.remove(item)
        return {"success": True}

    def _check_note(self, note: Any) -> None:
        if note is not None and (not isinstance(note, str) or len(note.encode("utf-16-le")) // 2 > LIMIT):
            raise _RefusedError(400, "note: at most 500")

    def _send(self, status: int, body: Any, **headers: str) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
