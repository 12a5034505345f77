"""One harmless question after the other about a post that might be quoted.

The addresses are strangers' data: every request is short, small and without redirects. This module words why a post
cannot be quoted; it never says which questions to ask.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ValidationError

from bot.http import Deadline, beginning
from bot.platforms.bluesky.post_urls import PostAddress, QuoteRefusedError, QuoteUnreachableError

_ANSWER_LIMIT: Final = 256 * 1024
_TRANSIENT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_Answer = TypeVar("_Answer", bound=BaseModel)


class UnwelcomeError(QuoteRefusedError):
    """There is such a post, and it must not be quoted."""


class NotThereError(QuoteRefusedError):
    """The server knows no such thing."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks servers about the post at an address; each question has a deadline in seconds."""

    http: httpx2.Client
    deadline: float
    address: PostAddress

    def ask(self, kind: type[_Answer], url: str, query: Mapping[str, str]) -> _Answer:
        """Return an answer in its documented form; raise QuoteError where there is none."""
        try:
            status, body = self._get(url, query)
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._unreachable(url, str(error) or type(error).__name__) from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRANSIENT:
            raise self._unreachable(url, f"HTTP {status}")
        if status != HTTPStatus.OK:
            raise NotThereError(self._words(f"{name_of(url)} knows no such account or post (HTTP {status})"))
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            raise self.refused(f"the answer of {name_of(url)} cannot be read") from error

    def ask_for(self, kind: type[_Answer], url: str, query: Mapping[str, str]) -> _Answer | None:
        """Return an answer in its documented form, None where the server knows no such thing."""
        try:
            return self.ask(kind, url, query)
        except NotThereError:
            return None

    def refused(self, reason: str) -> QuoteRefusedError:
        """Return the error for a post that is none, or not the one that was meant."""
        return QuoteRefusedError(self._words(reason))

    def unwelcome(self, reason: str) -> UnwelcomeError:
        """Return the error for a post that must not be quoted."""
        return UnwelcomeError(self._words(reason))

    def _get(self, url: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        with Deadline(self.deadline) as deadline:
            request = self.http.build_request("GET", url, params=query or None, extensions={"trace": deadline.trace})
            with closing(self.http.send(request, stream=True)) as response:
                return response.status_code, beginning(response.iter_bytes(), limit=_ANSWER_LIMIT)

    def _words(self, reason: str) -> str:
        return f"cannot quote {self.address.url}: {reason}; check the address or use a plain link"

    def _unreachable(self, url: str, reason: str) -> QuoteUnreachableError:
        return QuoteUnreachableError(
            f"cannot look up {self.address.url}: {name_of(url)} does not answer ({reason}); "
            "try again or use a plain link"
        )


def name_of(url: str) -> str:
    """Return the host of an address, for people."""
    return urlsplit(url).netloc
