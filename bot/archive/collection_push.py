"""``picks collection push``: our picks into a collection, whatever is lost on the way.

The collection is its own truth: what became of a request without an answer is found by reading it again. Before a paper
is added that is stored, so an item that is there afterwards is known for ours. Nothing of anybody else's is changed.
"""

from collections.abc import Callable, Sequence
from collections.abc import Collection as Some
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

import structlog
from structlog.contextvars import bound_contextvars

from bot.archive.collection_plan import Plan, Wanted, plan
from bot.archive.hub import Collection, Hub
from bot.archive.hub_errors import (
    HubAccessError,
    HubConflictError,
    HubError,
    HubNotFoundError,
    HubSilentError,
    HubUnavailableError,
)
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import PicksError
from bot.store.collection_tables import ItemState
from bot.store.collections import Ledger

PATIENCE: Final = 30.0
"""Seconds: a longer pause that the Hub asks for is for the next run."""
_TRIES: Final = 3
_MOST_CHANGES: Final = 200
"""In one request; the Hub documents no limit. What is left over is changed by the next one."""

_Answer = TypeVar("_Answer")

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A paper that the Hub does not take, and why."""

    arxiv_id: str
    error: str


@dataclass(slots=True)
class Pushed:
    """What was done; ``stopped`` is what ended it too early, ``waiting`` what the next run goes on with."""

    collection: str
    add: list[str] = field(default_factory=list)
    update: list[str] = field(default_factory=list)
    index: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    stopped: PicksError | None = None


def push(
    hub: Hub,
    ledger: Ledger,
    slug: CollectionSlug,
    picks: Sequence[Wanted],
    *,
    sleep: Callable[[float], bool],
    keep: Callable[[], None],
    resting: Some[str] = (),
    remove_retracted: bool = False,
) -> Pushed:
    """Bring a collection in step with our picks, the newest first, and return what was done, also where it broke off.

    1. Read the collection, and settle what an earlier run left open.
    2. Add what is missing, the oldest first; tell the Hub of papers that it does not know, for the next run.
    3. Give our items their notes and their places, in one request.
    4. Take out what was retracted, where that is wanted.

    ``sleep`` waits so many seconds and returns True when the process is asked to stop instead. ``keep`` is asked before
    each request whether the collection is still ours to change, and raises when it is not. ``resting`` are papers of
    which the Hub was told a short time ago: they are left for a later run.
    """
    work = _Push(hub, ledger, slug, picks, sleep=sleep, keep=keep, resting=resting)
    try:
        with bound_contextvars(channel=ledger.channel):
            work.run(remove_retracted=remove_retracted)
    except PicksError as error:
        work.done.stopped = error
    return work.done


class _Push:
    """One run; its methods stand in the order of the steps of ``push``."""

    def __init__(
        self,
        hub: Hub,
        ledger: Ledger,
        slug: CollectionSlug,
        picks: Sequence[Wanted],
        *,
        sleep: Callable[[float], bool],
        keep: Callable[[], None],
        resting: Some[str],
    ) -> None:
        self._hub = hub
        self._ledger = ledger
        self._slug = slug
        self._picks = picks
        self._sleep = sleep
        self._keep = keep
        self._resting = resting
        self._in_doubt = {name for name, row in ledger.items().items() if row.state is ItemState.ADDING}
        self.done = Pushed(str(slug))

    def run(self, *, remove_retracted: bool) -> None:
        """Go through the steps."""
        collection = self._read()
        self._settle(collection)
        first = self._plan(collection)
        self.done.skipped += first.skipped
        self.done.waiting += first.waiting
        for pick in reversed(first.add):
            self._add(pick)
        for arxiv_id in first.index:
            self._index(arxiv_id)
        if first.add:
            collection = self._read()
        self._change(collection)
        if remove_retracted:
            for arxiv_id in first.retracted:
                self._remove(arxiv_id)

    def _read(self) -> Collection:
        return self._patiently(lambda: self._hub.read(self._slug))

    def _plan(self, collection: Collection) -> Plan:
        return plan(collection, self._picks, self._ledger.items(), resting=self._resting)

    def _settle(self, collection: Collection) -> None:
        """Store what came of the papers that an earlier run was adding: what is there now is ours.

        A paper that was surely not added, or whose item is another one by now, was added by somebody else meanwhile.
        One that is not there and no pick any more is forgotten.
        """
        names = {pick.arxiv_id for pick in self._picks}
        for arxiv_id, row in self._ledger.items().items():
            found = collection.papers.get(arxiv_id)
            if found is None:
                if row.state is not ItemState.ADDED and arxiv_id not in names:
                    self._ledger.drop(arxiv_id, seen=row.state)
            elif row.state is ItemState.ADDING:
                self._ledger.put(arxiv_id, ItemState.ADDED, item_id=found.item_id)
            elif row.state is not ItemState.ADDED or row.item_id != found.item_id:
                self._leave_to_others(arxiv_id, seen=row.state)

    def _add(self, pick: Wanted) -> None:
        self._keep()  # before the row is touched: it may be another process's by now
        self._ledger.put(pick.arxiv_id, ItemState.ADDING)
        try:
            self._patiently(lambda: self._add_once(pick))
        except HubNotFoundError:
            self._ledger.put(pick.arxiv_id, ItemState.UNKNOWN)
            self._index(pick.arxiv_id)
        except HubConflictError:
            self._leave_to_others(pick.arxiv_id, seen=ItemState.ADDING)
        except HubAccessError:
            self._ledger.drop(pick.arxiv_id, seen=ItemState.ADDING)
            raise
        except HubUnavailableError:
            if pick.arxiv_id not in self._in_doubt:  # surely not added by us, so whoever adds it is somebody else
                self._ledger.drop(pick.arxiv_id, seen=ItemState.ADDING)
            raise
        except HubError as error:
            self._ledger.drop(pick.arxiv_id, seen=ItemState.ADDING)
            self.done.failed.append(Failure(pick.arxiv_id, str(error)))

    def _add_once(self, pick: Wanted) -> None:
        """Add a paper, unless a request that was never answered has done it."""
        name = pick.arxiv_id
        if name in self._in_doubt and (found := self._hub.read(self._slug).papers.get(name)):
            self._is_added(name, found.item_id)
            return
        try:
            collection = self._hub.add(self._slug, name, pick.note)
        except HubSilentError:
            self._in_doubt.add(name)
            raise
        except HubConflictError:
            if name not in self._in_doubt:
                raise
            collection = self._hub.read(self._slug)  # our own request landed between the look and this one
        if name in collection.papers:
            self._is_added(name, collection.papers[name].item_id)

    def _is_added(self, arxiv_id: str, item_id: str) -> None:
        self._ledger.put(arxiv_id, ItemState.ADDED, item_id=item_id)
        self.done.add.append(arxiv_id)
        _log.info("added to the collection", arxiv_id=arxiv_id, collection=str(self._slug))

    def _leave_to_others(self, arxiv_id: str, *, seen: ItemState) -> None:
        """Leave alone what somebody else added since we read the collection."""
        self._ledger.drop(arxiv_id, seen=seen)
        _log.info("already in the collection by another hand", arxiv_id=arxiv_id, collection=str(self._slug))

    def _index(self, arxiv_id: str) -> None:
        """Tell the Hub of a paper; it can be added at the next run."""
        try:
            self._patiently(lambda: self._hub.index(arxiv_id))
        except HubAccessError:
            raise
        except HubError as error:
            self.done.failed.append(Failure(arxiv_id, str(error)))
            return
        self._ledger.put(arxiv_id, ItemState.INDEXED)
        self.done.index.append(arxiv_id)
        self.done.waiting.append(arxiv_id)

    def _change(self, collection: Collection) -> None:
        """Give our items their notes and places; what was changed is seen by reading the collection again."""
        before = self._plan(collection)
        for _ in range(_TRIES):
            current = self._plan(collection)
            if not current.changes:
                break
            self._change_once(current)
            collection = self._read()
        left = self._plan(collection).update
        self.done.update += [name for name in before.update if name not in [*left, *self.done.add]]
        if left:
            raise HubUnavailableError(
                f"the collection {self._slug} does not keep note or place of {', '.join(left)}; try again later"
            )

    def _change_once(self, current: Plan) -> None:
        def ask() -> None:
            self._hub.change(self._slug, current.changes[:_MOST_CHANGES])

        self._boldly(ask, thing="an item")

    def _remove(self, arxiv_id: str) -> None:
        found = self._read().papers.get(arxiv_id)
        if found is not None:
            self._boldly(partial(self._hub.remove, self._slug, found.item_id), thing=arxiv_id)
        if arxiv_id not in self._read().papers:
            self._ledger.drop(arxiv_id, seen=ItemState.ADDED)
            self.done.remove.append(arxiv_id)

    def _boldly(self, ask: Callable[[], None], *, thing: str) -> None:
        """Ask for a change that a look will show afterwards, so that no answer is no harm, nor is what is gone."""
        try:
            self._patiently(ask)
        except HubSilentError:
            _log.warning("no answer to a change of the collection", collection=str(self._slug))
        except HubNotFoundError:
            _log.info("gone from the collection already", thing=thing, collection=str(self._slug))

    def _patiently(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask again after a short pause, as often as that may help; raise the last error."""
        for number in range(1, _TRIES):
            self._keep()
            try:
                return ask()
            except (HubUnavailableError, HubSilentError) as error:
                asked = error.retry_after if isinstance(error, HubUnavailableError) else None
                pause = float(number) if asked is None else asked
                if pause > PATIENCE or self._sleep(pause):
                    raise
        self._keep()
        return ask()
