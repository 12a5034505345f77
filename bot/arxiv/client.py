"""Asking arXiv for a feed or a page of its API, politely and within bounds.

This module owns the HTTP side: who we say we are, conditional requests, limits of time and size, redirects and retries.
It never looks inside a feed and keeps nothing between two fetches.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, Self
from urllib.parse import quote

import httpx2
import stamina

import bot
from bot.arxiv.captures import MAX_BYTES
from bot.arxiv.errors import FeedError, FeedRefusedError, FeedUnavailableError, quoted
from bot.domain.channel_sections import FeedFormat
from bot.domain.redaction import redact, redact_address
from bot.domain.web_addresses import web_address_problem
from bot.http import Deadline

_MAX_REDIRECTS: Final = 3
_PATIENCE: Final = 30.0
"""Seconds. A server that asks for a longer pause gets it from the caller's schedule, not from a waiting thread."""

_PRINTABLE: Final = "".join(map(chr, range(0x20, 0x7F)))
_LONGEST_PAUSE: Final = 24 * 3600.0
_PASSING: Final = frozenset({408, 425, 429})
"""Refusals that pass: https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9 and RFC 8470, RFC 6585."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back. ``body`` is None when the feed is still the one that ``etag`` names (status 304).

    ``etag`` is the server's own word, to be sent back as it is: arXiv's has no quotation marks. ``sent_at`` is what the
    server's clock said, None where it did not say so.
    """

    status: int
    body: bytes | None
    etag: str | None
    sent_at: datetime | None = None


def feed_url(base: str, feed_format: FeedFormat, category: str) -> str:
    """Return the address of a category's feed, such as ``https://rss.arxiv.org/rss/cs.CL``."""
    return f"{base.rstrip('/')}/{feed_format}/{category}"


