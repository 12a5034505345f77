"""What has to change in a collection so that our picks stand in it: with their notes, the newest first.

Pure: it compares a collection with what is wanted. What we did not add ourselves is never changed, and nothing is
removed. Our items stand before the others, which keep their order.
"""

import re
from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.archive.entries import Entry
from bot.archive.hub import Change, Collection
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.waiting import held_until
from bot.intake.collection_notes import write_note
from bot.store.collection_tables import CollectionItem, ItemState

_INDEXABLE: Final = re.compile(r"\d{4}\.\d{4,5}")
"""The ids of which the Hub can be told; those of before April 2007 cannot be in a collection."""
_PATIENCE: Final = Backoff(first=timedelta(minutes=5), longest=timedelta(hours=6))
"""The Hub gets to know most papers within moments, and some never."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pick as it is to stand in the collection."""

    arxiv_id: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done; all are arXiv ids but for ``changes``, which makes the ``update``.

    ``index`` are papers that the Hub does not know and has to be told of before they can be added. ``skipped`` cannot
    be there, ``theirs`` are there already by somebody else's hand. ``retracted`` are ours and no picks any more. Of
    those that are ``waiting`` the Hub was told a short time ago.
    """

    add: tuple[Wanted, ...]
    update: tuple[str, ...]
    index: tuple[str, ...]
    waiting: tuple[str, ...]
    skipped: tuple[str, ...]
    theirs: tuple[str, ...]
    retracted: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether the collection is as it should be."""
        return not (self.add or self.index or self.changes)


def wanted(entries: Iterable[Entry], channel: Channel) -> list[Wanted]:
    """Return our own picks that are out, the newest first; what was published elsewhere is for those who did it."""
    return [Wanted(entry.arxiv_id, note_of(entry, channel)) for entry in entries if entry.live and not entry.elsewhere]


def note_of(entry: Entry, channel: Channel) -> str:
    """Return the note of a pick with its links, as long as it may be there; a longer one leads to the archive."""
    page = f"{channel.archive.url}{entry.arxiv_id}/" if channel.archive.url else None
    return write_note(entry.note, thread_url=entry.thread_url, code_url=entry.code_url, page=page)


def resting(added: Mapping[str, CollectionItem], *, now: datetime) -> set[str]:
    """Return the papers of which the Hub was told so short a time ago that it need not be asked again yet."""
    return {
        name
        for name, row in added.items()
        if row.state is ItemState.INDEXED
        and held_until(row.tried_at + _PATIENCE.pause(row.tries), now=now, longest=_PATIENCE.longest)
    }


def plan(
    collection: Collection,
    picks: Sequence[Wanted],
    added: Mapping[str, CollectionItem],
    *,
    resting: Some[str] = (),
) -> Plan:
    """Compare a collection with our ``picks``, the newest first; ``added`` is what we have added, or begun to."""
    papers = collection.papers
    ours = [pick for pick in picks if pick.arxiv_id in papers and pick.arxiv_id in added]
    missing = [pick for pick in picks if pick.arxiv_id not in papers]
    takes = [pick for pick in missing if _INDEXABLE.fullmatch(pick.arxiv_id)]
    possible = [pick for pick in takes if pick.arxiv_id not in resting]
    unknown = [pick.arxiv_id for pick in possible if _is_unknown(added.get(pick.arxiv_id))]
    changes = _changes(collection, ours)
    changed = {change.item_id for change in changes}
    names = {pick.arxiv_id for pick in picks}
    return Plan(
        add=tuple(pick for pick in possible if pick.arxiv_id not in unknown),
        update=tuple(pick.arxiv_id for pick in ours if papers[pick.arxiv_id].item_id in changed),
        index=tuple(unknown),
        waiting=tuple(pick.arxiv_id for pick in takes if pick.arxiv_id in resting),
        skipped=tuple(pick.arxiv_id for pick in missing if pick not in takes),
        theirs=tuple(pick.arxiv_id for pick in picks if pick.arxiv_id in papers and pick.arxiv_id not in added),
        retracted=tuple(name for name in papers if name in added and name not in names),
        changes=tuple(changes),
    )


def _is_unknown(row: CollectionItem | None) -> bool:
    return row is not None and row.state is ItemState.UNKNOWN


def _changes(collection: Collection, ours: Sequence[Wanted]) -> list[Change]:
    """Return the changes that give our items their notes and bring them to the front, in order."""
    order, found = [item.item_id for item in collection.items], list[Change]()
    for place, pick in enumerate(ours):
        item = collection.papers[pick.arxiv_id]
        note = pick.note if pick.note != item.note else None
        position = None if order[place] == item.item_id else place
        if position is not None:
            order.remove(item.item_id)
            order.insert(place, item.item_id)
        if note is not None or position is not None:
            found.append(Change(item.item_id, note, position))
    return found


def strangers(collection: Collection, *, known: Some[str]) -> list[str]:
    """Return the papers in a collection that this channel knows nothing of: ``picks collection pull`` takes them."""
    return [name for name in collection.papers if name not in known]
