"""The outbox: which deliveries are due, who has one, and what became of its posts.

Rows only: this module never sends anything, and changes deliveries through ``store.deliveries`` alone. Every function
works inside a transaction of its caller, but for those that take a database: they only read.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, func
from sqlmodel import Session, and_, col, or_, select, update

from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.posts import Platform, Post, post_from_json
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState, outcome
from bot.domain.waiting import LONGEST_LEASE
from bot.platforms.publisher import Receipt
from bot.store import candidates, corrections
from bot.store.account_tables import AccountState
from bot.store.accounts import account_key
from bot.store.database import Database
from bot.store.deliveries import change, deliveries_of, is_up, second_look_planned
from bot.store.order import asked_last
from bot.store.tables import Candidate, Decision, Delivery, FrozenPost, Pick
from bot.store.waiting import holds_back, is_over

LEASE: Final = timedelta(minutes=5)
"""How long a claimed delivery belongs to its worker; renewed with every request."""


def due_deliveries(
    database: Database,
    *,
    now: datetime,
    channels: Collection[str],
    arxiv_id: str | None = None,
    platforms: Collection[Platform] | None = None,
) -> list[int]:
    """Return the ids of the deliveries that should go out now, the oldest first.

    A person who names a paper wants it now: whatever its slot and its pauses, and also where it was refused before.
    """
    query = (
        select(Delivery.id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(asked_last(Candidate.channel).in_(channels), _claimable(now, by_name=arxiv_id is not None))
        .order_by(col(Delivery.due_at), col(Delivery.id))
    )
    if arxiv_id is not None:
        query = query.where(Candidate.arxiv_id == arxiv_id)
    if platforms is not None:
        query = query.where(col(Delivery.platform).in_(platforms))
    with database.reading() as session:
        return list(session.exec(query))


def claimable_delivery(session: Session, delivery_id: int, *, now: datetime, by_name: bool) -> Delivery | None:
    """Return the delivery if it may be claimed at this moment."""
    query = select(Delivery).where(Delivery.id == delivery_id, _claimable(now, by_name=by_name))
    return session.exec(query).first()


def claim(
    session: Session, delivery: Delivery, *, account: Identity, worker: str, actor: Actor, now: datetime, by_name: bool
) -> bool:
    """Give the delivery to a worker that posts as ``account``; say whether it was still to be had."""
    return change(
        session,
        delivery,
        DeliveryAction.CLAIM,
        by=actor,
        now=now,
        where=[_claimable(now, by_name=by_name)],
        claimed_by=worker,
        lease_until=now + LEASE,
        attempts=1 if by_name else delivery.attempts + 1,
        next_try_at=None,
        account=account.name,
        account_id=account.id,
    )


def _claimable(now: datetime, *, by_name: bool) -> ColumnElement[bool]:
    """Match deliveries that are due, that nobody is working on, and that no person has to decide about first.

    The claim asks the same question as the search before it: in between the row may have changed.
    """
    next_try = col(Delivery.next_try_at)
    planned = col(Delivery.state) == DeliveryState.PLANNED
    second_look = and_(second_look_planned(), next_try <= now)  # never sooner: the first look may have been just now
    lease_over = is_over(col(Delivery.lease_until), now=now, longest=LONGEST_LEASE)
    abandoned = and_(col(Delivery.state) == DeliveryState.SENDING, lease_over)
    if by_name:
        return or_(planned, col(Delivery.state) == DeliveryState.REFUSED, second_look, abandoned)
    rested = ~exists().where(
        col(AccountState.platform) == col(Delivery.platform),
        col(AccountState.account) == account_key(),
        holds_back(col(AccountState.rests_until), now=now),
    )
    waited = or_(next_try.is_(None), is_over(next_try, now=now))
    due = and_(planned, col(Delivery.due_at) <= now, waited)
    return and_(or_(due, second_look, abandoned), rested)


def start(session: Session, candidate: Candidate, *, actor: Actor, now: datetime) -> None:
    """Note that a delivery of the candidate is on its way, or on its way again."""
    if candidate.state in {CandidateState.APPROVED, CandidateState.ATTENTION}:
        candidates.change(session, candidate, Action.START, actor=actor, now=now)


def candidate_of(session: Session, delivery: Delivery) -> Candidate:
    """Return the candidate that the delivery carries."""
    return session.exec(
        select(Candidate).join(Pick, col(Pick.candidate_id) == col(Candidate.id)).where(Pick.id == delivery.pick_id)
    ).one()


def subject(candidate: Candidate, delivery: Delivery) -> dict[str, str]:
    """Return what each line of the log about a delivery bears."""
    return {"channel": candidate.channel, "arxiv_id": candidate.arxiv_id, "platform": str(delivery.platform)}


def thread_name(session: Session, candidate: Candidate) -> str:
    """Return what the paper's threads are called, on every account and whatever the database has forgotten.

    What comes after a retraction, or after a correction that posts anew, has another name: its posts must not take the
    place of those that people remember.
    """
    retractions = session.exec(
        select(func.count())
        .select_from(Decision)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(Candidate.arxiv_id == candidate.arxiv_id, col(Decision.action).in_((Action.RETRACT, Action.REPLACE)))
    ).one()
    return f"{candidate.arxiv_id} after {retractions}" if retractions else candidate.arxiv_id


def has_begun(session: Session, delivery: Delivery) -> bool:
    """Say whether anything of the delivery is up, or may be: then it belongs to the account that it began on."""
    return delivery.request is not None or bool(still_up(session, delivery.id))


def posts_to_send(session: Session, delivery: Delivery) -> Sequence[FrozenPost]:
    """Return the posts of the delivery in order: those of the thread, or the single one in its place."""
    return frozen_posts(session, delivery.id, single=delivery.single)


def frozen_posts(session: Session, delivery_id: int, *, single: bool) -> Sequence[FrozenPost]:
    """Return the approved posts of one form, in order."""
    query = (
        select(FrozenPost)
        .where(FrozenPost.delivery_id == delivery_id, FrozenPost.single == single)
        .order_by(col(FrozenPost.position))
    )
    return session.exec(query).all()


def post_of(row: FrozenPost, delivery: Delivery) -> Post:
    """Return what is to go out at a place of the thread, in the form that the delivery has now."""
    return post_from_json(row.content).reduced(unquoted=delivery.unquoted, unpictured=delivery.unpictured)


def still_up(session: Session, delivery_id: int) -> list[Receipt]:
    """Return the delivery's posts that went out and were not taken down, in order."""
    account = session.get_one(Delivery, delivery_id).poster
    query = (
        select(FrozenPost)
        .where(FrozenPost.delivery_id == delivery_id, is_up())
        .order_by(col(FrozenPost.single), col(FrozenPost.position))
    )
    return [receipt_of(row, account) for row in session.exec(query)]


