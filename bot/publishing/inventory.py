"""What stands on an account and is not in the database: our own threads among it, told by the papers they link to.

Reads only. Posts that were sent and whose receipts are about to be stored, by another worker or after a crash, are no
discovery: what an open request has made is left out.
"""

import unicodedata
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session, col, select

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError
from bot.domain.papers import ArxivId, split_id
from bot.domain.posts import Platform, post_from_json
from bot.domain.states import DeliveryState
from bot.platforms.publisher import Publisher, ShownPost, Stray
from bot.publishing.claims import Intention
from bot.store.accounts import posts_as
from bot.store.database import Database
from bot.store.strays import known_ids, sent_ids
from bot.store.tables import Delivery, FrozenPost

OPEN: Final = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.REFUSED, DeliveryState.UNKNOWN)
"""The states of a delivery of which something may still go out."""


@dataclass(frozen=True, slots=True)
class StrayThread:
    """Posts on an account that answer each other, the first one first, and the paper that they link to, if any."""

    posts: tuple[ShownPost, ...]
    paper: ArxivId | None


def new_strays(
    database: Database, publisher: Publisher, identity: Identity, *, again: bool = False
) -> tuple[Stray, ...]:
    """Return the posts on the account that the database has not sent; ``again`` also those that it has seen before.

    1. List what is on the account and not known.
    2. Leave out what requests made whose outcome is not stored yet: each worker stores a request before it sends.
    3. Leave out what was stored meanwhile.

    Reading costs money on X: what was seen before is not read again there. Raises as ``Publisher.find`` does.
    """
    platform = publisher.platform
    with database.reading() as session:
        known = sent_ids(session, platform) if again and publisher.idempotent else known_ids(session, platform)
    found = publisher.inventory(known)
    if not found:
        return ()
    underway = _underway(database, publisher, identity)
    with database.reading() as session:
        taken = sent_ids(session, platform) | underway
    return tuple(stray for stray in found if stray.remote_id not in taken)


def threads_of(posts: Sequence[ShownPost]) -> list[StrayThread]:
    """Sort posts into threads: each begins with a post whose parent is not among them."""
    ids = {post.remote_id for post in posts}
    below: dict[str | None, list[ShownPost]] = {}
    for post in posts:
        below.setdefault(post.parent if post.parent in ids else None, []).append(post)
    return [_thread(first, below) for first in below.get(None, [])]


def about_papers(threads: Collection[StrayThread]) -> list[StrayThread]:
    """Return the threads that look like ours: they link to a paper."""
    return [thread for thread in threads if thread.paper is not None]


def ours(session: Session, platform: Platform, threads: Collection[StrayThread]) -> list[StrayThread]:
    """Return the threads that look like ours: they link to a paper, or begin with the words of one that is to go out.

    Half a thread on X has no link yet.
    """
    query = (
        select(FrozenPost.content)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .where(
            Delivery.platform == platform,
            FrozenPost.position == 0,
            col(FrozenPost.remote_id).is_(None),
            col(Delivery.state).in_(OPEN),
        )
    )
    words = {_folded(post_from_json(content).text) for content in session.exec(query)}
    return [thread for thread in threads if thread.paper is not None or _folded(thread.posts[0].text) in words]


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _thread(first: ShownPost, below: dict[str | None, list[ShownPost]]) -> StrayThread:
    found = [first]
    for post in found:  # grows while it is read
        found += below.get(post.remote_id, [])
    papers = (_paper(link) for post in found for link in post.links)
    return StrayThread(tuple(found), next(filter(None, papers), None))


def _paper(link: str) -> ArxivId | None:
    try:
        return split_id(link)[0]
    except ValueError:
        return None


def _underway(database: Database, publisher: Publisher, identity: Identity) -> set[str]:
    """Return the ids of posts that open requests of the account have made."""
    found: set[str] = set()
    for intention in _open_requests(database, publisher.platform, identity):
        with suppress(PermanentError):  # something else stands in its place, and that is a discovery
            found |= {receipt.remote_id for receipt in publisher.find(intention.request) or ()}
    return found


def _open_requests(database: Database, platform: Platform, identity: Identity) -> list[Intention]:
    query = select(Delivery.request).where(
        Delivery.platform == platform, posts_as(identity), col(Delivery.request).is_not(None)
    )
    with database.reading() as session:
        return [Intention.read(stored) for stored in session.exec(query) if stored is not None]
