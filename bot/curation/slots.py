"""When picks go out: the next free slot, and new slots for picks that missed theirs.

The rules of slots are pure and stand in ``domain.slots``; this module reads which slots are taken.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, and_, col, or_, select

from bot.curation.context import Context
from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.domain.slots import next_free_slot
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.store import candidates
from bot.store.accounts import account_key, identity_of
from bot.store.database import Database
from bot.store.deliveries import change, deliveries_of, second_look_planned
from bot.store.tables import Candidate, Delivery, Pick

LATE: Final = timedelta(minutes=15)
"""A pick that is overdue by more has missed its slot."""

Destination = tuple[Platform, str]
"""An account on a platform, by what tells it from others: ``Identity.key``."""


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
    besides: Collection[datetime] = (),
) -> datetime:
    """Return the channel's next free slot; ``besides`` are times at which it posts, whatever slots those picks had."""
    others = (
        select(Pick.slot_at, Delivery.platform, account_key())
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .join(Delivery, col(Delivery.pick_id) == col(Pick.id))
        .where(Candidate.channel != channel.name, col(Pick.slot_at) > now)
    )
    shared = [slot for slot, platform, account in session.exec(others) if slot and (platform, account) in accounts]
    taken = [*_slots_of(session, channel), *besides]
    return next_free_slot(channel.posting, taken=taken, shared=shared, after=now)


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
    just_before = slot - timedelta(microseconds=1)
    if free_slot(session, context.channel, destinations(session, context), now=just_before) == slot:
        return None
    return LostSlot(slot, "it is taken, or no slot any more")


def _slots_of(session: Session, channel: Channel) -> list[datetime]:
    slots = session.exec(
        select(Pick.slot_at)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel.name, col(Pick.slot_at).is_not(None))
    )
    return [slot for slot in slots if slot]


def picks_on_the_day_of(session: Session, channel: Channel, slot: datetime) -> int:
    """Return how many picks of the channel have a slot on the same day, this one included."""
    zone = channel.posting.zone
    day = slot.astimezone(zone).date()
    return sum(other.astimezone(zone).date() == day for other in _slots_of(session, channel))


def destinations(session: Session, context: Context) -> set[Destination]:
    """Return the accounts on which the channel's picks go out."""
    return {
        (platform, identity_of(session, platform, account.name).key)
        for platform, account in context.accounts.items()
        if account.name
    }


def space_out(database: Database, channels: Iterable[Channel], *, now: datetime) -> list[str]:
    """Give new slots to picks that missed theirs, all but the oldest of each account; return their arXiv ids.

    After downtime the oldest goes out at once, and counts as one of its day; the rest gets the next free slots: never a
    burst, whether one channel posts on an account or several. Picks that have begun to go out keep their time, and go
    before those that have not.
    """
    by_name = {channel.name: channel for channel in channels}
    with database.transaction() as session:
        moved, busy, going_out = [], _about_to_post(session, now=now), set[str]()
        for candidate, pick in _missed(session, by_name, now=now):
            accounts = _planned_accounts(session, pick)
            if busy.isdisjoint(accounts):
                busy |= accounts
                going_out.add(candidate.channel)
                continue
            channel, besides = by_name[candidate.channel], [now] if candidate.channel in going_out else []
            _move(session, channel, candidate, pick, besides=besides, now=now)
            moved.append(candidate.arxiv_id)
        return moved


def _about_to_post(session: Session, *, now: datetime) -> set[Destination]:
    """Return the accounts on which a pick that has begun to go out goes on by itself."""
    query = (
        select(Delivery)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.state == CandidateState.PUBLISHING,
            col(Delivery.due_at) <= now,
            or_(
                # One that failed, or waits for a budget, has a time for its next try: it must not hold others back.
                and_(col(Delivery.state) == DeliveryState.PLANNED, col(Delivery.next_try_at).is_(None)),
                col(Delivery.state) == DeliveryState.SENDING,
                second_look_planned(),
            ),
        )
    )
    return {(row.platform, row.poster.key) for row in session.exec(query) if row.poster}


def _missed(session: Session, channels: Collection[str], *, now: datetime) -> Sequence[tuple[Candidate, Pick]]:
    query = (
        select(Candidate, Pick)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(
            col(Candidate.channel).in_(channels),
            Candidate.state == CandidateState.APPROVED,
            col(Pick.slot_at) < now - LATE,
        )
        .order_by(col(Pick.slot_at), col(Pick.id))
    )
    return session.exec(query).all()


def _planned_accounts(session: Session, pick: Pick) -> set[Destination]:
    """Return where the pick is to go; while an account is not known yet, the channel's is another than all others."""
    channel = session.get_one(Candidate, pick.candidate_id).channel
    return {
        (row.platform, row.poster.key if row.poster else f"of {channel}") for row in deliveries_of(session, pick.id)
    }


def _move(
    session: Session,
    channel: Channel,
    candidate: Candidate,
    pick: Pick,
    *,
    besides: Collection[datetime],
    now: datetime,
) -> None:
    """Give a pick and its deliveries the next free slot, and log why."""
    slot = free_slot(session, channel, _planned_accounts(session, pick), besides=besides, now=now)
    detail = f"missed its slot; {slot:%Y-%m-%d %H:%M}Z instead"
    candidates.change(session, candidate, Action.MOVE, actor=WORKER, now=now, detail=detail)
    pick.slot_at, pick.slot_chosen = slot, False
    session.add(pick)
    for delivery in deliveries_of(session, pick.id):
        change(session, delivery, DeliveryAction.UPDATE, by=WORKER, now=now, due_at=slot)