def receipt_of(row: FrozenPost, account: Identity | None) -> Receipt:
    """Return what the platform made of a post that is out; ``account`` is the one of its delivery."""
    return Receipt(row.position, row.remote_id or "", row.url or "", row.cid, account, row.document)


def record_receipts(
    session: Session, delivery_id: int, receipts: Sequence[Receipt], *, single: bool, now: datetime
) -> None:
    """Store what became of posts that are out; ``single`` says which form they are of."""
    rows = {row.position: row for row in frozen_posts(session, delivery_id, single=single)}
    for receipt in receipts:
        row = rows[receipt.position]
        row.remote_id, row.cid, row.url, row.sent_at = receipt.remote_id, receipt.cid, receipt.url, now
        row.document = receipt.document
        session.add(row)


def record_removal(session: Session, delivery_id: int, removed: Sequence[Receipt], *, now: datetime) -> None:
    """Store that posts were taken down."""
    session.execute(
        update(FrozenPost)
        .where(
            col(FrozenPost.delivery_id) == delivery_id,
            col(FrozenPost.remote_id).in_([receipt.remote_id for receipt in removed]),
        )
        .values(removed_at=now)
    )


def tell_candidate(session: Session, delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """Change the candidate's state to what its deliveries together mean."""
    candidate = candidate_of(session, delivery)
    if candidate.state is not CandidateState.PUBLISHING:
        return
    siblings = deliveries_of(session, delivery.pick_id)
    action = outcome([DeliveryState.SENDING if item.awaits_second_look else item.state for item in siblings])
    if action is Action.RETRACT and corrections.open_correction(session, delivery.pick_id):
        return  # the corrected thread is still to come
    if action is not None:
        candidates.change(session, candidate, action, actor=actor, now=now, detail=delivery.error or "")


def note_off(
    database: Database, *, channel: str, platform: Platform, problem: str, actor: Actor, now: datetime
) -> None:
    """Store with what is due on a platform that it waits because the platform is off where the worker runs."""
    reason = f"{platform} is off where the worker runs: {problem}"
    due = due_deliveries(database, now=now, channels=[channel], platforms=[platform])
    if not due:
        return
    with database.transaction() as session:
        query = select(Delivery).where(col(Delivery.id).in_(due), Delivery.state == DeliveryState.PLANNED)
        for delivery in session.exec(query):
            if delivery.error != reason:
                change(session, delivery, DeliveryAction.UPDATE, by=actor, now=now, error=reason)
