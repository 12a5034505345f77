"""What a platform's server may take of our time and memory, whichever platform it is."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from typing import Self

import pytest
from pydantic import SecretStr

from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.domain.posts import Post
from bot.http import ANSWER_LIMIT
from bot.platforms.bluesky.post_urls import QuoteUnreachableError
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.bluesky.quotes import resolve_quote
from bot.platforms.memory import MemorySessionStore
from bot.platforms.publisher import Publisher, Request
from bot.platforms.x.publisher import XPublisher
from local_http import LocalHandler, LocalServer

pytestmark = pytest.mark.network

POSTS = (Post(text="words", length=5, limit=280),)
NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
DEADLINE = 0.3
PAUSE = 0.02
"""Seconds between two bytes that drip; a slow answer takes hundreds of times as long as the deadline is away."""

SECRET = SecretStr("made-up")
TOKEN = "e30.eyJleHAiOjk5OTk5OTk5OTl9.c2ln"  # {}, {"exp":9999999999} and no real signature
LONG = b"x" * 5000
"""Drips for 100 seconds."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
SLOW = {
    "headers": (b"", HEAD + b"X-Long: " + LONG),
    "body": (HEAD + b"Content-Length: 5000\r\n\r\n", LONG),
    "body-of-unknown-length": (HEAD + b"Connection: close\r\n\r\n", LONG),
    "packed-body": (HEAD + b"Content-Encoding: gzip\r\nContent-Length: 5000\r\n\r\n", b"\x1f\x8b\x08\x08" + LONG),
}


class Dripping(LocalServer):
    """Sends the one part of its answer at once, and the other a byte at a time."""

    def __init__(self, at_once: bytes = b"", slowly: bytes = b"") -> None:
        super().__init__(_Handler)
        self.at_once, self.slowly = at_once, slowly

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler(LocalHandler):
    server: Dripping

    def serve(self) -> None:
        self.close_connection = True
        self.read_body()
        with suppress(ConnectionError):  # the client hung up: that is what these tests are about
            self.wfile.write(self.server.at_once)
            for byte in self.server.slowly:
                if self.server.stopping.wait(PAUSE):
                    return
                self.wfile.write(bytes([byte]))


def x(url: str, deadline: float) -> XPublisher:
    return XPublisher(
        consumer_key=SECRET,
        consumer_secret=SECRET,
        access_token=SECRET,
        access_token_secret=SECRET,
        api_url=url,
        deadline=deadline,
    )


def bluesky(url: str, deadline: float, *, signed_in: bool = True) -> BlueskyPublisher:
    session = f"picks.test:::did:plc:{'a' * 24}:::{TOKEN}:::{TOKEN}:::{url}" if signed_in else None
    return BlueskyPublisher(
        service=url,
        handle="picks.test",
        app_password=SECRET,
        sessions=MemorySessionStore(session),
        deadline=deadline,
    )


Make = Callable[[str, float], Publisher]
on_both = pytest.mark.parametrize("make", [x, bluesky])


@contextmanager
def prepared(make: Make, url: str, *, deadline: float = DEADLINE) -> Iterator[tuple[Publisher, Request]]:
    with closing(make(url, deadline)) as publisher:
        yield publisher, publisher.prepare(POSTS, sent=(), name="a thread", now=NOW)


@on_both
@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_post_whose_answer_drips_is_given_up_as_of_unknown_outcome(make: Make, slow: tuple[bytes, bytes]) -> None:
    too_slow = pytest.raises(UnknownOutcomeError, match=r"took longer than 0\.3 s|did not answer in time")
    with Dripping(*slow) as server, prepared(make, server.url) as (publisher, request), too_slow:
        publisher.send(request)


@on_both
@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_look_whose_answer_drips_may_be_repeated(make: Make, slow: tuple[bytes, bytes]) -> None:
    too_slow = pytest.raises(TransientError, match=r"took longer than 0\.3 s|cannot ask X")
    with Dripping(*slow) as server, prepared(make, server.url) as (publisher, request), too_slow:
        publisher.find(request)


def test_a_sign_in_whose_answer_drips_may_be_repeated() -> None:
    too_slow = pytest.raises(TransientError, match=r"sign in to Bluesky as picks.test: .* took longer than 0\.3 s")
    with (
        Dripping(*SLOW["body"]) as server,
        closing(bluesky(server.url, DEADLINE, signed_in=False)) as publisher,
        too_slow,
    ):
        publisher.prepare(POSTS, sent=(), name="a thread", now=NOW)


@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW)
def test_a_quote_whose_server_drips_cannot_be_looked_up(slow: tuple[bytes, bytes]) -> None:
    too_slow = pytest.raises(QuoteUnreachableError, match=r"does not answer \(took longer than 0\.3 s\)")
    with Dripping(*slow) as server, too_slow:
        resolve_quote("https://bsky.app/profile/a.test/post/3kabc", service=server.url, deadline=DEADLINE)


def padded(document: object, size: int) -> bytes:
    """Write a good answer whose body has this many bytes, spaces first: all of it is needed to believe it."""
    return HEAD + b"Content-Length: %d\r\n\r\n" % size + json.dumps(document).encode().rjust(size)


@on_both
def test_an_answer_up_to_the_limit_is_read_and_a_longer_one_not_believed(make: Make) -> None:
    with Dripping() as server, prepared(make, server.url, deadline=30.0) as (publisher, request):
        good = {"data": {"id": "1"}, "results": request.body.get("posts")}
        server.at_once = padded(good, ANSWER_LIMIT)
        assert [receipt.position for receipt in publisher.send(request)] == [0]
        server.at_once = padded(good, ANSWER_LIMIT + 1)
        with pytest.raises(UnknownOutcomeError):
            publisher.send(request)
