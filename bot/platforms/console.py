"""The platform that posts nowhere: it prints the thread, for a rehearsal and for the demo.

Strangers' text may hold terminal commands: control characters are shown as escapes, never obeyed. This module keeps
nothing beyond its own life, so ``find`` answers only for threads that this publisher printed itself.
"""

import hashlib
import sys
import textwrap
from collections.abc import Collection, Container, Iterator, Sequence
from datetime import datetime
from typing import Final, TextIO

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, TransientError
from bot.domain.posts import FacetKind, Picture, Platform, Post, post_from_json, post_to_json
from bot.domain.text import is_unsafe
from bot.platforms.publisher import Receipt, Request, ShownPost, Stray

_MARGIN: Final = "│ "
_WIDTH: Final = 78
_TERMINAL: Final = Identity("console", "console")


class ConsolePublisher:
    """Prints each post with its length, links, card and quote; to standard output unless told otherwise."""

    platform: Final = Platform.CONSOLE
    account: Final = _TERMINAL.name
    idempotent: Final = True
    pause: Final = 0.0

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._printed: set[str] = set()

    def identify(self) -> Identity:
        """Return the terminal: every one is the same."""
        return _TERMINAL

    def prepare(
        self,
        posts: Sequence[Post],
        *,
        sent: Sequence[Receipt],
        name: str,  # noqa: ARG002
        now: datetime,  # noqa: ARG002
    ) -> Request:
        """Take the rest of the thread as one request."""
        rest = posts[len(sent) :]
        if not rest:
            raise ValueError("the whole thread is out already")
        body = {"total": len(posts), "posts": [post_to_json(post) for post in rest]}
        return Request(positions=tuple(range(len(sent), len(posts))), body=body)

    def bring(self, picture: Picture, content: bytes) -> None:
        """Do nothing: a terminal shows no picture."""

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Print the posts, once; ids are made from position and words, so that the same thread gets the same ids.

        Raises TransientError where the stream is closed or full: what was printed is printed again then.
        """
        if (printed := self.find(request)) is not None:
            return printed
        posts = _posts(request)
        receipts = _receipts(request.positions, posts)
        try:
            for position, post in zip(request.positions, posts, strict=True):
                for line in _post_lines(post, number=position + 1, total=request.body["total"]):
                    self._print(line)
            self._stream.flush()
        except OSError as error:
            raise _cannot_print(error) from error
        self._printed.update(receipt.remote_id for receipt in receipts)
        return receipts

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Return the receipts when this publisher has printed these posts."""
        receipts = _receipts(request.positions, _posts(request))
        printed = all(receipt.remote_id in self._printed for receipt in receipts)
        return receipts if printed else None

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:  # noqa: ARG002
        """Return nothing: a terminal cannot be read."""
        return ()

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Return nothing, as ``survey`` does."""
        return self.survey(known)

    def shown(self, stray: Stray) -> ShownPost:
        """Refuse: there are no strays on a terminal."""
        raise PermanentError(f"cannot show {stray.remote_id}: a terminal cannot be read")

    def recognise(
        self,
        posts: Sequence[Post],  # noqa: ARG002
        *,
        sent: Sequence[Receipt],  # noqa: ARG002
        name: str,  # noqa: ARG002
        strays: Sequence[Stray],  # noqa: ARG002
    ) -> tuple[Receipt, ...]:
        """Return nothing: what another terminal shows is no concern of this one."""
        return ()

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:  # noqa: ARG002
        """Refuse: nothing on a terminal has an address."""
        raise PermanentError(f"cannot look at {remote_id}: a terminal has no addresses; print it again instead")

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Say which posts would be taken down; what is printed stays printed."""
        try:
            for receipt in receipts:
                self._print(f"taken down: {receipt.remote_id}")
            self._stream.flush()
        except OSError as error:
            raise _cannot_print(error) from error
        self._printed -= {receipt.remote_id for receipt in receipts}
        return len(receipts)

    def close(self) -> None:
        """Leave the stream open: it belongs to who passed it in."""

    def _print(self, line: str) -> None:
        encoding = self._stream.encoding or "utf-8"
        self._stream.write(line.encode(encoding, "backslashreplace").decode(encoding) + "\n")


def _cannot_print(error: OSError) -> TransientError:
    return TransientError(
        f"cannot print the thread: {error.strerror}; run it again where its output can be read", of_account=False
    )


def plain(text: str) -> str:
    """Return the text with everything that a terminal could obey, or that hides or reorders words, as an escape.

    Line feeds stay; emoji and their joiners too.
    """
    return "".join(_escape(char) if char != "\n" and is_unsafe(char) else char for char in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def _posts(request: Request) -> list[Post]:
    posts = request.body["posts"]
    if not isinstance(posts, list):
        raise TypeError("not a request of this publisher")
    return [post_from_json(post) for post in posts]


def _receipts(positions: Sequence[int], posts: Sequence[Post]) -> tuple[Receipt, ...]:
    return tuple(_receipt(position, post) for position, post in zip(positions, posts, strict=True))


def _receipt(position: int, post: Post) -> Receipt:
    digest = hashlib.sha256(repr((position, post)).encode("utf-8", "backslashreplace")).hexdigest()[:16]
    remote_id = f"console:{digest}"
    return Receipt(position, remote_id, url=remote_id, account=_TERMINAL)


def _post_lines(post: Post, *, number: int, total: object) -> Iterator[str]:
    yield f"┌ post {number} of {total}, {post.length} of {post.limit} characters"
    yield from _framed(post.text)
    for label, words in _attachments(post):
        yield from _framed(f"[{label}] {words}")
    yield "└"


def _framed(text: str) -> Iterator[str]:
    for line in plain(text).split("\n"):
        for part in textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]:
            yield (_MARGIN + part).rstrip()


def _attachments(post: Post) -> Iterator[tuple[str, str]]:
    shown = post.text.encode()
    for facet in post.facets:
        words = shown[facet.start : facet.end].decode("utf-8", "replace")
        if facet.kind is FacetKind.LINK and words != facet.value:
            yield "link", f"{words} -> {facet.value}"
    if post.card:
        yield "card", f"{post.card.title} -> {post.card.url}"
        if post.card.description:
            yield "card", textwrap.shorten(post.card.description, width=120, placeholder="…")
    if post.quote:
        yield "quote", post.quote.url
