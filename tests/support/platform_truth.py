"""What the platforms really have, read from their own records and never from the program.

It knows posts and threads only; which of them should be there is for the tests to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Self

import httpx2

from harness_pds import Account, Pds


@dataclass(frozen=True)
class Seen:
    """One post as the platform has it."""

    id: str
    text: str
    parent: str | None


@dataclass
class Outcome:
    """What came of all deliveries of a scene, each post counted at the platform.

    ``sent`` deliveries are out exactly as approved and recorded as what is out; ``waiting`` ones need a person, and
    what is out of them is the beginning of the approved thread. ``doubled`` counts posts that are out more often than
    once, ``lost`` deliveries that are neither sent nor waiting, ``wrong`` what is out otherwise or was tried twice.
    """

    posts: int = 0
    sent: int = 0
    waiting: int = 0
    doubled: int = 0
    lost: int = 0
    wrong: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))


@dataclass
class Removal:
    """What came of retractions, each post counted at the platform.

    ``down`` posts of the threads are gone and ``left`` are not; ``others`` are posts that went with them and should
    not have. ``again`` counts the deletes that X or Mastodon was asked for more often than once.
    """

    down: int = 0
    left: int = 0
    others: int = 0
    again: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(self)))


def records(pds: Pds, account: Account) -> Iterator[Seen]:
    """Yield the account's posts, oldest first, however many there are."""
    query = {"repo": account.did, "collection": "app.bsky.feed.post", "reverse": "true", "limit": "100"}
    while True:
        answer = httpx2.get(f"{pds.url}/xrpc/com.atproto.repo.listRecords", params=query).raise_for_status().json()
        for record in answer["records"]:
            reply = record["value"].get("reply")
            yield Seen(record["uri"], record["value"]["text"], reply["parent"]["uri"] if reply else None)
        if not answer.get("cursor"):
            return
        query["cursor"] = answer["cursor"]


def threads(posts: Sequence[Seen]) -> list[list[Seen]]:
    """Return the posts as threads: every first post with all that follows it, branches one after the other."""
    answers: dict[str | None, list[Seen]] = {}
    for post in posts:
        answers.setdefault(post.parent, []).append(post)

    def below(post: Seen) -> Iterator[Seen]:
        yield post
        for answer in answers.get(post.id, []):
            yield from below(answer)

    known = {post.id for post in posts}
    return [list(below(post)) for post in posts if post.parent not in known]
