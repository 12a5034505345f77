"""Fetching over real connections: manners, limits, refusals and retries."""

import contextlib
import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest
import stamina

import bot
import sample_feeds
from bot.arxiv.client import FeedClient, Fetched, feed_url, retry_after
from bot.arxiv.errors import FeedError, FeedRefusedError, FeedUnavailableError
from bot.domain.channel_sections import FeedFormat
from bot.domain.errors import PermanentError, TransientError

pytestmark = pytest.mark.network

FEED = sample_feeds.rss(sample_feeds.PLAIN)
ETAG = "d41d8cd98f00b204e9800998ecf8427e"  # bare, as arXiv sends it
Answer = Callable[["Handler"], None]


class Server(ThreadingHTTPServer):
    """A feed server that gives one prepared answer a request, the last one again and again."""

    daemon_threads = True

    def __init__(self, *answers: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.requests: list[dict[str, str]] = []
        self.stopping = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/rss/cs.CL"


class Handler(BaseHTTPRequestHandler):
    """Answers as the server was told to."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        seen = self.server.requests
        seen.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        with contextlib.suppress(OSError):  # the client may have hung up: that is what some tests are about
            self.server.answers[min(len(seen), len(self.server.answers)) - 1](self)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def send(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self, data: bytes) -> None:
        for number in range(len(data)):
            self.wfile.write(data[number : number + 1])
            if self.server.stopping.wait(0.02):
                return


def answer(status: int, body: bytes = b"", **headers: str) -> Answer:
    return lambda handler: handler.send(status, body, **headers)


@contextlib.contextmanager
def serving(*answers: Answer) -> Iterator[Server]:
    server = Server(*answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def client(*, attempts: int = 1, **options: Any) -> Iterator[FeedClient]:
    """Make a client that does not wait between attempts and ignores the machine's proxy settings."""
    retrying = stamina.RetryingCaller(attempts=attempts, timeout=None, wait_initial=0, wait_max=0, wait_jitter=0)
    options = {"transport": httpx2.HTTPTransport(), "timeout": 5.0, "retrying": retrying, **options}
    with FeedClient("mailto:operator@example.org", **options) as feed_client:
        yield feed_client


def failure(server: Server, **options: Any) -> FeedError:
    with client(**options) as feed_client, pytest.raises(FeedError) as caught:
        feed_client.fetch(server.url)
    assert str(caught.value).startswith(server.url)
    return caught.value


def test_a_feed_comes_back_with_its_etag() -> None:
    with serving(answer(200, FEED, ETag=ETAG)) as server, client() as feed_client:
        fetched = feed_client.fetch(server.url)
    assert replace(fetched, sent_at=None) == Fetched(status=200, body=FEED, etag=ETAG)


def test_we_say_who_we_are_and_send_the_etag_back_as_it_came() -> None:
    with serving(answer(304)) as server, client() as feed_client:
        fetched = feed_client.fetch(server.url, etag=ETAG)
    assert replace(fetched, sent_at=None) == Fetched(status=304, body=None, etag=ETAG)
    request = server.requests[0]
    assert request["user-agent"] == f"daily-picks/{bot.__version__} (+mailto:operator@example.org)"
    assert (request["if-none-match"], request["path"]) == (ETAG, "/rss/cs.CL")


@pytest.mark.parametrize(
    ("contact", "sent"),
    [
        ("mailto:é@example.org", "mailto:%C3%A9@example.org"),
        ("mailto:a%40b@example.org (A. One)", "mailto:a%40b@example.org (A. One)"),
        ("two\r\nLines: 1", "two%0D%0ALines: 1"),
        ("\udcff", "?"),
    ],
)
def test_a_contact_of_any_characters_can_be_sent(contact: str, sent: str) -> None:
    def respond(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=request.headers["user-agent"].encode())

    with FeedClient(contact, transport=httpx2.MockTransport(respond)) as feed_client:
        body = feed_client.fetch("https://rss.arxiv.org/rss/cs.CL").body
    assert body == f"daily-picks/{bot.__version__} (+{sent})".encode()


def test_without_an_etag_nothing_is_asked_conditionally() -> None:
    with serving(answer(200, FEED)) as server, client() as feed_client:
        assert replace(feed_client.fetch(server.url), sent_at=None) == Fetched(status=200, body=FEED, etag=None)
    assert "if-none-match" not in server.requests[0]


def test_a_packed_answer_is_unpacked() -> None:
    with serving(answer(200, gzip.compress(FEED), Content_Encoding="gzip")) as server, client() as feed_client:
        assert feed_client.fetch(server.url).body == FEED
    assert server.requests[0]["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (400, "answers HTTP 400 Bad Request: no such feed is there; check the address or feeds.categories"),
        (404, "answers HTTP 404 Not Found: no such feed is there; check the address or feeds.categories"),
        (403, "answers HTTP 403 Forbidden; check the address and the contact that we send"),
        (206, "answers HTTP 206 Partial Content; check the address and the contact that we send"),
        (304, "answers HTTP 304 Not Modified; check the address and the contact that we send"),
    ],
)
def test_a_refusal_is_permanent_and_not_repeated(status: int, reason: str) -> None:
    with serving(answer(status)) as server:
        error = failure(server, attempts=3)
    assert str(error) == f"{server.url} {reason}"
    assert (type(error), isinstance(error, PermanentError)) == (FeedRefusedError, True)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_transient_and_repeated_a_few_times(status: int) -> None:
    with serving(answer(status)) as server:
        error = failure(server, attempts=3)
    assert (type(error), isinstance(error, TransientError)) == (FeedUnavailableError, True)
    assert str(error).endswith(f" answers HTTP {status} {HTTPStatus(status).phrase}; try again later")
    assert len(server.requests) == 3


