"""What every platform can do, in one protocol.

A thread goes out in one or more requests. For each, the caller stores the intention (``Request``) before ``send`` and
the result (``Receipt``) after it, so that a crash between the two leaves enough to look up what happened (``find``).
Implementations never touch the database, never sleep and never repeat a write that may have been carried out: the
caller decides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.errors import PermanentError, UnknownOutcomeError
from bot.domain.posts import Platform, Post


class ReplyRefusedError(PermanentError):
    """The platform does not let the account reply, so the rest of a thread cannot follow; a single post may go out."""


class DuplicatePostError(UnknownOutcomeError):
    """The platform refuses words that the account has up already: this request posted nothing, an earlier one may have.

    It is a refusal unless the account's own timeline shows that the post is ours.
    """


@dataclass(frozen=True, slots=True)
class Request:
    """The intention to send the posts at ``positions`` (from 0); ``body`` is JSON data, enough to repeat it exactly."""

    positions: tuple[int, ...]
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the platform made of one post: its id there (at:// URI, snowflake), its public address, its CID if any."""

    position: int
    remote_id: str
    url: str
    cid: str | None = None


class Publisher(Protocol):
    """One account on one platform."""

    @property
    def platform(self) -> Platform:
        """Which platform this is."""

    @property
    def account(self) -> str:
        """The account's public name, for people: never a secret."""

    @property
    def pause(self) -> float:
        """Seconds to wait between two requests of one thread."""

    @property
    def idempotent(self) -> bool:
        """Whether the platform itself refuses to carry out the same request twice, because of the keys in it."""

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], now: datetime) -> Request:
        """Make the next request of a thread of which ``sent`` is out already; ask nobody, send nothing.

        ``posts`` is the whole thread. May sign in, because record keys belong to an account, and then raises as
        ``send`` does.
        """

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send the request once and return a receipt a post, in order.

        Raises PermanentError (refused; ReplyRefusedError when only a reply is), TransientError (surely not carried out,
        may be repeated; AccountError when the account cannot post now, whatever the post) or UnknownOutcomeError (it
        may have been carried out; DuplicatePostError when the words are up already).
        """

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look up whether an earlier ``send`` of this request was carried out; None means surely not.

        Raises UnknownOutcomeError when the platform cannot tell, PermanentError when something else stands there,
        TransientError when it could not be asked.
        """

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Take the last of these posts down with one request, and return how many of them, from the end, are down now.

        A post that is gone already counts as down, so this may be repeated at any time. Raises PermanentError (refused)
        or TransientError (try again).
        """

    def close(self) -> None:
        """Let go of connections."""
