"""When picks go out: the next free slot, and new slots for deliveries that missed theirs.

The rules of slots are pure and stand in ``domain.slots``; which times are taken is read in ``occupancy``.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from sqlalchemy import ColumnElement, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from bot.curation.context import Context
from bot.curation.occupancy import Destination, accounts_in_use, occupancy, unknown_account
from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.domain.slots import next_free_slot, slots_after
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.store import candidates
from bot.store.accounts import identity_of
from bot.store.database import Database
from bot.store.deliveries import change, deliveries_of, is_up, second_look_planned
from bot.store.tables import Candidate, Delivery, DeliveryChange, FrozenPost, Pick
from bot.store.waiting import is_later

LATE: Final = timedelta(minutes=15)
"""A delivery that is overdue by more has missed its slot."""

ChannelPlatform = tuple[str, Platform]
"""A channel by its name, and one of its platforms."""

_INSTANT: Final = timedelta(microseconds=1)
_GIVES_A_SLOT: Final = (DeliveryAction.PLAN, DeliveryAction.MOVE)


@dataclass(frozen=True, slots=True)
class LostSlot:
    """A slot that a pick had before its words were changed, and cannot have any more; its ``str`` is why."""

    slot: datetime
    reason: str

    def __str__(self) -> str:
        return self.reason


def free_slot(
    session: Session,
    channel: Channel,
    accounts: Collection[Destination],
    *,
    now: datetime,
    besides: Mapping[Platform, datetime] | None = None,
) -> datetime:
    """Return the channel's next slot that is free on all of the accounts.

    ``besides`` says where the channel posts at a moment that no row tells of.
    """
    also = besides or {}
    found = [(occupancy(session, channel.name, item, now=now), also.get(item[0])) for item in accounts]
    after = now
    while True:
        free = {
            next_free_slot(
                channel.posting, taken=[*taken.own, *([extra] if extra else [])], shared=taken.shared, after=after
            )
            for taken, extra in found
        }
        if len(free) == 1:
            return free.pop()
        after = max(free) - _INSTANT


def take_slot(
    session: Session, context: Context, pick: Pick, *, chosen: datetime | None
) -> tuple[datetime, LostSlot | None]:
    """Give a pick its slot at its approval; return it, and the former one where that cannot stay.

    It is the time that is ``chosen`` now, else the slot that it has, else the one that it had before its words were
    changed, else the next free one. A time that a person chose stays as long as it lies ahead, any other one while it
    is free.
    """
    kept, former, lost = pick.slot_at, pick.former_slot_at, None
    if kept is None and former is not None and chosen is None:
        lost = _lost(session, context, former, chosen=pick.slot_chosen)
        kept = former if lost is None else None
    slot = chosen or kept or free_slot(session, context.channel, destinations(session, context), now=context.now)
    pick.slot_chosen = chosen is not None or (kept is not None and pick.slot_chosen)
    pick.slot_at, pick.former_slot_at = slot, None
    return slot, lost


def _lost(session: Session, context: Context, slot: datetime, *, chosen: bool) -> LostSlot | None:
    """Return why a pick cannot have a slot again, None when it can."""
    if slot <= context.now:
        return LostSlot(slot, "it is past")
    if chosen:
        return None
    if _is_free(session, context, slot):
        return None
    return LostSlot(slot, "it is taken, or no slot any more")


def empty_slots(session: Session, context: Context, *, within: timedelta = timedelta(days=1)) -> list[datetime]:
    """Return the slots of today, no farther ahead than ``within``, that a pick could still have, in order."""
    posting, now = context.channel.posting, context.now
    today = now.astimezone(posting.zone).date()
    ahead = takewhile(lambda slot: slot.astimezone(posting.zone).date() == today, slots_after(posting, now))
    return [slot for slot in ahead if slot <= now + within and _is_free(session, context, slot)]


def _is_free(session: Session, context: Context, slot: datetime) -> bool:
    """Say whether a time is one of the channel's slots and free on all of its accounts."""
    return free_slot(session, context.channel, destinations(session, context), now=slot - _INSTANT) == slot


def picks_on_the_day_of(session: Session, channel: Channel, slot: datetime) -> int:
    """Return how many picks of the channel have a slot on the same day, this one included."""
    zone = channel.posting.zone
    day = slot.astimezone(zone).date()
    slots = session.exec(
        select(Pick.slot_at)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel.name, col(Pick.slot_at).is_not(None))
    )
    return sum(other.astimezone(zone).date() == day for other in slots if other)


