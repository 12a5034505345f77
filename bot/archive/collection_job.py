"""The worker's part in collections: push after a publication, try again after a failure, and say what is wrong.

The row of a channel in ``collections`` knows what was pushed last and when to try again; of several workers one claims
it.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import col, or_, select, update

from bot.archive.collection_plan import Wanted, wanted
from bot.archive.collection_push import Pushed, push
from bot.archive.entries import entries
from bot.archive.hub import Hub
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import PermanentError, PicksError, TransientError
from bot.domain.waiting import LONGEST
from bot.store.collection_tables import CollectionItem, CollectionState, ItemState
from bot.store.collections import Ledger
from bot.store.database import Database

_BACKOFF: Final = Backoff(first=timedelta(minutes=5), longest=timedelta(hours=6))
_LEASE: Final = timedelta(minutes=15)
"""Longer than a run takes; another worker goes on then."""
_SOON: Final = timedelta(minutes=5)
"""The Hub gets to know a paper within moments."""

_log = structlog.get_logger(__name__)


def push_due(
    database: Database,
    channel: Channel,
    hub: Callable[[], Hub],
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], bool],
) -> Pushed | None:
    """Push what is not in the channel's collection yet; None when there is nothing to do now, or no collection.

    What goes wrong is stored, and tried again later; nothing is raised for it.
    """
    if channel.collection.slug is None:
        return None
    slug = CollectionSlug.parse(channel.collection.slug)
    picks = wanted(entries(database, channel), channel)
    digest = _digest(picks)
    if not _claim(database, channel, slug, digest, now=clock()):
        return None
    with hub() as opened:
        done = push(opened, Ledger(database, channel.name, slug.key, clock), slug, picks, sleep=sleep)
    _note(database, channel, done, digest, now=clock())
    return done


def state_of(database: Database, channel: str) -> CollectionState | None:
    """Return how a channel's collection stands, None before anything was pushed."""
    with database.reading() as session:
        return session.get(CollectionState, channel)


def _digest(picks: Sequence[Wanted]) -> str:
    data = json.dumps([[pick.arxiv_id, pick.note] for pick in picks])
    return hashlib.sha256(data.encode()).hexdigest()


def _claim(database: Database, channel: Channel, slug: CollectionSlug, digest: str, *, now: datetime) -> bool:
    """Take the row, if there is something to do and nobody else does it; say whether we have it."""
    with database.transaction() as session:
        row = session.get(CollectionState, channel.name)
        if row is None or row.key != slug.key:  # another collection: nothing is known of it
            session.merge(CollectionState(channel=channel.name, key=slug.key))
            session.flush()
        open_items = select(CollectionItem.arxiv_id).where(
            CollectionItem.channel == channel.name,
            CollectionItem.key == slug.key,
            col(CollectionItem.state) != ItemState.ADDED,
        )
        if row is not None and row.key == slug.key and row.digest == digest and not session.exec(open_items).first():
            return False
        due = or_(
            col(CollectionState.next_try_at).is_(None),
            col(CollectionState.next_try_at) <= now,
            col(CollectionState.next_try_at) > now + LONGEST,  # a clock was ahead
        )
        claimed = session.execute(
            update(CollectionState)
            .where(col(CollectionState.channel) == channel.name, due)
            .values(next_try_at=now + _LEASE)
            .returning(col(CollectionState.channel))
        )
        return claimed.first() is not None


def _note(database: Database, channel: Channel, done: Pushed, digest: str, *, now: datetime) -> None:
    """Store how it went, and when to go on."""
    error = done.stopped or (PermanentError(done.failed[0].error) if done.failed else None)
    with database.transaction() as session:
        row = session.get_one(CollectionState, channel.name)
        row.failures = row.failures + 1 if error else 0
        row.error, row.needs_person = str(error) if error else None, isinstance(error, PermanentError)
        row.next_try_at = now + _pause(row, done, error)
        if error is None:
            row.digest, row.pushed_at = digest, now
        session.add(row)
    if error:
        _log.warning("collection not in step", channel=channel.name, reason=str(error), failures=row.failures)


def _pause(row: CollectionState, done: Pushed, error: PicksError | None) -> timedelta:
    if error is None:
        return _SOON if done.waiting else timedelta(0)
    asked = error.retry_after if isinstance(error, TransientError) else None
    return _BACKOFF.pause(row.failures, retry_after=asked)