def test_an_outage_that_passes_is_not_noticed() -> None:
    with serving(answer(503), answer(429, Retry_After="0"), answer(200, FEED)) as server, client(attempts=3) as picks:
        assert picks.fetch(server.url).body == FEED
    assert len(server.requests) == 3


def test_a_long_pause_that_the_server_wishes_is_left_to_the_caller() -> None:
    with serving(answer(503, Retry_After="3600")) as server:
        error = failure(server, attempts=3)
    assert isinstance(error, FeedUnavailableError)
    assert (error.retry_after, len(server.requests)) == (3600.0, 1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        ("Tue, 17 Feb 2026 12:01:00 GMT", 60.0),
        ("Tue, 17 Feb 2026 11:00:00 GMT", 0.0),
        ("999999999999", 86_400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms_and_bounded(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=datetime(2026, 2, 17, 12, tzinfo=UTC)) == seconds


def test_nobody_listening_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/rss/cs.CL"
    with (
        client() as feed_client,
        pytest.raises(FeedUnavailableError, match=r": no connection \(.*\); try again later$"),
    ):
        feed_client.fetch(url)


def keep_silent(handler: Handler) -> None:
    handler.server.stopping.wait(20)


def test_a_silent_server_is_given_up_after_the_time_limit() -> None:
    with serving(keep_silent) as server:
        error = failure(server, timeout=0.2)
    assert str(error).startswith(f"{server.url}: no answer within the time limit")
    assert isinstance(error, FeedUnavailableError)


def drip_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    handler.drip(b" " * 100_000)


def drip_body_of_unknown_length(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    handler.close_connection = True
    handler.drip(b" " * 100_000)


def drip_packed_body(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100000\r\n\r\n")
    handler.drip(b"\x1f\x8b\x08\x08" + b"\x00" * 6 + b"name" * 20_000)  # a header that never ends unpacks to nothing


def drip_headers(handler: Handler) -> None:
    handler.drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 10_000)


@pytest.mark.parametrize("drip", [drip_body, drip_body_of_unknown_length, drip_packed_body, drip_headers])
def test_a_server_that_drips_is_cut_off_at_the_deadline(drip: Answer) -> None:
    with serving(drip) as server:
        started = time.monotonic()
        error = failure(server, deadline=0.5)
        took = time.monotonic() - started
    assert (type(error), str(error)) == (
        FeedUnavailableError,
        f"{server.url} took longer than 0.5 s; try again later",
    )
    assert took < 60  # dripped to its end, the shortest of these would take minutes


def test_the_deadline_holds_for_each_fetch_of_a_client_alone() -> None:
    with serving(answer(200, FEED), drip_body, answer(200, FEED)) as server, client(deadline=0.5) as feed_client:
        assert feed_client.fetch(server.url).body == FEED
        with pytest.raises(FeedUnavailableError, match=r"took longer than 0\.5 s"):
            feed_client.fetch(server.url)
        assert feed_client.fetch(server.url).body == FEED


def break_off(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + FEED)
    handler.close_connection = True


def garbage(handler: Handler) -> None:
    handler.wfile.write(b"\x00\x01 no HTTP at all\r\n\r\n")
    handler.close_connection = True


@pytest.mark.parametrize("broken", [break_off, garbage, answer(200, b"no gzip", Content_Encoding="gzip")])
def test_a_damaged_answer_is_transient(broken: Answer) -> None:
    with serving(broken) as server:
        assert isinstance(failure(server), FeedUnavailableError)


def test_an_answer_may_be_as_large_as_the_limit_and_no_larger() -> None:
    with serving(answer(200, b"x" * 1000)) as server:
        with client(max_bytes=1000) as feed_client:
            assert len(feed_client.fetch(server.url).body or b"") == 1000
        error = failure(server, max_bytes=999)
    assert str(error) == f"{server.url} sends more than 999 bytes: that is no feed; check the address"


def test_a_gzip_bomb_is_stopped_at_the_limit() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(100)) + packer.flush()
    with serving(answer(200, bomb, Content_Encoding="gzip")) as server:
        assert str(failure(server)).startswith(f"{server.url} sends more than 20,000,000 bytes")


def test_a_redirect_to_the_same_host_is_followed_with_the_etag() -> None:
    with serving(answer(302, Location="/other"), answer(200, FEED)) as server, client() as feed_client:
        assert feed_client.fetch(server.url, etag=ETAG).body == FEED
    assert [(request["path"], request["if-none-match"]) for request in server.requests] == [
        ("/rss/cs.CL", ETAG),
        ("/other", ETAG),
    ]


def test_a_redirect_in_a_circle_ends_after_three() -> None:
    with serving(answer(301, Location="/rss/cs.CL")) as server:
        error = failure(server, attempts=3)
    assert str(error) == f"{server.url} redirects more than 3 times; check the address"
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("target", "followed"),
    [
        ("https://rss.arxiv.org/rss/cs.LG", True),
        ("https://export.arxiv.org/rss/cs.CL", True),
        ("https://arxiv.org/rss/cs.CL", True),
        ("http://rss.arxiv.org/rss/cs.CL", False),
        ("https://example.org/rss/cs.CL", False),
        ("https://rss.arxiv.org.example.org/", False),
        ("https://notarxiv.org/", False),
    ],
)
def test_a_redirect_is_followed_to_arxiv_only(target: str, followed: bool) -> None:
    asked: list[str] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return (
            httpx2.Response(200, content=FEED) if len(asked) > 1 else httpx2.Response(302, headers={"location": target})
        )

    with client(transport=httpx2.MockTransport(respond)) as feed_client:
        if followed:
            assert feed_client.fetch("https://rss.arxiv.org/rss/cs.CL").body == FEED
        else:
            with pytest.raises(FeedRefusedError, match=r"away from arXiv: not followed; check the address$"):
                feed_client.fetch("https://rss.arxiv.org/rss/cs.CL")
    assert asked == ["https://rss.arxiv.org/rss/cs.CL", *([target] if followed else [])]


@pytest.mark.parametrize("url", ["ftp://rss.arxiv.org/rss/cs.CL", "rss.arxiv.org", "http://", "http://exa..mple"])
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with client() as feed_client, pytest.raises(FeedRefusedError, match=r"cannot be asked for \(.*check the address$"):
        feed_client.fetch(url)


def test_leaving_the_block_closes_the_connections() -> None:
    with serving(answer(200, FEED)) as server:
        with client() as feed_client:
            feed_client.fetch(server.url)
        with pytest.raises(RuntimeError, match="closed"):
            feed_client.fetch(server.url)


@pytest.mark.parametrize("base", ["https://rss.arxiv.org", "https://rss.arxiv.org/"])
def test_the_address_of_a_feed_has_format_and_category(base: str) -> None:
    assert feed_url(base, FeedFormat.RSS, "cs.CL") == "https://rss.arxiv.org/rss/cs.CL"
    assert feed_url(base, FeedFormat.ATOM, "stat.ML") == "https://rss.arxiv.org/atom/stat.ML"


SECRET = "c4nary"
MIRROR = f"https://me:{SECRET}@mirror.example/rss/cs.CL"


def _answers(*responses: httpx2.Response | Exception) -> tuple[httpx2.MockTransport, list[httpx2.Request]]:
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        answer = responses[len(asked) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return httpx2.MockTransport(respond), asked


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(404),
        httpx2.Response(503),
        httpx2.Response(200, content=b"x" * 2_000),
        httpx2.Response(302, headers={"location": f"https://me:{SECRET}@elsewhere.example/rss"}),
        httpx2.Response(302, headers={"location": f"https://me:half@{SECRET}@elsewhere.example/" + "x" * 90}),
        httpx2.Response(302, headers={"location": f"https://elsewhere.example/?token={SECRET}"}),
        httpx2.Response(302, headers={"location": f"ftp://me:{SECRET}@mirror.example/"}),
        httpx2.ConnectError(f"no way to {MIRROR}"),
        httpx2.ReadTimeout(f"{MIRROR} " * 9),
        httpx2.ProxyError(f"the proxy http://me:{SECRET}@proxy.example refuses"),
        httpx2.InvalidURL(f"Invalid port: '{SECRET}'"),
        httpx2.UnsupportedProtocol(f"no protocol for {MIRROR}"),
    ],
    ids=str,
)
def test_no_failure_says_the_password_of_an_address(answer: httpx2.Response | Exception) -> None:
    transport, asked = _answers(answer)
    with client(transport=transport, max_bytes=1_000) as feed_client, pytest.raises(FeedError) as caught:
        feed_client.fetch(MIRROR)
    assert str(caught.value).startswith("https://mirror.example/rss/cs.CL")
    assert SECRET not in str(caught.value)
    assert asked[0].headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "url",
    [
        f"http://me:{SECRET}/x@mirror.example/rss",
        f"http://me:half/{SECRET}@mirror.example/rss",
        f"http://me:half#{SECRET}@mirror.example/rss",
        f"http://me:{SECRET}",
    ],
)
def test_an_address_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with (
        client() as feed_client,
        pytest.raises(FeedRefusedError, match="in a user name or a password write @ as %40") as caught,
    ):
        feed_client.fetch(url)
    assert SECRET not in str(caught.value)


def test_a_password_goes_to_its_own_server_alone() -> None:
    transport, asked = _answers(
        httpx2.Response(302, headers={"location": "https://rss.arxiv.org/rss/cs.CL"}),
        httpx2.Response(200, content=FEED),
    )
    with client(transport=transport) as feed_client:
        assert feed_client.fetch(MIRROR).body == FEED
    assert "authorization" in asked[0].headers
    assert "authorization" not in asked[1].headers
    assert SECRET not in str(asked[1].url)


def test_the_contact_is_sent_without_a_password() -> None:
    transport, asked = _answers(httpx2.Response(200, content=FEED))
    with FeedClient(f"https://me:{SECRET}@example.org/picks", transport=transport) as feed_client:
        feed_client.fetch("https://rss.arxiv.org/rss/cs.CL")
    assert asked[0].headers["user-agent"].endswith("(+https://example.org/picks)")
