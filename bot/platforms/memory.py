"""Stand-ins that behave like the real platforms, for tests and rehearsals; they pass the same contract tests.

They keep everything in memory and touch neither network nor disk.
"""

import re
from collections import deque
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, PicksError, UnknownOutcomeError
from bot.domain.posts import FacetKind, Picture, Platform, Post, post_from_json, post_to_json
from bot.platforms.publisher import (
    DuplicatePostError,
    PictureMissingError,
    Receipt,
    Request,
    ShownPost,
    Stray,
    WrongAccountError,
)
from bot.platforms.recognition import Look, recognise_by_words

_ONE_BY_ONE: Final = frozenset({Platform.X, Platform.MASTODON})
"""Where a post is one request, and has no key by which it would be found."""

_ADDRESS: Final = re.compile(r"https?://\S+")


class MemorySessionStore:
    """A session that lasts as long as the object."""

    def __init__(self, text: str | None = None) -> None:
        self._text = text

    def load(self) -> str | None:
        """Return the text saved last, None when there is none."""
        return self._text

    def save(self, text: str) -> None:
        """Keep the text in place of the one before."""
        self._text = text


class Moment(StrEnum):
    """When a planned failure strikes."""

    IDENTIFY = "identify"
    SURVEY = "survey"
    PREPARE = "prepare"
    BRING = "bring"
    BEFORE = "before"
    AFTER = "after"
    FIND = "find"
    REMOVE = "remove"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """What the platform shows: a post, its id, and the id of the post that it replies to."""

    remote_id: str
    post: Post
    parent: str | None


@dataclass(slots=True)
class Timeline:
    """What a platform remembers; share it between publishers to play a restart of the program.

    ``pictures`` are the content ids of what was brought, each as often as it came.
    """

    posts: list[PublishedPost] = field(default_factory=list)
    keys_given: int = 0
    pictures: list[str] = field(default_factory=list)
    named_keys: dict[tuple[str, int], str] = field(default_factory=dict)

    def new_key(self, platform: Platform) -> str:
        """Return a key that no other post has."""
        self.keys_given += 1
        return f"{platform}:{self.keys_given}"

    def key_of(self, platform: Platform, name: str, position: int) -> str:
        """Return the key of a post of a named thread: while one is up, no second one can be."""
        key = self.named_keys.get((name, position))
        if key is None or not self.has(key):
            key = self.named_keys[name, position] = self.new_key(platform)
        return key

    def post_at(self, remote_id: str) -> PublishedPost | None:
        """Return the post of that id, if it is up."""
        return next((item for item in self.posts if item.remote_id == remote_id), None)

    def says(self, text: str) -> bool:
        """Say whether a post of these words is up."""
        return any(published.post.text == text for published in self.posts)

    def has(self, remote_id: str) -> bool:
        """Say whether a post of that id is up."""
        return any(published.remote_id == remote_id for published in self.posts)


