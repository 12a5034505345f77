"""The curators' decisions: the only code that changes a candidate's state, and every change is logged.

Decisions are made in one short transaction each. What needs the network (a quote's record) is asked before it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, and_, col, or_, select, update

from bot.curation import drafts
from bot.curation.context import WORKER, Actor, Context, Edits, UnknownPaperError, find_pick, locate
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform, Thread
from bot.domain.slots import next_free_slot
from bot.domain.states import Action, CandidateState, DeliveryState, next_state
from bot.intake.queue import enqueue
from bot.intake.versions import to_paper
from bot.intake.weights import weights_of
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, Delivery, PaperRow, Pick

LATE: Final = timedelta(minutes=15)
"""A pick that is overdue by more has missed its slot."""

Destination = tuple[Platform, str]
"""An account on a platform."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What came of an approval: the slot, how many picks that day has now, and what other channels post already."""

    arxiv_id: str
    slot: datetime
    picks_that_day: int
    taken: Mapping[Platform, str]


def _take(session: Session, context: Context, text: str) -> tuple[PaperRow, Candidate]:
    """Return the paper and its candidate; a stored paper that nobody offered joins the queue by hand."""
    paper, candidate = locate(session, context.channel, text)
    if candidate is None:
        score = weights_of(session, context.channel).ranker.explain(to_paper(paper))
        candidate = enqueue(
            session,
            context.channel,
            paper.arxiv_id,
            score=score,
            announced=paper.announced,
            now=context.now,
            by_hand=True,
        )
        _log(
            session, candidate, Action.OFFER, before=None, actor=context.actor, now=context.now, detail="chosen by hand"
        )
    return paper, candidate


