"""A thread as a value: what ``threads`` composes, the store freezes and ``platforms`` send.

This module owns the form of a post and the fingerprint of a thread. It never counts, splits or sends anything.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_CIDV1_RAW_SHA256: Final = b"\x01\x55\x12\x20"


class Platform(StrEnum):
    """Where a thread goes."""

    BLUESKY = "bluesky"
    X = "x"
    MASTODON = "mastodon"
    CONSOLE = "console"


class FacetKind(StrEnum):
    """What a marked stretch of a Bluesky post is."""

    LINK = "link"
    TAG = "tag"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Facet:
    """A marked stretch of a post; ``start`` and ``end`` count UTF-8 bytes of the text, end excluded.

    ``value`` is the full address of a link, a tag without its ``#``, or the DID of who is mentioned.
    Source: https://atproto.com/lexicons/app-bsky-richtext
    """

    start: int
    end: int
    kind: FacetKind
    value: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in a post, named by its content: ``cid`` is that of its bytes (CIDv1, raw, SHA-256).

    The bytes are kept apart from the post; the same name is always the same picture. ``alt`` says in words what it
    shows, to who cannot see it. It goes out where pictures are uploaded as such; the picture of a Bluesky card has no
    place for it, and there the card's title and text say the same.
    Source: https://atproto.com/specs/data-model#link-and-cid-formats
    """

    cid: str
    media_type: str
    size: int
    width: int
    height: int
    alt: str = field(default="", compare=False)

    @classmethod
    def of(cls, content: bytes, *, media_type: str, width: int, height: int) -> "Picture":
        """Name the picture that has these bytes."""
        return cls(content_id(content), media_type, len(content), width, height)


def content_id(content: bytes) -> str:
    """Return the CID of plain bytes."""
    block = _CIDV1_RAW_SHA256 + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(block).decode("ascii").rstrip("=").lower()


@dataclass(frozen=True, slots=True)
class LinkCard:
    """The card below a post that shows a web page (app.bsky.embed.external)."""

    url: str
    title: str
    description: str
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """Another post embedded below ours (app.bsky.embed.record): ``uri`` and ``cid`` name the exact record."""

    url: str
    uri: str
    cid: str


@dataclass(frozen=True, slots=True)
class Document:
    """Our own page about a paper, as other programs read it beside the thread (standard.site).

    ``site`` is the address of the archive without a slash at its end, ``path`` the page in it. The archive's own record
    is called ``site_name``; its key is made of ``lasting``, which stays when the archive moves. ``published_at`` is
    when readers saw the pick first, where that is not now: its note was corrected since.
    """

    site: str
    site_name: str
    lasting: str
    path: str
    title: str
    description: str
    text: str
    tags: tuple[str, ...] = ()
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a thread, in its final words.

    ``length`` is counted as the platform counts and never above ``limit``. Card, quote and facets are Bluesky's, and so
    is the ``document`` that goes out with the first post of a thread.
    ``instead`` is what goes out in its place, approved like it, where its quote is no longer welcome or the picture of
    its card cannot be had. ``about`` is the line of a first post that names the paper, where only its words tell that a
    post on the account is about the same one, and it has other words too.
    """

    text: str
    length: int
    limit: int
    facets: tuple[Facet, ...] = ()
    card: LinkCard | None = None
    quote: Quote | None = None
    langs: tuple[str, ...] = ()
    instead: "Post | None" = None
    document: Document | None = None
    about: str = ""

    @property
    def picture(self) -> Picture | None:
        """Return the picture that it shows."""
        return self.card.picture if self.card else None

    def reduced(self, *, unquoted: bool, unpictured: bool) -> "Post":
        """Return what goes out where there is no quote, or no picture: the post itself if it has none anyway."""
        post = self
        while post.instead and ((post.quote is not None and unquoted) or (post.picture is not None and unpictured)):
            post = post.instead
        return post


@dataclass(frozen=True, slots=True)
class Thread:
    """The ordered posts for one platform.

    ``cost_usd`` is the platform's price for posting it, zero where posting is free. ``remarks`` are for the curator
    (for example that a quote became a link) and are never posted. ``single`` is the one post that stands in for the
    thread where the platform refuses replies, None where that cannot happen. ``form`` names how it is laid out.
    """

    platform: Platform
    posts: tuple[Post, ...]
    cost_usd: Decimal = Decimal(0)
    remarks: tuple[str, ...] = ()
    single: Post | None = None
    form: str | None = None

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 of the posts: equal exactly when the same words and marks would go out."""
        single = b"" if self.single is None else b"|" + _dumped([self.single])
        return hashlib.sha256(_dumped(self.posts) + single).hexdigest()


@cache
def _post() -> "TypeAdapter[Post]":
    from pydantic import TypeAdapter

    return TypeAdapter(Post)


def post_to_json(post: Post) -> dict[str, object]:
    """Return the post as plain JSON data, for the store; optional parts only where it has them.

    So a post that has none of them keeps the form, and the fingerprint, that it had before there were any.
    """
    absent: dict[str, Any] = {"instead": True}
    if post.picture is None:
        absent["card"] = {"picture"}
    elif not post.picture.alt:
        absent["card"] = {"picture": {"alt"}}
    if post.document is None:
        absent["document"] = True
    elif post.document.published_at is None:
        absent["document"] = {"published_at"}
    if not post.about:
        absent["about"] = True
    data: dict[str, object] = _post().dump_python(post, mode="json", exclude=absent)
    return data if post.instead is None else {**data, "instead": post_to_json(post.instead)}


def _dumped(posts: Sequence[Post]) -> bytes:
    from pydantic_core import to_json

    return to_json([post_to_json(post) for post in posts])


def post_from_json(data: object) -> Post:
    """Read what ``post_to_json`` wrote; raise pydantic.ValidationError when it is something else."""
    return _post().validate_python(data)
