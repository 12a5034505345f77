"""A strict stand-in for X's API: one account, on 127.0.0.1, with faults to order and a record of the truth.

It offers ``POST /2/tweets``, ``GET /2/users/me``, ``GET /2/users/:id/tweets``, ``GET /2/tweets/:id`` and
``DELETE /2/tweets/:id``. Every
request must carry a right OAuth 1.0a signature with a new nonce and a present timestamp. The body of a post may hold
``text`` and ``reply.in_reply_to_tweet_id`` and nothing else: this is all the bot may send. A post that is too long,
answers no live post of the account or repeats the words of a live one is refused with X's own error body. Texts come
back as X shows them: ``& < >`` escaped, addresses as t.co links with entities. Each answer has rate limit headers.

In a test::

    with XStandin() as x:
        XPublisher(api_url=x.url, consumer_key=SecretStr(x.credentials.consumer_key), ...)
        x.order(Fault(Trick.DROP, carried_out=True), at=2)       # the third post goes up, its answer is lost
        x.order(Fault(Trick.REFUSE, error="credits"))            # the next post is refused
        x.order(Fault(Trick.LATE, seconds=5), endpoint=Endpoint.TIMELINE, times=3)
        x.accepted, x.live, x.requests                           # what happened, in order

As a process: ``python tests/x_standin.py [--port N] [--length MODULE:FUNCTION] [--number N]`` prints one line of JSON,
``{"url": ..., "env": {"X_API_URL": ..., "X_CONSUMER_KEY": ..., ...}}``, and serves until its standard input ends.
There, ``POST /_control`` takes an order as JSON (``{"trick": "drop", "carried_out": true, "at": 2}``; the keys are
those of ``Fault`` and of ``order``) and ``GET /_log`` returns ``{"accepted": [..], "live": [..], "requests": [..]}``.

Known differences from X: no media, quotes, search or other accounts; limits are counted from the start and never reset;
an address without ``https://`` is found for a few top-level domains only.
"""

import argparse
import importlib
import json
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, Self
from urllib.parse import parse_qsl, urlsplit

import x_errors
from x_account import FIELDS, NUMBER, Accepted, Account, RefusedError, as_created, as_page, as_post, characters, utc_now
from x_http import Answer, Call, Server, Trick
from x_signature import Credentials, wrong

WINDOW: Final = 900
_SNOWFLAKE: Final = re.compile(r"\d{1,19}")
_TOKEN: Final = re.compile(r"tests-(\d+)")


class Endpoint(StrEnum):
    """What the stand-in offers; the values are used in orders."""

    CREATE = "create"
    ME = "me"
    TIMELINE = "timeline"
    POST = "post"
    DELETE = "delete"