class MemoryPublisher:
    """A platform in memory.

    As on the real ones, a thread is one atomic request under keys of its own on Bluesky, whose repeat fails and changes
    nothing, and a request a post on X, whose repeat is refused, and on Mastodon, whose repeat is answered like the
    first. ``account_id`` is what the account keeps for good, its name if not said. ``refuses_same_words`` makes it as
    strict as X is, which refuses the words of any post that is up.
    ``send_count`` counts the calls of ``send``.
    """

    def __init__(
        self,
        platform: Platform,
        *,
        account: str = "picks.test",
        account_id: str | None = None,
        timeline: Timeline | None = None,
        pause: float = 0.0,
        refuses_same_words: bool = False,
    ) -> None:
        self.timeline = timeline or Timeline()
        self.send_count = 0
        self.platform = platform
        self.account = account
        self.account_id = account_id
        self.pause = pause
        self._refuses_same_words = refuses_same_words
        self._failures: dict[Moment, deque[PicksError | None]] = {moment: deque() for moment in Moment}

    @property
    def idempotent(self) -> bool:
        """Whether a repeat changes nothing thanks to the keys in the request: not so on X."""
        return self.platform not in _ONE_BY_ONE

    def fail(self, moment: Moment, *errors: PicksError | None) -> None:
        """Raise the errors, one a call, at that moment of the coming calls; None lets a call go well.

        ``BEFORE`` strikes in ``send`` before anything is posted, ``AFTER`` once everything is; ``REMOVE`` and
        ``REMOVED`` are the same for ``remove``.
        """
        self._failures[moment].extend(errors)

    def identify(self) -> Identity:
        """Return the account."""
        self._strike(Moment.IDENTIFY)
        return self._identity

    def prepare(
        self,
        posts: Sequence[Post],
        *,
        sent: Sequence[Receipt],
        name: str,
        now: datetime,  # noqa: ARG002
    ) -> Request:
        """Make the next request: one post on X, the rest of the thread elsewhere."""
        self._strike(Moment.PREPARE)
        start = len(sent)
        end = start + 1 if self.platform in _ONE_BY_ONE else len(posts)
        if start >= len(posts):
            raise ValueError("the whole thread is out already")
        body = {
            "keys": [self._key(name, position) for position in range(start, end)],
            "posts": [post_to_json(post) for post in posts[start:end]],
            "parent": sent[-1].remote_id if sent else None,
        }
        return Request(positions=tuple(range(start, end)), body=body)

    def bring(self, picture: Picture, content: bytes) -> None:
        """Remember that the picture came."""
        self._strike(Moment.BRING)
        if Picture.of(content, media_type=picture.media_type, width=picture.width, height=picture.height) != picture:
            raise PermanentError(f"the platform refused a picture of {self.account}: it is not {picture.cid}")
        self.timeline.pictures.append(picture.cid)

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Post the request once."""
        self.send_count += 1
        self._strike(Moment.BEFORE)
        batch = _Batch.read(request)
        if any(self.timeline.has(key) for key in batch.keys):
            if self.platform is Platform.MASTODON:
                return batch.receipts(request.positions, self._identity)
            raise self._repeated()
        if self._refuses_same_words and any(self.timeline.says(post.text) for post in batch.posts):
            raise self._repeated()
        for post in batch.posts:
            self._check(post)
        self.timeline.posts += batch.published()
        self._strike(Moment.AFTER)
        return batch.receipts(request.positions, self._identity)

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look up the request's posts."""
        self._strike(Moment.FIND)
        batch = _Batch.read(request)
        up = [self.timeline.has(key) for key in batch.keys]
        if not any(up):
            return None
        if not all(up):
            raise PermanentError(f"only a part of the thread of {self.account} is there; look at {batch.keys[0]}")
        return batch.receipts(request.positions, self._identity)

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:
        """Return the posts after the newest known one on X, and nothing where keys tell."""
        self._strike(Moment.SURVEY)
        found: list[Stray] = []
        for item in reversed(self.timeline.posts) if self.platform in _ONE_BY_ONE else ():
            if item.remote_id in known:
                break
            found.append(_as_stray(item))
        return tuple(found)

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Return all posts that are not known, and on X no more than a survey finds."""
        if self.platform in _ONE_BY_ONE:
            return self.survey(known)
        self._strike(Moment.SURVEY)
        return tuple(_as_stray(item) for item in self.timeline.posts if item.remote_id not in known)

    def shown(self, stray: Stray) -> ShownPost:
        """Return the post in its own form."""
        content = stray.content
        links = content["links"]
        return ShownPost(
            remote_id=stray.remote_id,
            url=f"https://memory.test/{stray.remote_id}",
            text=str(content["text"]),
            parent=str(content["parent"]) if content["parent"] else None,
            links=tuple(map(str, links)) if isinstance(links, list) else (),
        )

    def recognise(
        self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, strays: Sequence[Stray]
    ) -> tuple[Receipt, ...]:
        """Look among the strays where a post goes out at a time, and at the thread's keys elsewhere."""
        if self.platform not in _ONE_BY_ONE:
            if sent:
                return self._rest(posts, name, sent=len(sent))
            return self._at_keys(posts, name) or self._by_words(posts, strays)
        there = [stray for stray in strays if self.timeline.has(stray.remote_id)]

        def find(position: int, post: Post, parent: Receipt | None) -> Receipt | None:
            wanted = (post.text, parent.remote_id if parent else None)
            ours = (item for item in there if (item.content["text"], item.content["parent"]) == wanted)
            return next((self._receipt(position, item.remote_id) for item in ours), None)

        def begun(line: str) -> str | None:
            first = (item for item in there if item.content["parent"] is None)
            return next((item.remote_id for item in first if line in str(item.content["text"]).split("\n")), None)

        look = Look(
            find=find,
            answers=lambda parent: any(item.content["parent"] == parent for item in there),
            begun=begun,
            another_thread=self._another_thread,
        )
        return recognise_by_words(posts, sent=sent, look=look)

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Compare the post of that id with what it should be."""
        found = self.timeline.post_at(remote_id)
        if found is None:
            raise PermanentError(f"{self.account} has no post {remote_id}; give the address of the post itself")
        if (found.post.text, found.parent) != (post.text, parent.remote_id if parent else None):
            raise PermanentError(f"{remote_id} is another post, {found.post.text!r}; give the address of the right one")
        return self._receipt(position, remote_id)

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Take posts down: the last one on X, all of them elsewhere."""
        self._strike(Moment.REMOVE)
        theirs = receipts[0].account
        if theirs is not None and not theirs.is_same_as(self._identity):
            raise WrongAccountError("take a thread down", theirs=theirs, ours=self._identity)
        doomed = {item.remote_id for item in (receipts[-1:] if self.platform in _ONE_BY_ONE else receipts)}
        self.timeline.posts[:] = [item for item in self.timeline.posts if item.remote_id not in doomed]
        self._strike(Moment.REMOVED)
        return len(doomed)

    def close(self) -> None:
        """Do nothing: there are no connections."""

    @property
    def _identity(self) -> Identity:
        return Identity(self.account, self.account_id or self.account)

    def _key(self, name: str, position: int) -> str:
        if self.platform in _ONE_BY_ONE:
            return self.timeline.new_key(self.platform)
        return self.timeline.key_of(self.platform, name, position)

    def _at_keys(self, posts: Sequence[Post], name: str) -> tuple[Receipt, ...]:
        keys = [self.timeline.named_keys.get((name, position), "") for position in range(len(posts))]
        there = [self.timeline.post_at(key) for key in keys]
        if not any(there):
            return ()
        if [item.post.text for item in there if item] != [post.text for post in posts]:
            raise self._another_thread(keys[0])
        return tuple(self._receipt(position, key) for position, key in enumerate(keys))

    def _rest(self, posts: Sequence[Post], name: str, *, sent: int) -> tuple[Receipt, ...]:
        """Look at the keys of what goes out below a thread: all of it is there, or nothing."""
        keys = [self.timeline.named_keys.get((name, position), "") for position in range(sent, len(posts))]
        there = [self.timeline.post_at(key) for key in keys]
        if not any(there):
            return ()
        if [item.post.text for item in there if item] != [post.text for post in posts[sent:]]:
            raise self._another_thread(keys[0])
        return tuple(self._receipt(sent + place, key) for place, key in enumerate(keys))

    def _by_words(self, posts: Sequence[Post], strays: Sequence[Stray]) -> tuple[Receipt, ...]:
        """Look for the whole thread among the strays that are still there, whatever its keys are."""
        found: list[Receipt] = []
        for position, post in enumerate(posts):
            wanted = (post.text, found[-1].remote_id if found else None)
            ours = [
                stray
                for stray in strays
                if (stray.content["text"], stray.content["parent"]) == wanted and self.timeline.has(stray.remote_id)
            ]
            if not ours:
                return ()
            found.append(self._receipt(position, ours[0].remote_id))
        return tuple(found)

    def _another_thread(self, first: str) -> PermanentError:
        return PermanentError(
            f"another thread of that name is on {self.account} already; look at {first}, and delete that one "
            "or give this one up"
        )

    def _receipt(self, position: int, remote_id: str) -> Receipt:
        return Receipt(position, remote_id, url=f"https://memory.test/{remote_id}", account=self._identity)

    def _strike(self, moment: Moment) -> None:
        error = self._failures[moment].popleft() if self._failures[moment] else None
        if error is not None:
            raise error

    def _check(self, post: Post) -> None:
        if post.length > post.limit:
            raise PermanentError(
                f"the platform refused a post of {self.account}: {post.length} characters, "
                f"allowed are {post.limit}; shorten the note"
            )
        if post.picture and post.picture.cid not in self.timeline.pictures:
            raise PictureMissingError(f"the platform does not have the picture {post.picture.cid} of {self.account}")

    def _repeated(self) -> PicksError:
        if self.platform is Platform.X:
            return DuplicatePostError(f"X refused a post of {self.account}: duplicate content")
        return UnknownOutcomeError(f"no clear answer to a post of {self.account}: the keys are taken; look there")