def destinations(session: Session, context: Context) -> set[Destination]:
    """Return the accounts on which the channel's picks go out."""
    in_use, name = accounts_in_use(session), context.channel.name
    return {
        (
            platform,
            identity_of(session, platform, account.name).key
            if account.name
            else in_use.get((name, platform)) or unknown_account(name),
        )
        for platform, account in context.accounts.items()
    }


@dataclass(frozen=True, slots=True)
class _Due:
    """A delivery whose time has come; ``out`` says whether any of its posts is."""

    delivery: Delivery
    pick: Pick
    candidate: Candidate
    out: bool

    @property
    def place(self) -> ChannelPlatform:
        """Return the channel and the platform on which it goes out."""
        return self.candidate.channel, self.delivery.platform

    @property
    def goes_on(self) -> bool:
        """Say whether it is on its way already, and goes on by itself; what has begun and waits holds nobody back."""
        row = self.delivery
        return row.state is DeliveryState.SENDING or (self.out and (row.awaits_second_look or not self._waits))

    def missed(self, now: datetime) -> bool:
        """Say whether it missed its slot with nothing out; the rest of a thread never waits for a slot."""
        return self.delivery.due_at < now - LATE and not self.out and self.delivery.state is not DeliveryState.SENDING

    @property
    def rank(self) -> tuple[bool, bool, datetime, int]:
        """Return what orders missed deliveries: what may be out already, what waits for nothing else, the oldest."""
        row = self.delivery
        return (row.request is None, self._waits, row.due_at, row.id)

    @property
    def _waits(self) -> bool:
        """Say whether it failed, or waits for a budget: it has a time for its next try then."""
        return self.delivery.next_try_at is not None


@dataclass(slots=True)
class _Spacing:
    """Who goes out now, and who gets another slot: at most one missed delivery an account goes out at once."""

    moved: list[_Due] = field(default_factory=list)
    posting_now: dict[str, set[Platform]] = field(default_factory=lambda: defaultdict(set))

    def add(self, platform: Platform, due: Sequence[_Due], *, now: datetime) -> None:
        """Decide about the deliveries of one account; what is on time keeps its time, and goes before what is late."""
        missed = sorted((item for item in due if item.missed(now)), key=lambda item: item.rank)
        going = [item for item in due if item.goes_on]
        on_time = any(item.delivery.due_at >= now - LATE for item in due)
        if not going and not on_time:
            going, missed = missed[:1], missed[1:]
        self.moved += missed
        for item in going:
            self.posting_now[item.candidate.channel].add(platform)


def space_out(
    database: Database, channels: Iterable[Channel], *, now: datetime, off: Collection[ChannelPlatform] = ()
) -> list[str]:
    """Give new slots to the deliveries that missed theirs, all but one of each account; return their arXiv ids.

    After downtime, or when one platform was out for days, or a budget begins anew, the oldest missed thread of an
    account goes out at once and counts as one of its day. The rest gets the next free slots of that account: never a
    burst, whether one channel posts there or several. The other platforms of a pick keep their times. What has begun to
    go out goes on, and what is on time keeps its time; both go before what missed its slot. A slot that was given while
    the clock was ahead is given anew. What is for a platform that is ``off`` waits where it is: it is spread when the
    platform is on.
    """
    by_name = {channel.name: channel for channel in channels}
    with database.transaction() as session:
        spacing = _spaced(session, by_name, now=now, off=off)
        together: dict[int, list[_Due]] = defaultdict(list)
        for item in sorted(spacing.moved, key=lambda item: (item.delivery.due_at, item.delivery.id)):
            together[item.pick.id].append(item)
        for items in together.values():
            channel = by_name[items[0].candidate.channel]
            busy = spacing.posting_now[channel.name]
            _move(session, channel, items, besides=dict.fromkeys(busy, now), now=now, off=off)
        return [items[0].candidate.arxiv_id for items in together.values()]


def to_be_moved(
    session: Session, channels: Collection[str], *, now: datetime, off: Collection[ChannelPlatform] = ()
) -> set[int]:
    """Return the ids of the deliveries to which ``space_out`` would give new slots; change nothing."""
    return {item.delivery.id for item in _spaced(session, channels, now=now, off=off).moved}