def apply(
    session: Session, candidate: Candidate, action: Action, *, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Change a candidate's state as the transition table says, and log it.

    Raises TransitionError when the action does not fit the state.
    """
    before = candidate.state
    candidate.state = next_state(before, action, name=candidate.arxiv_id)
    session.add(candidate)
    _log(session, candidate, action, before=before, actor=actor, now=now, detail=detail)


def _log(
    session: Session,
    candidate: Candidate,
    action: Action,
    *,
    before: CandidateState | None,
    actor: Actor,
    now: datetime,
    detail: str,
) -> None:
    session.add(
        Decision(
            candidate_id=candidate.id,
            at=now,
            action=action,
            before=before,
            after=candidate.state,
            by=actor.name,
            mouth=actor.mouth,
            detail=detail,
        )
    )


def note(context: Context, text: str, edits: Edits) -> tuple[str, CandidateState | None]:
    """Set a pick's note and links; an approved pick goes back to the queue.

    Returns its arXiv id and the state it was in, None when nothing changed.
    """
    edits = drafts.checked(context, edits)
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        pick = _pick(session, candidate)
        if not drafts.edit(pick, edits):
            return candidate.arxiv_id, None
        before = candidate.state
        apply(session, candidate, Action.NOTE, actor=context.actor, now=context.now, detail=_summary(edits))
        drafts.thaw(session, pick)
        candidate.queued_at = context.now  # whoever works on it wants it to stay
        session.add(pick)
        return candidate.arxiv_id, before


def draft_note(context: Context, text: str) -> str:
    """Return the note as it stands, empty when there is none."""
    with context.database.reading() as session:
        _, candidate = locate(session, context.channel, text)
        pick = find_pick(session, candidate)
        return pick.note if pick else ""


def approve(context: Context, text: str, edits: Edits, *, at: datetime | None = None) -> Approval:
    """Approve a pick: freeze its exact posts and give it a slot.

    ``at`` overrides the next free slot. A pick that is approved already keeps its slot and takes over the edits.
    Raises PicksError when other channels have the paper for all of the channel's accounts.
    """
    edits = drafts.checked(context, edits)
    expected = drafts.current_draft(context, text, edits)
    quote, failure = drafts.resolve(context, expected)
    with context.database.transaction() as session:
        paper, candidate = _take(session, context, text)
        pick = _pick(session, candidate)
        drafts.edit(pick, edits)
        draft = drafts.draft_of(paper, pick)
        if draft.thread_url != expected.thread_url:
            raise PicksError(f"the links of {candidate.arxiv_id} were changed meanwhile; look again: picks preview")
        kept = pick.slot_at if candidate.state is CandidateState.APPROVED else None
        slot = at or kept or _free_slot(session, context.channel, _names(context), now=context.now)
        threads = drafts.compose_all(context.channel, replace(draft, quote=quote), failure=failure)
        apply(
            session, candidate, Action.APPROVE, actor=context.actor, now=context.now, detail=_frozen_as(slot, threads)
        )
        drafts.thaw(session, pick)
        pick.slot_at, pick.approved_at, pick.approved_by = slot, context.now, context.actor.name
        candidate.held_until = None
        taken = drafts.freeze(session, context, pick, threads, due_at=slot)
        return Approval(candidate.arxiv_id, slot, _on_the_same_day(session, context.channel, slot), taken)


def reject(context: Context, text: str, *, reason: str = "") -> str:
    """Reject a candidate and return its arXiv id."""
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        apply(session, candidate, Action.REJECT, actor=context.actor, now=context.now, detail=reason)
        candidate.held_until = None
        return candidate.arxiv_id


def hold(context: Context, text: str, *, until: date) -> str:
    """Put a candidate aside until a date and return its arXiv id."""
    if until <= context.now.astimezone(context.channel.posting.zone).date():
        raise PicksError(f"cannot hold until {until}: the date must lie ahead")
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        apply(session, candidate, Action.HOLD, actor=context.actor, now=context.now, detail=f"until {until}")
        candidate.held_until = until
        return candidate.arxiv_id


def undo(context: Context, text: str) -> tuple[str, CandidateState]:
    """Take the last decision back, so that the candidate waits again; return its arXiv id and its earlier state.

    Raises TransitionError once anything of an approved pick is being sent.
    """
    with context.database.transaction() as session:
        _, candidate = locate(session, context.channel, text)
        if candidate is None:
            raise UnknownPaperError(f"nothing has been decided about {text}; see picks queue")
        before = candidate.state
        apply(session, candidate, Action.UNDO, actor=context.actor, now=context.now)
        candidate.held_until = None
        candidate.queued_at = context.now
        pick = find_pick(session, candidate)
        if pick:
            drafts.thaw(session, pick)
            session.add(pick)
        return candidate.arxiv_id, before


def expire_candidates(database: Database, channel: Channel, *, now: datetime) -> int:
    """Expire the candidates that nobody decided about in the channel's time; return how many."""
    with database.transaction() as session:
        waiting = session.exec(
            select(Candidate).where(Candidate.channel == channel.name, Candidate.state == CandidateState.QUEUED)
        )
        old = [item for item in waiting if (now - item.queued_at).days >= channel.queue.expire_after_days]
        for candidate in old:
            apply(session, candidate, Action.EXPIRE, actor=WORKER, now=now)
        return len(old)


def release_held(database: Database, channel: Channel, *, now: datetime) -> int:
    """Return held candidates whose date has come to the queue; return how many."""
    today = now.astimezone(channel.posting.zone).date()
    with database.transaction() as session:
        due = session.exec(
            select(Candidate).where(
                Candidate.channel == channel.name,
                Candidate.state == CandidateState.HELD,
                col(Candidate.held_until) <= today,
            )
        ).all()
        for candidate in due:
            apply(session, candidate, Action.RELEASE, actor=WORKER, now=now)
            candidate.held_until, candidate.queued_at = None, now
        return len(due)


def retire_withdrawn(database: Database, channel: Channel, *, now: datetime) -> list[str]:
    """Act on papers that were withdrawn, each once, and return their arXiv ids.

    A waiting one is rejected; an approved one goes back to the queue, and out only if a curator approves it again. What
    is going out or out already stays as it is, with a note of the fact in its log. One that was rejected for that alone
    waits again when a later version brings the paper back.
    """
    _restore_revived(database, channel, now=now)
    known = select(Decision.candidate_id).where(Decision.action == Action.WITHDRAW)
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name, col(PaperRow.withdrawn), col(Candidate.id).not_in(known))
    )
    with database.transaction() as session:
        found = session.exec(query).all()
        for candidate, paper in found:
            approved = candidate.state is CandidateState.APPROVED
            detail = f"version {paper.version} is a notice of withdrawal"
            apply(session, candidate, Action.WITHDRAW, actor=WORKER, now=now, detail=detail)
            pick = find_pick(session, candidate)
            if approved and pick:
                drafts.thaw(session, pick)
                session.add(pick)
                candidate.queued_at = now
        return [candidate.arxiv_id for candidate, _ in found]


