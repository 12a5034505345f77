"""A strict stand-in for a Mastodon server: one account, on 127.0.0.1, with faults to order and a record of the truth.

It offers what the bot uses of https://docs.joinmastodon.org/methods/: to post, to read and to delete statuses, to read
their source, to ask who is signed in and what the token may do, to change the profile, and what the server takes. A
request must carry the account's token and nothing that is not known. A post must carry a key and a language, be public
where it begins a thread and unlisted where it answers; it is refused, with the server's own words, where it is too
long, blank, or answers a post that is not there. Texts come back as HTML. Each answer has rate limit headers.

In a test::

    with MastodonStandin() as mastodon:
        MastodonPublisher(server=mastodon.url, access_token=SecretStr(mastodon.token), account="picks")
        mastodon.order(Fault(503))                                # the next post is refused
        mastodon.order(Fault(500, carried_out=True), at=2)        # the third is made, and the answer is an error
        mastodon.accepted, mastodon.live, mastodon.requests       # what happened, in order

As a process: ``python tests/support/mastodon_standin.py [--number N] [--roomy]`` prints one line of JSON,
``{"url": ..., "env": {"MASTODON_URL": ..., "MASTODON_ACCESS_TOKEN": ...}}``, and serves until its standard input ends.
There ``GET /_log`` returns ``{"accepted": [..], "live": [..], "requests": [..]}``. ``--roomy`` counts no requests.

Known differences from Mastodon: no media, boosts, quotes or other accounts but a stranger's posts; limits are counted
from the start and never reset; a key that is used by two requests at once is no trouble.
"""

import argparse
import json
import re
import secrets
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Final, Self
from urllib.parse import parse_qsl

from mastodon_account import NUMBER, Accepted, Account, RefusedError, utc_now
from x_http import Answer, Call, Server

_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Endpoint(StrEnum):
    """What the stand-in offers."""

    CREATE = "create"
    ME = "me"
    PROFILE = "profile"
    TIMELINE = "timeline"
    STATUS = "status"
    SOURCE = "source"
    DELETE = "delete"
    APP = "app"
    INSTANCE = "instance"


_ROUTES: Final[Mapping[Endpoint, tuple[str, re.Pattern[str]]]] = {
    Endpoint.CREATE: ("POST", re.compile("/api/v1/statuses")),
    Endpoint.ME: ("GET", re.compile("/api/v1/accounts/verify_credentials")),
    Endpoint.PROFILE: ("PATCH", re.compile("/api/v1/accounts/update_credentials")),
    Endpoint.TIMELINE: ("GET", re.compile(r"/api/v1/accounts/(\d+)/statuses")),
    Endpoint.STATUS: ("GET", re.compile(r"/api/v1/statuses/(\d+)")),
    Endpoint.SOURCE: ("GET", re.compile(r"/api/v1/statuses/(\d+)/source")),
    Endpoint.DELETE: ("DELETE", re.compile(r"/api/v1/statuses/(\d+)")),
    Endpoint.APP: ("GET", re.compile("/api/v1/apps/verify_credentials")),
    Endpoint.INSTANCE: ("GET", re.compile("/api/v2/instance")),
}
_ALL: Final = 300
_DELETES: Final = 30
_MOST_OF_A_PAGE: Final = 40


@dataclass(frozen=True)
class Fault:
    """What the server answers in place of a good answer; ``carried_out`` says whether the work is done all the same.

    ``error`` None is an answer that is no JSON, as of something in front of the server. ``reset`` is when a limit ends.
    """

    status: int
    error: str | None = "An error"
    carried_out: bool = False
    reset: str = ""


@dataclass
class _Order:
    fault: Fault
    endpoint: Endpoint
    at: int | None


@dataclass(frozen=True)
class Seen:
    """One request that arrived, and the status of its answer."""

    method: str
    path: str
    endpoint: Endpoint | None
    status: int