def _spaced(
    session: Session, channels: Collection[str], *, now: datetime, off: Collection[ChannelPlatform]
) -> _Spacing:
    """Decide which deliveries of the channels go out now and which get another slot."""
    spacing = _Spacing([item for item in _misplaced(session, channels, now=now) if item.place not in off])
    due = [item for item in _due(session, channels, now=now) if item.place not in off]
    if not any(item.missed(now) for item in due):
        return spacing  # nearly always: every tick asks
    by_account: dict[Destination, list[_Due]] = defaultdict(list)
    accounts = accounts_in_use(session)
    for item in due:
        by_account[_destination(accounts, item.candidate, item.delivery)].append(item)
    for (platform, _), items in by_account.items():
        spacing.add(platform, items, now=now)
    return spacing


def _due(session: Session, channels: Collection[str], *, now: datetime) -> list[_Due]:
    """Return the deliveries whose time has come and that no person has to decide about."""
    return _open(session, channels, col(Delivery.due_at) <= now)


def _misplaced(session: Session, channels: Collection[str], *, now: datetime) -> list[_Due]:
    """Return the deliveries whose time was given while the clock was ahead by more than a day, as their log shows.

    A time that a person chose stays, but for "now": that was the clock's.
    """
    given = aliased(DeliveryChange)
    newest = (
        select(func.max(given.id))
        .where(col(given.delivery_id) == col(Delivery.id), col(given.action).in_(_GIVES_A_SLOT))
        .scalar_subquery()
    )
    by_that_clock = exists().where(
        col(DeliveryChange.id) == newest,
        is_later(col(DeliveryChange.at), now=now),
        or_(~col(Pick.slot_chosen), col(Delivery.due_at) <= col(DeliveryChange.at)),
    )
    in_hand = col(Delivery.state) == DeliveryState.SENDING
    return _open(session, channels, col(Delivery.due_at) > now, ~in_hand, by_that_clock)


def _open(session: Session, channels: Collection[str], *conditions: ColumnElement[bool]) -> list[_Due]:
    out = exists().where(col(FrozenPost.delivery_id) == col(Delivery.id), is_up())
    open_ones = or_(col(Delivery.state).in_((DeliveryState.PLANNED, DeliveryState.SENDING)), second_look_planned())
    query = (
        select(Delivery, Pick, Candidate, out)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(col(Candidate.channel).in_(channels), open_ones, *conditions)
        .order_by(col(Delivery.due_at), col(Delivery.id))
    )
    return [_Due(*row) for row in session.exec(query)]


def _destination(accounts: Mapping[tuple[str, Platform], str], candidate: Candidate, delivery: Delivery) -> Destination:
    known = accounts.get((candidate.channel, delivery.platform))
    return delivery.platform, known or unknown_account(candidate.channel)


def _move(
    session: Session,
    channel: Channel,
    items: Sequence[_Due],
    *,
    besides: Mapping[Platform, datetime],
    now: datetime,
    off: Collection[ChannelPlatform],
) -> None:
    """Give deliveries of one pick the next slot that is free on all of their accounts, and log why."""
    pick, candidate = items[0].pick, items[0].candidate
    accounts = accounts_in_use(session)
    where = [_destination(accounts, candidate, item.delivery) for item in items]
    slot = free_slot(session, channel, where, besides=besides, now=now)
    why = "was given its slot by a clock that was ahead" if items[0].delivery.due_at > now else "missed its slot"
    detail = f"{why}; {slot:%Y-%m-%d %H:%M}Z instead"
    for item in items:
        change(session, item.delivery, DeliveryAction.MOVE, by=WORKER, now=now, detail=detail, due_at=slot)
    if candidate.state is not CandidateState.APPROVED:
        return  # something of it is out: the pick has had its slot
    every = [item for item in deliveries_of(session, pick.id) if (channel.name, item.platform) not in off]
    earliest = min(item.due_at for item in every)
    pick.slot_chosen = pick.slot_chosen and pick.slot_at == earliest
    pick.slot_at = earliest
    session.add(pick)
    if len(items) == len(every):
        candidates.change(session, candidate, Action.MOVE, actor=WORKER, now=now, detail=detail)