def _as_stray(item: PublishedPost) -> Stray:
    links = [item.post.card.url] if item.post.card else []
    links += [facet.value for facet in item.post.facets if facet.kind is FacetKind.LINK]
    links += _ADDRESS.findall(item.post.text)
    return Stray(item.remote_id, {"text": item.post.text, "parent": item.parent, "links": links})


@dataclass(frozen=True, slots=True)
class _Batch:
    keys: tuple[str, ...]
    posts: tuple[Post, ...]
    parent: str | None

    @classmethod
    def read(cls, request: Request) -> "_Batch":
        keys, posts, parent = (request.body[name] for name in ("keys", "posts", "parent"))
        if not isinstance(keys, list) or not isinstance(posts, list):
            raise TypeError("not a request of this publisher")
        return cls(
            keys=tuple(map(str, keys)),
            posts=tuple(post_from_json(post) for post in posts),
            parent=str(parent) if parent else None,
        )

    def published(self) -> list[PublishedPost]:
        parents = (self.parent, *self.keys)
        return [
            PublishedPost(key, post, parent)
            for key, post, parent in zip(self.keys, self.posts, parents[: len(self.keys)], strict=True)
        ]

    def receipts(self, positions: Sequence[int], account: Identity) -> tuple[Receipt, ...]:
        return tuple(
            Receipt(position, key, url=f"https://memory.test/{key}", account=account)
            for position, key in zip(positions, self.keys, strict=True)
        )