_ROUTES: Final[Mapping[Endpoint, tuple[str, re.Pattern[str]]]] = {
    Endpoint.CREATE: ("POST", re.compile("/2/tweets")),
    Endpoint.ME: ("GET", re.compile("/2/users/me")),
    Endpoint.TIMELINE: ("GET", re.compile(r"/2/users/(\d+)/tweets")),
    Endpoint.POST: ("GET", re.compile(r"/2/tweets/(\d+)")),
    Endpoint.DELETE: ("DELETE", re.compile(r"/2/tweets/(\d+)")),
}
_LIMITS: Final = {
    Endpoint.CREATE: 100,
    Endpoint.DELETE: 50,
    Endpoint.ME: 250,
    Endpoint.TIMELINE: 900,
    Endpoint.POST: 900,
}


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a request; ``carried_out`` says whether its work is done all the same.

    ``error`` is a name of ``x_errors.NAMED``, for REFUSE. ``reset`` is sent as ``x-rate-limit-reset`` with it: seconds
    from now, another text as it is, None for no such header. ``seconds`` is the delay of LATE, which is carried out.
    ``location`` is where REDIRECT leads. PAGE is what a firewall in front of X answers.
    """

    trick: Trick
    carried_out: bool = False
    error: str = "internal"
    reset: int | str | None = None
    seconds: float = 0.0
    location: str = ""


@dataclass
class _Order:
    fault: Fault
    endpoint: Endpoint
    at: int | None
    times: int


@dataclass(frozen=True)
class Seen:
    """One request that arrived; ``status`` is None where no answer was given."""

    method: str
    path: str
    endpoint: Endpoint | None
    status: int | None


class XStandin:
    """The account and its posts, served over HTTP between ``with`` and its end."""

    def __init__(
        self,
        *,
        length: Callable[[str], int] = characters,
        clock: Callable[[], datetime] = utc_now,
        port: int = 0,
        control: bool = False,
        number: str = NUMBER,
        access_level: str = "read-write",
    ) -> None:
        self.account = Account(length=length, clock=clock, number=number)
        self.credentials = Credentials.fresh(user_id=self.account.id)
        self.requests: list[Seen] = []
        self.queries: list[Mapping[str, str]] = []
        self._access_level = access_level
        self._clock = clock
        self._control = control
        self._orders: list[_Order] = []
        self._counts = dict.fromkeys(Endpoint, 0)
        self._nonces: set[str] = set()
        self._lock = threading.Lock()
        self._server = Server(self.answer, port=port)
        self.url = self._server.url
        self.hosts = {urlsplit(self.url).netloc}  # add a proxy's host and port, and what is signed for it is right too

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

    def order(
        self, fault: Fault, *, endpoint: Endpoint = Endpoint.CREATE, at: int | None = None, times: int = 1
    ) -> None:
        """Spoil the next ``times`` requests to the endpoint, or the one numbered ``at``, counted from 0."""
        if fault.error not in x_errors.NAMED:
            raise ValueError(f"{fault.error!r} is none of {sorted(x_errors.NAMED)}")
        self._orders.append(_Order(fault, endpoint, at, times))

    def answer(self, call: Call) -> Answer:
        """Answer one request and write it down."""
        with self._lock:
            if self._control and call.path in {"/_control", "/_log"}:
                return self._take_order(call) if call.path == "/_control" else self._log()
            endpoint = _endpoint(call)
            answer = self._answer(call, endpoint)
            given = None if answer.trick in {Trick.DROP, Trick.RESET} else answer.status
            self.queries.append(dict(parse_qsl(call.query)))
            self.requests.append(Seen(call.method, call.path, endpoint, given))
            return answer

    def _answer(self, call: Call, endpoint: Endpoint | None) -> Answer:
        if endpoint is None:
            return _refusal(x_errors.NOT_FOUND)
        limits = self._count(endpoint)
        try:
            self._check_signature(call)
            fault = self._fault(endpoint)
            idle = fault is not None and not fault.carried_out and fault.trick is not Trick.LATE
            answer = _json(201, {}) if idle else self._work(call, endpoint)
        except RefusedError as error:
            return _refusal(error.refusal).with_headers(limits)
        if fault is not None:
            answer, limits = self._spoil(answer, fault, limits)
        return answer.with_headers(limits)

    def _fault(self, endpoint: Endpoint) -> Fault | None:
        for order in self._orders:
            if order.endpoint is endpoint and order.times and order.at in {None, self._counts[endpoint] - 1}:
                order.times -= 1
                return order.fault
        return None

    def _spoil(self, answer: Answer, fault: Fault, limits: Mapping[str, str]) -> tuple[Answer, Mapping[str, str]]:
        if fault.trick is Trick.REFUSE:
            return _refusal(x_errors.NAMED[fault.error]), {**limits, "x-rate-limit-reset": self._reset(fault.reset)}
        if fault.trick is Trick.ONLY_ERRORS:
            return _json(200, {"errors": [{"title": "Invalid Request", "detail": "no data for this post"}]}), limits
        if fault.trick is Trick.REDIRECT:
            return _json(307, {}), {**limits, "Location": fault.location}
        if fault.trick is Trick.PAGE:
            return Answer(403, b"<!doctype html><title>Attention Required!</title>"), {}
        return answer.spoilt(fault.trick, seconds=fault.seconds), limits

    def _count(self, endpoint: Endpoint) -> Mapping[str, str]:
        self._counts[endpoint] += 1
        limit = _LIMITS[endpoint]
        return {
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(limit - self._counts[endpoint], 0)),
            "x-rate-limit-reset": self._reset(WINDOW),
        }

    def _reset(self, wish: int | str | None) -> str:
        return str(int(self._clock().timestamp()) + wish) if isinstance(wish, int) else wish or ""

    def _check_signature(self, call: Call) -> None:
        mistake = wrong(
            call.headers.get("Authorization", ""),
            method=call.method,
            url=f"http://{call.headers.get('Host', '')}{call.path}",
            query=parse_qsl(call.query, keep_blank_values=True),
            credentials=self.credentials,
            nonces=self._nonces,
            now=self._clock().timestamp(),
        )
        if mistake is not None or call.headers.get("Host") not in self.hosts:
            raise RefusedError(x_errors.UNAUTHORIZED)

    def _work(self, call: Call, endpoint: Endpoint) -> Answer:
        if self._counts[endpoint] > _LIMITS[endpoint]:
            raise RefusedError(x_errors.RATE_LIMIT)
        work = {
            Endpoint.CREATE: self._create,
            Endpoint.ME: self._me,
            Endpoint.TIMELINE: self._timeline,
            Endpoint.POST: self._post,
            Endpoint.DELETE: self._delete,
        }
        return work[endpoint](call)

    def _create(self, call: Call) -> Answer:
        text, parent = _read_post(call)
        return _json(201, {"data": as_created(self.account.post(text, parent=parent))})

    def _me(self, call: Call) -> Answer:
        _query(call, allowed=set())
        names = {"id": self.account.id, "name": "Example Picks", "username": self.account.username}
        said = {"x-access-level": self._access_level} if self._access_level else {}
        return _json(200, {"data": names}).with_headers(said)

    def _timeline(self, call: Call) -> Answer:
        query = _query(call, allowed={"max_results", "pagination_token", "tweet.fields"})
        if _id_in(call) != self.account.id:
            raise _invalid("The id is not this account's", id=[_id_in(call)])
        size = query.get("max_results", "10")
        if not size.isdecimal() or not 5 <= int(size) <= 100:
            raise _invalid("max_results is not between 5 and 100", max_results=[size])
        fields = self._fields(query)
        start = _start(query.get("pagination_token", "tests-0"))
        end = start + int(size)
        newest_first = self.account.live[::-1]
        token = f"tests-{end}" if end < len(newest_first) else None
        return _json(200, as_page(newest_first[start:end], fields=fields, next_token=token))

    def _post(self, call: Call) -> Answer:
        query = _query(call, allowed={"tweet.fields"})
        post, fields = self.account.find(_id_in(call)), self._fields(query)
        if post is None:
            return _json(200, x_errors.no_such_post(_id_in(call)))
        return _json(200, {"data": as_post(post, fields=fields, author=self.account.author_of(post))})

    def _fields(self, query: Mapping[str, str]) -> frozenset[str]:
        fields = frozenset(filter(None, query.get("tweet.fields", "").split(",")))
        if not fields <= FIELDS:
            raise _invalid("A field is not offered", fields=sorted(fields - FIELDS))
        return fields - {"entities"} if self.account.hides_entities else fields

    def _delete(self, call: Call) -> Answer:
        return _json(200, {"data": {"deleted": self.account.delete(_id_in(call))}})

    def _take_order(self, call: Call) -> Answer:
        try:
            told = json.loads(call.body)
            placing = {name: told.pop(name) for name in ("at", "times") if name in told}
            endpoint = Endpoint(told.pop("endpoint", Endpoint.CREATE))
            self.order(Fault(**{**told, "trick": Trick(told["trick"])}), endpoint=endpoint, **placing)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return _json(400, {"error": f"not an order: {error!r}"})
        return _json(200, {})

    def _log(self) -> Answer:
        kept: Mapping[str, Sequence[Accepted | Seen]]
        kept = {"accepted": self.accepted, "live": self.live, "requests": self.requests}
        return _json(200, {name: [asdict(item) for item in items] for name, items in kept.items()})


def _endpoint(call: Call) -> Endpoint | None:
    for endpoint, (method, path) in _ROUTES.items():
        if method == call.method and path.fullmatch(call.path):
            return endpoint
    return None


def _id_in(call: Call) -> str:
    return call.path.split("/")[3]


def _start(token: str) -> int:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise _invalid("The token is none of ours", pagination_token=[token])
    return int(match[1])


def _read_post(call: Call) -> tuple[str, str | None]:
    """Return the text and the parent's id of a post's body; refuse everything that is not asked for."""
    if call.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
        raise _invalid("The content type is not application/json")
    try:
        body = json.loads(call.body)
    except ValueError:
        raise _invalid("The body is not JSON") from None
    fields = _object(body, "$", allowed={"text", "reply"})
    text = fields.get("text")
    if not isinstance(text, str) or not text.strip():
        raise _invalid("$.text: must be a text that is not blank", text=[str(text)])
    if "reply" not in fields:
        return text, None
    parent = _object(fields["reply"], "$.reply", allowed={"in_reply_to_tweet_id"}).get("in_reply_to_tweet_id")
    if not isinstance(parent, str) or not _SNOWFLAKE.fullmatch(parent):
        raise _invalid("$.reply.in_reply_to_tweet_id: must be an id", reply=[str(parent)])
    return text, parent


def _object(value: object, place: str, *, allowed: set[str]) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _invalid(f"{place}: is not an object")
    unknown = sorted(set(value) - allowed)
    if unknown:
        raise _invalid(f"{place}.{unknown[0]}: is not a known field", field=unknown)
    return value


def _query(call: Call, *, allowed: set[str]) -> Mapping[str, str]:
    pairs = parse_qsl(call.query, keep_blank_values=True)
    query = dict(pairs)
    if len(query) != len(pairs) or not set(query) <= allowed:
        raise _invalid("A query parameter is unknown or stands twice", query=sorted(query))
    return query


def _invalid(message: str, **parameters: list[str]) -> RefusedError:
    return RefusedError(x_errors.invalid(message, **parameters))


def _refusal(refusal: x_errors.Refusal) -> Answer:
    return _json(refusal.status, refusal.body)


def _json(status: int, body: object) -> Answer:
    return Answer(status, json.dumps(body, default=str).encode())


def _function(name: str) -> Callable[[str], int]:
    module, _, function = name.partition(":")
    found: Callable[[str], int] = getattr(importlib.import_module(module), function)
    return found


def main() -> None:
    """Serve as a process of its own, until standard input ends."""
    parser = argparse.ArgumentParser(description="A strict stand-in for X's API, for tests")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--length", default="x_account:characters", help="what counts a text, as MODULE:FUNCTION")
    parser.add_argument("--number", default=NUMBER, help="the account's number")
    arguments = parser.parse_args()
    sys.path.append(str(Path.cwd()))
    with XStandin(length=_function(arguments.length), port=arguments.port, control=True, number=arguments.number) as x:
        env = {f"X_{name.upper()}": value for name, value in asdict(x.credentials).items()}
        print(json.dumps({"url": x.url, "env": {"X_API_URL": x.url, **env}}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
