"""The curators' decisions, each a short transaction of its own.

What needs the network (a quote's record) is asked before the transaction. States are changed by
``store.candidates.change`` alone, which logs every change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session

from bot.curation import drafts
from bot.curation.context import Context, Edits, UnknownPaperError, find_pick, locate
from bot.curation.repeats import with_repeats
from bot.curation.slots import destinations, free_slot, picks_on_the_day_of
from bot.domain.errors import PicksError
from bot.domain.posts import Platform, Thread
from bot.domain.states import Action, CandidateState
from bot.intake.queue import enqueue
from bot.intake.versions import to_paper
from bot.intake.weights import weights_of
from bot.store.candidates import change, log
from bot.store.tables import Candidate, PaperRow, Pick


@dataclass(frozen=True, slots=True)
class Approval:
    """What came of an approval: the slot, how many picks that day has now, and what other channels post already."""

    arxiv_id: str
    slot: datetime
    picks_that_day: int
    taken: Mapping[Platform, str]


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
        change(session, candidate, Action.NOTE, actor=context.actor, now=context.now, detail=_summary(edits))
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

    1. Check and tidy what the curator wrote.
    2. Look up the authors' post that may be quoted: it needs the network, so it comes before the transaction.
    3. Take the paper into the queue where nobody offered it, and take over the edits.
    4. Choose the slot: ``at``, else the one that an approved pick has already, else the next free one.
    5. Compose the threads, log the approval, and freeze the exact posts as deliveries.

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
        slot = at or kept or free_slot(session, context.channel, destinations(context), now=context.now)
        composed = drafts.compose_all(context.channel, replace(draft, quote=quote), failure=failure)
        threads = with_repeats(session, context, candidate, composed)
        change(
            session, candidate, Action.APPROVE, actor=context.actor, now=context.now, detail=_frozen_as(slot, threads)
        )
        drafts.thaw(session, pick)
        pick.slot_at, pick.approved_at, pick.approved_by = slot, context.now, context.actor.name
        candidate.held_until = None
        taken = drafts.freeze(session, context, pick, threads, due_at=slot)
        return Approval(candidate.arxiv_id, slot, picks_on_the_day_of(session, context.channel, slot), taken)


def reject(context: Context, text: str, *, reason: str = "") -> str:
    """Reject a candidate and return its arXiv id."""
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        change(session, candidate, Action.REJECT, actor=context.actor, now=context.now, detail=reason)
        candidate.held_until = None
        return candidate.arxiv_id


def hold(context: Context, text: str, *, until: date) -> str:
    """Put a candidate aside until a date and return its arXiv id."""
    if until <= context.now.astimezone(context.channel.posting.zone).date():
        raise PicksError(f"cannot hold until {until}: the date must lie ahead")
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        change(session, candidate, Action.HOLD, actor=context.actor, now=context.now, detail=f"until {until}")
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
        change(session, candidate, Action.UNDO, actor=context.actor, now=context.now)
        candidate.held_until = None
        candidate.queued_at = context.now
        pick = find_pick(session, candidate)
        if pick:
            drafts.thaw(session, pick)
            session.add(pick)
        return candidate.arxiv_id, before


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
        log(
            session, candidate, Action.OFFER, before=None, actor=context.actor, now=context.now, detail="chosen by hand"
        )
    return paper, candidate


def _pick(session: Session, candidate: Candidate) -> Pick:
    return find_pick(session, candidate) or Pick(candidate_id=candidate.id)


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