class FeedClient:
    """A connection to arXiv's feed server; use it in a ``with`` statement."""

    def __init__(
        self,
        contact: str,
        *,
        timeout: float = 20.0,
        deadline: float = 60.0,
        max_bytes: int = MAX_BYTES,
        attempts: int = 3,
        retrying: stamina.RetryingCaller | None = None,
        wait_for_turn: Callable[[], object] = bool,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Introduce ourselves with ``contact``, an address (mail or web) of somebody who answers.

        Of that, what a header cannot hold is percent-encoded.
        ``timeout`` bounds each step and ``deadline`` a whole attempt, in seconds; ``max_bytes`` bounds the answer once
        it is unpacked. A failure that may pass is tried ``attempts`` times. ``wait_for_turn`` is called before each
        attempt and returns when it may go out.
        """
        self._take_turn = wait_for_turn
        self._deadline = deadline
        self._max_bytes = max_bytes
        self._retrying = retrying or stamina.RetryingCaller(
            attempts=attempts, timeout=2 * deadline, wait_initial=2.0, wait_max=_PATIENCE, wait_jitter=2.0
        )
        self._client = httpx2.Client(
            headers={
                "User-Agent": f"daily-picks/{bot.__version__} (+{_ascii(redact(contact))})",
                "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9",
                "Accept-Encoding": "gzip",
                "Connection": "close",  # a few requests a day; and a deadline sees new connections only
            },
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def fetch(self, url: str, *, etag: str | None = None) -> Fetched:
        """Return the feed at ``url``, or that it has not changed since ``etag``.

        A failure that may pass is followed by a few more tries. Raises FeedUnavailableError when none succeeded, with
        the pause that the server asks for, and FeedRefusedError when the answer is no or leads away from arXiv.
        """
        return self._retrying(_worth_repeating, self._fetch_once, url, etag)

    def _fetch_once(self, url: str, etag: str | None) -> Fetched:
        self._take_turn()
        name = redact_address(url)
        try:
            with Deadline(self._deadline) as deadline:
                return self._follow(url, etag, deadline)
        except TimeoutError as error:
            raise FeedUnavailableError(f"{name} {error}; try again later") from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, UnicodeError) as error:
            raise FeedRefusedError(f"{name} cannot be asked for ({_obstacle(url, error)}); check the address") from None
        except httpx2.RequestError as error:
            raise FeedUnavailableError(f"{name}: {_trouble(error)}; try again later") from error

    def _follow(self, url: str, etag: str | None, deadline: Deadline) -> Fetched:
        """Ask for the feed and follow redirects, as long as they stay at arXiv."""
        request = self._client.build_request("GET", url, headers={"If-None-Match": etag} if etag else None)
        name = redact_address(url)
        for _ in range(_MAX_REDIRECTS + 1):
            request.extensions = {**request.extensions, "trace": deadline.trace}
            response = self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return self._take(response, name, etag)
                _check_redirect(name, request.url, response.next_request.url)
                request = response.next_request
            finally:
                response.close()
        raise FeedRefusedError(f"{name} redirects more than {_MAX_REDIRECTS} times; check the address")

    def _take(self, response: httpx2.Response, name: str, etag: str | None) -> Fetched:
        headers = response.headers
        if response.status_code == httpx2.codes.NOT_MODIFIED and etag:
            return Fetched(status=304, body=None, etag=headers.get("etag", etag))
        if response.status_code != httpx2.codes.OK:
            raise _refusal(response, name)
        body = self._body(response, name)
        return Fetched(status=200, body=body, etag=headers.get("etag"), sent_at=_sent_at(headers.get("date")))

    def _body(self, response: httpx2.Response, name: str) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise FeedRefusedError(
                    f"{name} sends more than {self._max_bytes:,} bytes: that is no feed; check the address"
                )
        return bytes(body)


def _obstacle(url: str, error: httpx2.InvalidURL | httpx2.RequestError | UnicodeError) -> str:
    """Return why an address cannot be asked for; the library's words about it may hold a part of a password."""
    if problem := web_address_problem(url):
        return f"it {problem}"
    return "it leads to no address" if isinstance(error, httpx2.InvalidURL | UnicodeError) else quoted(error)


def _ascii(text: str) -> str:
    return quote(text, safe=_PRINTABLE, errors="replace")


def _worth_repeating(error: Exception) -> bool | float:
    """Tell stamina whether to try again, and after how many seconds if the server said so."""
    if not isinstance(error, FeedUnavailableError):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= _PATIENCE else False


def _check_redirect(name: str, here: httpx2.URL, there: httpx2.URL) -> None:
    same_place = there.host in {here.host, "arxiv.org"} or there.host.endswith(".arxiv.org")
    if not same_place or there.scheme not in {here.scheme, "https"}:
        raise FeedRefusedError(f"{name} redirects to {quoted(there)}, away from arXiv: not followed; check the address")


def _refusal(response: httpx2.Response, name: str) -> FeedError:
    status = f"HTTP {response.status_code} {response.reason_phrase}".strip()
    if response.status_code in _PASSING or response.is_server_error:
        pause = retry_after(response.headers.get("retry-after"), now=datetime.now(UTC))
        return FeedUnavailableError(f"{name} answers {status}; try again later", retry_after=pause)
    if response.status_code in {httpx2.codes.BAD_REQUEST, httpx2.codes.NOT_FOUND}:
        return FeedRefusedError(
            f"{name} answers {status}: no such feed is there; check the address or feeds.categories"
        )
    return FeedRefusedError(f"{name} answers {status}; check the address and the contact that we send")


def retry_after(value: str | None, *, now: datetime) -> float | None:
    """Return the pause that a Retry-After header asks for, in seconds from 0 to a day; None when it is unreadable.

    It holds seconds or an HTTP date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    if value is None:
        return None
    try:
        seconds = float(value) if value.strip().isdecimal() else (_http_date(value) - now).total_seconds()
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE)


def _sent_at(value: str | None) -> datetime | None:
    try:
        return _http_date(value) if value else None
    except (ValueError, TypeError, IndexError):
        return None


def _http_date(value: str) -> datetime:
    moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_TROUBLES: Final[Mapping[type[httpx2.RequestError], str]] = {
    httpx2.ConnectTimeout: "no connection within the time limit",
    httpx2.TimeoutException: "no answer within the time limit",
    httpx2.ConnectError: "no connection",
    httpx2.ProxyError: "the proxy refuses",
    httpx2.DecodingError: "the answer is damaged",
    httpx2.ProtocolError: "the answer broke off",
}


def _trouble(error: httpx2.RequestError) -> str:
    reason = next((text for kind, text in _TROUBLES.items() if isinstance(error, kind)), "the connection failed")
    return f"{reason} ({quoted(error)})" if str(error) else reason
