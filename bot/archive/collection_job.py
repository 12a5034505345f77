"""Pushes to collections: by the worker after a publication and again after a failure, by a person at once.

The row of a collection knows what was pushed last, when to try again, what is wrong, and which process has it.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.archive.collection_plan import Wanted, resting, wanted
from bot.archive.collection_push import Pushed, push
from bot.archive.entries import entries
from bot.archive.hub import Hub
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import PermanentError, PicksError, TransientError, is_outage
from bot.domain.waiting import held_until
from bot.store.collection_tables import CollectionItem, CollectionState, ItemState
from bot.store.collections import CollectionBusyError, CollectionClaim, Ledger
from bot.store.database import Database

_BACKOFF: Final = Backoff(first=timedelta(minutes=5), longest=timedelta(hours=6))
_TRIES_OF_A_DAY: Final = 10
"""So often the Hub was told of a paper within a day; a person should look then."""

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
    slug, now = channel.collection.target, clock()
    if slug is None:
        return None
    picks = wanted(entries(database, channel), channel)
    rows = Ledger(database, channel.name, slug.key, clock).items()
    waiting = resting(rows, now=now)
    if not _is_due(state_of(database, channel.name, slug), picks, rows, waiting, now=now):
        return None
    try:
        with hub() as opened:
            return push_now(database, channel, slug, opened, clock=clock, sleep=sleep, leave=waiting)
    except CollectionBusyError:
        return None


def push_now(
    database: Database,
    channel: Channel,
    slug: CollectionSlug,
    hub: Hub,
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], bool],
    leave: set[str] | frozenset[str] = frozenset(),
    remove_retracted: bool = False,
) -> Pushed:
    """Bring a collection in step and store how that went; raise CollectionBusyError while another process does it.

    ``leave`` are papers of which the Hub was told a short time ago.
    """
    claim = CollectionClaim(database, channel.name, slug.key, clock)
    claim.take()
    try:
        ledger = Ledger(database, channel.name, slug.key, clock)
        picks = wanted(entries(database, channel), channel)
        done = push(
            hub,
            ledger,
            slug,
            picks,
            sleep=sleep,
            keep=claim.keep,
            resting=leave,
            remove_retracted=remove_retracted,
        )
        if not isinstance(done.stopped, CollectionBusyError):
            _note(claim, done, picks, ledger.items())
        return done
    finally:
        claim.give_back()


def state_of(database: Database, channel: str, slug: CollectionSlug) -> CollectionState | None:
    """Return how a channel's collection stands, None before anything was pushed."""
    with database.reading() as session:
        return session.get(CollectionState, (channel, slug.key))


def _is_due(
    row: CollectionState | None,
    picks: Sequence[Wanted],
    rows: Mapping[str, CollectionItem],
    waiting: set[str],
    *,
    now: datetime,
) -> bool:
    """Say whether there is something to push, and whether it is time to."""
    if row is None:
        return True
    unfinished = any(
        (found := rows.get(pick.arxiv_id)) and found.state is not ItemState.ADDED and pick.arxiv_id not in waiting
        for pick in picks
    )
    return (unfinished or row.digest != _digest(picks)) and held_until(row.next_try_at, now=now) is None


def _digest(picks: Sequence[Wanted]) -> str:
    data = json.dumps([[pick.arxiv_id, pick.note] for pick in picks])
    return hashlib.sha256(data.encode()).hexdigest()


def _note(claim: CollectionClaim, done: Pushed, picks: Sequence[Wanted], rows: Mapping[str, CollectionItem]) -> None:
    """Store how it went, and when to go on."""
    now = claim.clock()
    error = done.stopped or (PermanentError(done.failed[0].error) if done.failed else None)
    told = error or _never_known(done, rows)

    def note(row: CollectionState) -> None:
        row.failures = row.failures + 1 if error else 0
        row.error, row.needs_person = str(told) if told else None, isinstance(told, PermanentError)
        row.next_try_at = now + _pause(row, error) if error else None
        if error is None:
            row.digest, row.pushed_at = _digest(picks), now

    claim.change(note)
    if told:
        outage = is_outage(told)
        _log.warning("collection not in step", channel=claim.channel, reason=str(told), outage=outage)


def _never_known(done: Pushed, rows: Mapping[str, CollectionItem]) -> PermanentError | None:
    """Return what a person should hear of papers that the Hub was told of for a day in vain."""
    names = [name for name in done.waiting if name in rows and rows[name].tries >= _TRIES_OF_A_DAY]
    if not names:
        return None
    return PermanentError(
        f"the Hub does not get to know {', '.join(names)}, of which it was told for a day;"
        " look for it on the Hub's page of papers, and add it there by hand"
    )


def _pause(row: CollectionState, error: PicksError) -> timedelta:
    asked = error.retry_after if isinstance(error, TransientError) else None
    return _BACKOFF.pause(row.failures, retry_after=asked)