def _restore_revived(database: Database, channel: Channel, *, now: datetime) -> None:
    newest = select(func.max(col(Decision.id))).group_by(col(Decision.candidate_id))
    query = (
        select(Candidate)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Decision, col(Decision.candidate_id) == col(Candidate.id))
        .where(
            Candidate.channel == channel.name,
            Candidate.state == CandidateState.REJECTED,
            ~col(PaperRow.withdrawn),
            Decision.action == Action.WITHDRAW,
            Decision.before != CandidateState.REJECTED,  # a person had rejected it, and that stays
            col(Decision.id).in_(newest),
        )
    )
    with database.transaction() as session:
        for candidate in session.exec(query).all():
            apply(session, candidate, Action.UNDO, actor=WORKER, now=now, detail="a later version is no withdrawal")


def _pick(session: Session, candidate: Candidate) -> Pick:
    return find_pick(session, candidate) or Pick(candidate_id=candidate.id)


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
                and_(col(Delivery.state) == DeliveryState.UNKNOWN, col(Delivery.next_try_at).is_not(None)),
            ),
        )
    )
    return {(row.platform, row.account) for row in session.exec(query) if row.account}


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
    rows = session.exec(select(Delivery).where(Delivery.pick_id == pick.id))
    return {(row.platform, row.account or f"of {channel}") for row in rows}


def _move(
    session: Session,
    channel: Channel,
    candidate: Candidate,
    pick: Pick,
    *,
    besides: Collection[datetime],
    now: datetime,
) -> None:
    slot = _free_slot(session, channel, _planned_accounts(session, pick), besides=besides, now=now)
    detail = f"missed its slot; {slot:%Y-%m-%d %H:%M}Z instead"
    apply(session, candidate, Action.MOVE, actor=WORKER, now=now, detail=detail)
    pick.slot_at = slot
    session.add(pick)
    session.execute(update(Delivery).where(col(Delivery.pick_id) == pick.id).values(due_at=slot))
    session.flush()


def _summary(edits: Edits) -> str:
    parts = [
        f"note: {edits.note}" if edits.note is not None else "",
        f"thread: {edits.thread_url}" if edits.thread_url is not None else "",
        f"code: {edits.code_url}" if edits.code_url is not None else "",
    ]
    return "; ".join(part for part in parts if part)


def _frozen_as(slot: datetime, threads: Mapping[Platform, Thread]) -> str:
    prints = ", ".join(f"{platform} {thread.fingerprint[:12]}" for platform, thread in threads.items())
    return f"slot {slot:%Y-%m-%d %H:%M}Z; posts {prints}"


def _names(context: Context) -> set[Destination]:
    return {(platform, account.name) for platform, account in context.accounts.items() if account.name}


def _free_slot(
    session: Session,
    channel: Channel,
    accounts: Collection[Destination],
    *,
    now: datetime,
    besides: Collection[datetime] = (),
) -> datetime:
    """Return the channel's next free slot; ``besides`` are times at which it posts, whatever slots those picks had."""
    others = (
        select(Pick.slot_at, Delivery.platform, Delivery.account)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .join(Delivery, col(Delivery.pick_id) == col(Pick.id))
        .where(Candidate.channel != channel.name, col(Pick.slot_at) > now)
    )
    shared = [slot for slot, platform, account in session.exec(others) if slot and (platform, account) in accounts]
    taken = [*_slots_of(session, channel), *besides]
    return next_free_slot(channel.posting, taken=taken, shared=shared, after=now)


def _slots_of(session: Session, channel: Channel) -> list[datetime]:
    slots = session.exec(
        select(Pick.slot_at)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel.name, col(Pick.slot_at).is_not(None))
    )
    return [slot for slot in slots if slot]


def _on_the_same_day(session: Session, channel: Channel, slot: datetime) -> int:
    zone = channel.posting.zone
    day = slot.astimezone(zone).date()
    return sum(other.astimezone(zone).date() == day for other in _slots_of(session, channel))
