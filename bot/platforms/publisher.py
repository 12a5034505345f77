"""What every platform can do, in one protocol.

A thread goes out in one or more requests. For each, the caller stores the intention (``Request``) before ``send`` and
the result (``Receipt``) after it, so that a crash between the two leaves enough to look up what happened (``find``).
Implementations never touch the database, never sleep and never repeat a write that may have been carried out: the
caller decides.
"""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Picture, Platform, Post


class ReplyRefusedError(PermanentError):
    """The platform does not let the account reply, so the rest of a thread cannot follow; a single post may go out."""


class PictureMissingError(TransientError):
    """The platform does not have a picture that a post shows, or has it no more: nothing was posted, bring it first."""

    def __init__(self, message: str) -> None:
        super().__init__(message, of_account=False)


class WrongAccountError(PermanentError):
    """A post is another account's than the one that is signed in, and so nothing was done to it."""

    def __init__(self, task: str, *, theirs: Identity, ours: Identity, unseen: bool = False) -> None:
        """Make the error; ``unseen`` says that the signed-in account does not see the post, which proves nothing."""
        hidden = " and does not see it, which proves nothing" if unseen else ""
        super().__init__(
            f"cannot {task}: it is on the account {theirs}, and {ours} is signed in{hidden}; "
            f"set the credentials of {theirs.name} again, then repeat the command"
        )


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
    """What the platform made of one post: its id there (at:// URI, snowflake), its public address, its CID if any.

    ``account`` is the one that it is on, None where an older version did not keep it. ``document`` is the at:// URI of
    the document that went out with a thread's first post.
    """

    position: int
    remote_id: str
    url: str
    cid: str | None = None
    account: Identity | None = None
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Stray:
    """A post on the account of which the caller knows nothing; ``content`` is JSON data in the platform's form."""

    remote_id: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """A post on the account as people see it; ``parent`` is the id of the post that it answers.

    ``links`` are the addresses in it, as far as the platform tells them.
    """

    remote_id: str
    url: str
    text: str
    parent: str | None
    links: tuple[str, ...]


class Publisher(Protocol):
    """One account on one platform."""

    @property
    def platform(self) -> Platform:
        """Which platform this is."""

    @property
    def account(self) -> str:
        """The account's public name, for people: never a secret, and not for good."""

    @property
    def pause(self) -> float:
        """Seconds to wait between two requests of one thread."""

    @property
    def idempotent(self) -> bool:
        """Whether the platform itself refuses to carry out the same request twice, because of the keys in it."""

    def identify(self) -> Identity:
        """Return who is signed in, with the id that the account keeps whatever it is called.

        May sign in, and then raises as ``send`` does.
        """

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, now: datetime) -> Request:
        """Make the next request of a thread of which ``sent`` is out already; ask nobody, send nothing.

        ``posts`` is the whole thread. Where posts have keys, the same ``name`` gives the same ones, so that the
        platform itself refuses a second thread of that name. May sign in, because record keys belong to an account,
        and then raises as ``send`` does.
        """

    def bring(self, picture: Picture, content: bytes) -> None:
        """Give the platform the bytes of a picture, so that posts can show it; harmless to repeat.

        Platforms may forget a picture that no post shows. Raises PermanentError (the picture is refused) or
        TransientError (not now; AccountError when the account is refused).
        """

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send the request once and return a receipt a post, in order.

        Raises PermanentError (refused; ReplyRefusedError when only a reply is), TransientError (surely not carried out,
        may be repeated; AccountError when the account cannot post now, whatever the post; PictureMissingError when a
        picture was not brought) or UnknownOutcomeError (it may have been carried out; DuplicatePostError when the words
        are up already).
        """

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look up whether an earlier ``send`` of this request was carried out; None means surely not.

        Raises UnknownOutcomeError when the platform cannot tell, PermanentError when something else stands there,
        TransientError when it could not be asked.
        """

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:
        """Return the account's newest posts down to the first of the ``known`` ids: none while all is as we left it.

        Asks nobody where ``recognise`` finds threads by their keys. Raises as ``find`` does.
        """

    def recognise(
        self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, strays: Sequence[Stray]
    ) -> tuple[Receipt, ...]:
        """Look whether more of a thread is out than ``sent``, though nobody remembers it; return those receipts.

        ``strays`` are what ``survey`` has found, also earlier. Empty means that the next post is surely not out. Raises
        PermanentError when other words stand in its place, else as ``find`` does.
        """

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Return the account's posts that are not ``known``, as far as reading them costs little.

        Where reading costs money this is ``survey``; elsewhere the whole account is read. Raises as ``find`` does.
        """

    def shown(self, stray: Stray) -> ShownPost:
        """Return what a stray says; ask nobody."""

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Read a post that a person names as ours, and return its receipt; ``parent`` is what it should answer.

        Raises PermanentError, saying what was found, unless it is on this account, has these words and answers
        ``parent``; TransientError when the platform could not be asked.
        """

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Take the last of these posts down with one request, and return how many of them, from the end, are down now.

        A post counts as down when a look does not find it any more, also when it was gone before, so this may be
        repeated at any time. Raises WrongAccountError when the posts are on another account, PermanentError (refused)
        or TransientError (try again).
        """

    def close(self) -> None:
        """Let go of connections."""