class MastodonStandin:
    """The account and its posts, served over HTTP between ``with`` and its end; ``roomy`` counts no requests."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime] = utc_now,
        port: int = 0,
        control: bool = False,
        number: str = NUMBER,
        roomy: bool = False,
        characters: int = 500,
        scopes: tuple[str, ...] = ("read", "write"),
    ) -> None:
        self._server = Server(self.answer, port=port)
        self.url = self._server.url
        self.account = Account(clock=clock, url=self.url, number=number, characters=characters)
        self.token = secrets.token_urlsafe(32)
        self.requests: list[Seen] = []
        self._scopes = scopes
        self._clock = clock
        self._control = control
        self._roomy = roomy
        self._orders: list[_Order] = []
        self._counts = dict.fromkeys(Endpoint, 0)
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def accepted(self) -> list[Accepted]:
        """Return every post that was made, oldest first, whatever was answered."""
        return self.account.accepted

    @property
    def live(self) -> list[Accepted]:
        """Return the posts that are up, oldest first."""
        return self.account.live

    def order(self, fault: Fault, *, endpoint: Endpoint = Endpoint.CREATE, at: int | None = None) -> None:
        """Spoil the next request to the endpoint, or the one numbered ``at``, counted from 0."""
        self._orders.append(_Order(fault, endpoint, at))

    def asked(self, endpoint: Endpoint) -> int:
        """Return how many requests came for that."""
        return self._counts[endpoint]

    def answer(self, call: Call) -> Answer:
        """Answer one request and write it down."""
        with self._lock:
            if self._control and call.path == "/_log":
                return self._log()
            endpoint = _endpoint(call)
            answer = self._answer(call, endpoint)
            self.requests.append(Seen(call.method, call.path, endpoint, answer.status))
            return answer

    def _answer(self, call: Call, endpoint: Endpoint | None) -> Answer:
        if endpoint is None:
            return Answer(404, b"<!doctype html><title>The page you are looking for isn't here</title>")
        limits = self._count(endpoint)
        fault = self._fault(endpoint)
        try:
            self._check_token(call, endpoint)
            answer = _json({}) if fault and not fault.carried_out else _json(self._work(call, endpoint))
        except RefusedError as error:
            return _refusal(error.status, error.error).with_headers(limits)
        if fault is not None:
            reset = {"X-RateLimit-Reset": fault.reset} if fault.reset else {}
            return _refusal(fault.status, fault.error).with_headers({**limits, **reset})
        return answer.with_headers(limits)

    def _fault(self, endpoint: Endpoint) -> Fault | None:
        for order in self._orders:
            if order.endpoint is endpoint and order.at in {None, self._counts[endpoint] - 1}:
                self._orders.remove(order)
                return order.fault
        return None

    def _count(self, endpoint: Endpoint) -> Mapping[str, str]:
        self._counts[endpoint] += 1
        if self._roomy:
            return {}
        deletes = endpoint is Endpoint.DELETE
        most, used = (_DELETES, self._counts[endpoint]) if deletes else (_ALL, sum(self._counts.values()))
        reset = self._clock() + timedelta(minutes=30 if deletes else 5)
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(most - used, 0)),
            "X-RateLimit-Reset": reset.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }

    def _check_token(self, call: Call, endpoint: Endpoint) -> None:
        if endpoint is Endpoint.INSTANCE:
            if "Authorization" in call.headers:
                raise RefusedError(400, "tests: the token is nobody's business here")
            return
        if call.headers.get("Authorization") != f"Bearer {self.token}":
            raise RefusedError(401, "The access token is invalid")
        if self._roomy:
            return
        if self._counts[Endpoint.DELETE] > _DELETES and endpoint is Endpoint.DELETE:
            raise RefusedError(429, "Too many requests")
        if sum(self._counts.values()) > _ALL:
            raise RefusedError(429, "Too many requests")

    def _work(self, call: Call, endpoint: Endpoint) -> object:
        work: Mapping[Endpoint, Callable[[Call], object]] = {
            Endpoint.CREATE: lambda call: self.account.as_status(self._create(call)),
            Endpoint.ME: lambda _: self.account.shown(),
            Endpoint.PROFILE: self._change_profile,
            Endpoint.TIMELINE: self._timeline,
            Endpoint.STATUS: lambda call: self.account.as_status(self.account.find(_id_in(call))),
            Endpoint.SOURCE: self._source,
            Endpoint.DELETE: lambda call: self.account.as_status(self.account.delete(_id_in(call))),
            Endpoint.APP: lambda _: {"name": "tests", "scopes": list(self._scopes)},
            Endpoint.INSTANCE: self._instance,
        }
        return work[endpoint](call)

    def _change_profile(self, call: Call) -> object:
        self.account.profile.update(_profile(_form(call, {"display_name", "note", "bot"})))
        return self.account.shown()

    def _source(self, call: Call) -> object:
        post = self.account.find(_id_in(call))
        return {"id": post.id, "text": post.text, "spoiler_text": post.spoiler_text}

    def _instance(self, _: Call) -> object:
        account = self.account
        taken = {"max_characters": account.characters, "characters_reserved_per_url": account.per_url}
        return {"domain": "mastodon.example", "configuration": {"statuses": taken}}

    def _create(self, call: Call) -> Accepted:
        fields = _form(call, {"status", "in_reply_to_id", "visibility", "language", "spoiler_text", "sensitive"})
        key = call.headers.get("Idempotency-Key", "")
        parent = fields.get("in_reply_to_id")
        if not _UUID.fullmatch(key):
            raise RefusedError(400, "tests: a post must carry a key of its own")
        if fields.get("visibility") != ("unlisted" if parent else "public"):
            raise RefusedError(400, "tests: first posts are public, replies unlisted")
        if not fields.get("language"):
            raise RefusedError(400, "tests: the language is not set")
        return self.account.post(
            fields.get("status", ""),
            parent=parent,
            visibility=fields["visibility"],
            language=fields["language"],
            key=key,
            spoiler_text=fields.get("spoiler_text", ""),
        )

    def _timeline(self, call: Call) -> object:
        query = _fields(call.query, {"limit", "max_id", "exclude_reblogs"})
        if _id_in(call) != self.account.id:
            raise RefusedError(404, "Record not found")
        size = min(int(query.get("limit", "20")), _MOST_OF_A_PAGE)
        before = int(query.get("max_id", str(10**20)))
        newest_first = [post for post in self.account.live[::-1] if int(post.id) < before]
        return [self.account.as_status(post) for post in newest_first[:size]]

    def _log(self) -> Answer:
        kept = {"accepted": self.accepted, "live": self.live, "requests": self.requests}
        return _json({name: [asdict(item) for item in items] for name, items in kept.items()})  # type: ignore[attr-defined]


def _endpoint(call: Call) -> Endpoint | None:
    for endpoint, (method, path) in _ROUTES.items():
        if method == call.method and path.fullmatch(call.path):
            return endpoint
    return None


def _id_in(call: Call) -> str:
    return call.path.split("/")[4]


def _form(call: Call, allowed: set[str]) -> dict[str, str]:
    if call.headers.get("Content-Type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        raise RefusedError(400, "tests: the body is no form")
    if len(call.body) != int(call.headers.get("Content-Length", "0")):
        raise RefusedError(400, "tests: half a request")
    return _fields(call.body.decode(), allowed)


def _fields(text: str, allowed: set[str]) -> dict[str, str]:
    pairs = parse_qsl(text, keep_blank_values=True)
    fields = dict(pairs)
    if len(fields) != len(pairs) or not set(fields) <= allowed:
        raise RefusedError(400, f"tests: a field is unknown or stands twice: {sorted(fields)}")
    return fields


def _profile(fields: Mapping[str, str]) -> dict[str, object]:
    return {name: value.lower() in {"1", "true"} if name == "bot" else value for name, value in fields.items()}


def _refusal(status: int, error: str | None) -> Answer:
    if error is None:
        return Answer(status, f"<h1>{HTTPStatus(status).phrase}</h1>".encode())
    return Answer(status, json.dumps({"error": error}).encode())


def _json(body: object) -> Answer:
    return Answer(200, json.dumps(body, default=str).encode())


def main() -> None:
    """Serve as a process of its own, until standard input ends."""
    parser = argparse.ArgumentParser(description="A strict stand-in for a Mastodon server, for tests")
    parser.add_argument("--number", default=NUMBER, help="the account's number")
    parser.add_argument("--roomy", action="store_true", help="count no requests")
    arguments = parser.parse_args()
    with MastodonStandin(control=True, number=arguments.number, roomy=arguments.roomy) as mastodon:
        env = {"MASTODON_URL": mastodon.url, "MASTODON_ACCESS_TOKEN": mastodon.token}
        print(json.dumps({"url": mastodon.url, "env": env}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
