"""The account behind the stand-in for X: which posts it made, which are up, and how X shows them.

It keeps the truth and X's rules about posts (length, duplicates, whom to answer); it knows no HTTP.
"""

import itertools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import x_errors
from x_errors import Refusal

LIMIT: Final = 280
FIELDS: Final = frozenset({"author_id", "created_at", "entities", "referenced_tweets"})
NUMBER: Final = "1580000000000000001"
STRANGER: Final = "7700000000000000077"
_EPOCH_MS: Final = 1_288_834_974_657  # where X's ids begin to count milliseconds
_ADDRESS: Final = re.compile(
    r"https?://[^\s<>]*[^\s<>.,;:!?)\]'\"]"
    r"|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|org|net|io|ai|cl|ml|md|py|rs)\b(?:/[^\s<>]*\w)?",
    re.IGNORECASE,
)


class RefusedError(Exception):
    """X does not do it; ``refusal`` is its answer."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status)
        self.refusal = refusal


@dataclass(frozen=True)
class Accepted:
    """One post that the account made: the words as they were sent."""

    id: str
    text: str
    in_reply_to: str | None
    created_at: datetime


def characters(text: str) -> int:
    """Count a text simply; tests of lengths pass in the bot's own function instead."""
    return len(unicodedata.normalize("NFC", text))


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


class Account:
    """One account and its posts.

    ``strangers`` are posts of somebody else. ``hides_entities`` plays an answer that leaves out what is asked for.
    """

    def __init__(self, *, length: Callable[[str], int], clock: Callable[[], datetime], number: str = NUMBER) -> None:
        self.id = number
        self.username = "example_picks"
        self.accepted: list[Accepted] = []
        self.strangers: list[Accepted] = []
        self.hides_entities = False
        self._length = length
        self._clock = clock
        self._deleted: set[str] = set()

    @property
    def live(self) -> list[Accepted]:
        """Return the posts that are up, oldest first."""
        return [post for post in self.accepted if post.id not in self._deleted]

    def find(self, post_id: str) -> Accepted | None:
        """Return a post that is up, ours or a stranger's."""
        return next((post for post in [*self.live, *self.strangers] if post.id == post_id), None)

    def author_of(self, post: Accepted) -> str:
        """Return the number of the account that a post is on."""
        return STRANGER if post in self.strangers else self.id

    def post(self, text: str, *, parent: str | None) -> Accepted:
        """Make a post; raise RefusedError as X would."""
        if self._length(text) > LIMIT:
            raise RefusedError(x_errors.NOT_PERMITTED)
        if parent is not None and parent in self._deleted:
            raise RefusedError(x_errors.PARENT_UNSEEN)
        if parent is not None and parent not in {post.id for post in self.accepted}:
            raise RefusedError(x_errors.REPLY_RULE)
        if text in {post.text for post in self.live}:
            raise RefusedError(x_errors.DUPLICATE)
        self.accepted.append(Accepted(self._next_id(), text, parent, self._clock()))
        return self.accepted[-1]

    def delete(self, post_id: str) -> bool:
        """Take a post down; say whether it was up."""
        found = post_id in {post.id for post in self.live}
        self._deleted.add(post_id)
        return found

    def _next_id(self) -> str:
        stamp = (int(self._clock().timestamp() * 1000) - _EPOCH_MS) << 22
        last = int(self.accepted[-1].id) if self.accepted else 0
        return str(max(stamp, last + 1))


def as_created(post: Accepted) -> dict[str, object]:
    """Return what X answers to a new post."""
    return _as_item(post, fields=frozenset())


def as_post(post: Accepted, *, fields: frozenset[str], author: str) -> dict[str, object]:
    """Return one post with the wished fields."""
    return _as_item(post, fields=fields) | ({"author_id": author} if "author_id" in fields else {})


def as_page(posts: Sequence[Accepted], *, fields: frozenset[str], next_token: str | None) -> dict[str, object]:
    """Return a page of a timeline with the wished fields."""
    if not posts:
        return {"meta": {"result_count": 0}}
    meta = {"result_count": len(posts), "newest_id": posts[0].id, "oldest_id": posts[-1].id}
    more = {"next_token": next_token} if next_token else {}
    return {"data": [_as_item(post, fields=fields) for post in posts], "meta": {**meta, **more}}


def _as_item(post: Accepted, *, fields: frozenset[str]) -> dict[str, object]:
    text, urls = _shown(post)
    optional: dict[str, object] = {
        "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "entities": {"urls": urls} if urls else None,
        "referenced_tweets": [{"type": "replied_to", "id": post.in_reply_to}] if post.in_reply_to else None,
    }
    always: dict[str, object] = {"id": post.id, "text": text, "edit_history_tweet_ids": [post.id]}
    return always | {name: value for name, value in optional.items() if name in fields and value}


def _shown(post: Accepted) -> tuple[str, list[dict[str, object]]]:
    """Return the text as X shows it, and its links."""
    numbers = itertools.count()
    urls: list[dict[str, object]] = []

    def shorten(match: re.Match[str]) -> str:
        typed = match[0]
        full = typed if typed.lower().startswith("http") else f"http://{typed}"
        short = f"https://t.co/{int(post.id) % 10**8:08d}{next(numbers):02d}"
        urls.append({"url": short, "expanded_url": full, "display_url": full.partition("://")[2]})
        return short

    text = _ADDRESS.sub(shorten, post.text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for link in urls:
        start = text.index(str(link["url"]))
        link |= {"start": start, "end": start + len(str(link["url"]))}
    return text, urls
