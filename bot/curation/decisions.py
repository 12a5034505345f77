"""The curators' decisions, each a short transaction of its own.

What needs the network (a quote's record) is asked before the transaction. States are changed by
``store.candidates.change`` alone, which logs every change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlmodel import Session, col, select

from bot.curation import corrections, drafts, words
from bot.curation.context import Context, Edits, UnknownPaperError, find_pick, locate
from bot.curation.last_decision import last_decision
from bot.curation.repeats import with_repeats
from bot.curation.slots import LostSlot, picks_on_the_day_of, take_slot
from bot.curation.words import Overwritten
from bot.domain.errors import PicksError
from bot.domain.posts import Platform, Thread
from bot.domain.states import Action, CandidateState, DeliveryState
from bot.intake.queue import enqueue
from bot.intake.versions import to_paper
from bot.intake.weights import weights_of
from bot.store import pictures
from bot.store.candidates import change, log
from bot.store.deliveries import deliveries_of
from bot.store.tables import Candidate, Decision, PaperRow, Pick


class NoteChangedError(PicksError):
    """Somebody else changed the note meanwhile: it is not the one that the curator had seen."""


@dataclass(frozen=True, slots=True)
class Approval:
    """What came of an approval.

    ``slot`` is when it goes out, ``picks_that_day`` how many go out on that day now, ``taken`` what other channels post
    already, ``lost`` a former slot that it could not have again. ``overwritten`` is what was replaced of other
    curators' words; ``words_of`` names those whose note or links were approved as they are.
    """

    arxiv_id: str
    slot: datetime
    picks_that_day: int
    taken: Mapping[Platform, str]
    lost: LostSlot | None = None
    overwritten: tuple[Overwritten, ...] = ()
    words_of: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Noted:
    """What came of a note: the state that the candidate was in, None when nothing changed.

    ``kept_slot`` is the slot that an approved pick gets again at its next approval, if it can.
    """

    arxiv_id: str
    before: CandidateState | None = None
    overwritten: tuple[Overwritten, ...] = ()
    kept_slot: datetime | None = None


def note(context: Context, text: str, edits: Edits, *, seen: str | None = None) -> Noted:
    """Set a pick's note and links; an approved pick goes back to the queue.

    Raises NoteChangedError when the note is not the one that the curator had ``seen`` while writing.
    """
    edits = drafts.checked(context, edits)
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        pick = _pick(session, candidate)
        _require_seen(context, candidate, pick, seen, since="while you wrote", again="write again: picks note")
        replaced = words.overwritten(pick, edits, by=context.actor.name)
        if not words.write(context, pick, edits):
            return Noted(candidate.arxiv_id)
        before, detail = candidate.state, _summary(edits, replaced)
        change(session, candidate, Action.NOTE, actor=context.actor, now=context.now, detail=detail)
        drafts.thaw(session, pick)
        candidate.queued_at = context.now  # whoever works on it wants it to stay
        session.add(pick)
        return Noted(candidate.arxiv_id, before, replaced, pick.former_slot_at)


def _require_seen(
    context: Context, candidate: Candidate, pick: Pick, seen: str | None, *, since: str, again: str
) -> None:
    writer = words.writer_of(pick, "note")
    if seen is None or pick.note == seen or writer is None:
        return
    name, at = writer
    raise NoteChangedError(
        f"{name} changed the note of {candidate.arxiv_id} at "
        f"{at.astimezone(context.channel.posting.zone):%a %d %b %Y %H:%M %Z}, {since}: "
        f'it says "{pick.note}" now; look at both, and {again} {candidate.arxiv_id}'
    )


def draft_note(context: Context, text: str) -> str:
    """Return the note as it stands, empty when there is none."""
    with context.database.reading() as session:
        _, candidate = locate(session, context.channel, text)
        pick = find_pick(session, candidate)
        return pick.note if pick else ""


def approve(
    context: Context, text: str, edits: Edits, *, at: datetime | None = None, seen: str | None = None
) -> Approval:
    """Approve a pick: freeze its exact posts and give it a slot.

    1. Check and tidy what the curator wrote.
    2. Look up the authors' post that may be quoted and the handles of people who are mentioned, draw the picture, and
       ask how long a post may be where that is not known: that takes its time, so it comes before the transaction.
    3. Take the paper into the queue where nobody offered it, refuse a note that the curator has not ``seen``, and take
       over the edits.
    4. Choose the slot: ``at``, else the one that the pick has or had, else the next free one (``take_slot``).
    5. Compose the threads, log the approval, and freeze the exact posts as deliveries, and the picture with them.

    Raises PicksError when other channels have the paper for all of the channel's accounts, and NoteChangedError when
    somebody else changed the note after the curator had ``seen`` it.
    """
    edits = drafts.checked(context, edits)
    expected = drafts.current_draft(context, text, edits)
    quote, failure = drafts.resolve(context, expected)
    card, asked = drafts.drawn(context, expected), drafts.ask(context, expected)
    with context.database.transaction() as session:
        paper, candidate = _take(session, context, text)
        pick = _pick(session, candidate)
        _require_seen(
            context, candidate, pick, seen, since="after you had looked", again="approve again: picks approve"
        )
        replaced = _take_over(session, context, candidate, pick, edits)
        draft = drafts.draft_of(paper, pick)
        if draft.thread_url != expected.thread_url:
            raise PicksError(f"the links of {candidate.arxiv_id} were changed meanwhile; look again: picks preview")
        if draft != expected:
            card = drafts.drawn(context, draft)
        ready = replace(draft, quote=quote)
        composed = drafts.compose_all(context.channel, ready, failure=failure, card=card, asked=asked)
        threads = with_repeats(session, context, candidate, composed)
        slot, lost = take_slot(session, context, pick, chosen=at)
        change(
            session, candidate, Action.APPROVE, actor=context.actor, now=context.now, detail=_frozen_as(slot, threads)
        )
        drafts.unfreeze(session, pick)
        pick.approved_at, pick.approved_by = context.now, context.actor.name
        taken = drafts.freeze(session, context, pick, threads, due_at=slot)
        if card:
            pictures.keep(session, pick.id, card.png, now=context.now)
        return Approval(
            candidate.arxiv_id,
            slot,
            picks_on_the_day_of(session, context.channel, slot),
            taken,
            lost,
            replaced,
            words_of=words.words_of_others(pick, by=context.actor.name),
        )


def _take_over(
    session: Session, context: Context, candidate: Candidate, pick: Pick, edits: Edits
) -> tuple[Overwritten, ...]:
    """Take over what comes with an approval and log it; return what that replaces of other curators' words."""
    replaced = words.overwritten(pick, edits, by=context.actor.name)
    if words.write(context, pick, edits):
        detail = _summary(edits, replaced)
        before = candidate.state
        log(session, candidate, Action.NOTE, before=before, actor=context.actor, now=context.now, detail=detail)
    return replaced


def reject(context: Context, text: str, *, reason: str = "") -> str:
    """Reject a candidate and return its arXiv id."""
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        change(session, candidate, Action.REJECT, actor=context.actor, now=context.now, detail=reason)
        return candidate.arxiv_id


def hold(context: Context, text: str, *, until: date) -> str:
    """Put a candidate aside until a date and return its arXiv id."""
    if until <= context.now.astimezone(context.channel.posting.zone).date():
        raise PicksError(f"cannot hold until {until}: the date must lie ahead")
    with context.database.transaction() as session:
        _, candidate = _take(session, context, text)
        _hold(session, context, candidate, until=until)
        return candidate.arxiv_id


def _hold(session: Session, context: Context, candidate: Candidate, *, until: date) -> None:
    change(session, candidate, Action.HOLD, actor=context.actor, now=context.now, detail=f"until {until}")
    candidate.held_until = until


def undo(context: Context, text: str | None) -> tuple[str, CandidateState, datetime | None]:
    """Take the last decision back, so that the candidate waits again, held where it was held before.

    ``text`` names the paper; None means that of the curator's own last decision. Returns its arXiv id, its earlier
    state, and the slot that it had and gives up with the decision. Of a pick that is out the correction that waits is
    taken back.

    Raises TransitionError once anything of an approved pick is being sent.
    """
    with context.database.transaction() as session:
        candidate = _decided(session, context, text)
        if (freed := corrections.take_back(session, context, candidate)) is not None:
            return candidate.arxiv_id, candidate.state, freed  # what is out stays as it is
        before, held_until = candidate.state, _hold_before(session, context, candidate)
        change(session, candidate, Action.UNDO, actor=context.actor, now=context.now)
        candidate.held_until = None
        candidate.queued_at = context.now
        if held_until:
            _hold(session, context, candidate, until=held_until)
        pick, slot = find_pick(session, candidate), None
        if pick:
            drafts.thaw(session, pick)
            slot, pick.former_slot_at, pick.slot_chosen = pick.former_slot_at, None, False
            session.add(pick)
        return candidate.arxiv_id, before, slot


def _decided(session: Session, context: Context, text: str | None) -> Candidate:
    if text is None:
        return last_decision(session, context)
    paper, candidate = locate(session, context.channel, text)
    if candidate is None:
        raise UnknownPaperError(f"nothing has been decided about {paper.arxiv_id}; see picks queue")
    return candidate


def _hold_before(session: Session, context: Context, candidate: Candidate) -> date | None:
    """Return until when a candidate was held that was then decided about; None where it was not, or the date has come.

    A candidate keeps the date of its last hold until it is queued again.
    """
    if candidate.state is CandidateState.HELD:
        return None
    query = select(Decision.before).where(Decision.candidate_id == candidate.id, Decision.after == candidate.state)
    state_before = session.exec(query.order_by(col(Decision.id).desc()).limit(1)).first()
    today = context.now.astimezone(context.channel.posting.zone).date()
    until = candidate.held_until
    return until if until and until > today and state_before is CandidateState.HELD else None


def reopen(context: Context, text: str) -> str:
    """Bring a retracted pick back to the queue with its words, and return its arXiv id.

    Its deliveries stay as former ones: for the log, and for what they cost. Raises PicksError while anything of them is
    up, or may be.
    """
    with context.database.transaction() as session:
        paper, candidate = locate(session, context.channel, text)
        pick = find_pick(session, candidate)
        if candidate is None or pick is None:
            raise PicksError(f"nothing of {paper.arxiv_id} was taken down; see picks history")
        _offer_one_platform(session, candidate, pick)
        change(session, candidate, Action.REOPEN, actor=context.actor, now=context.now)
        drafts.set_aside(session, context, candidate, pick)
        candidate.queued_at = context.now
        session.add(pick)
        return candidate.arxiv_id


def _offer_one_platform(session: Session, candidate: Candidate, pick: Pick) -> None:
    """Raise PicksError, naming the way, where the pick is out and one platform's thread alone was taken down."""
    down = [item.platform for item in deliveries_of(session, pick.id) if item.state is DeliveryState.RETRACTED]
    if down and candidate.state is not CandidateState.RETRACTED:
        name = candidate.arxiv_id
        raise PicksError(
            f"{name} is out elsewhere, and down on {down[0]}: picks reopen {name} --platform {down[0]} posts it anew "
            f"there alone, picks retract {name} takes the rest down too"
        )


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
        candidate.withdrawn_version = paper.version if paper.withdrawn else None  # whoever chooses it is told
        detail = f"chosen by hand{', though withdrawn' if paper.withdrawn else ''}"
        log(session, candidate, Action.OFFER, before=None, actor=context.actor, now=context.now, detail=detail)
    return paper, candidate


def _pick(session: Session, candidate: Candidate) -> Pick:
    return find_pick(session, candidate) or Pick(candidate_id=candidate.id)


def _summary(edits: Edits, replaced: Sequence[Overwritten]) -> str:
    parts = [
        f"note: {edits.note}" if edits.note is not None else "",
        f"thread: {edits.thread_url}" if edits.thread_url is not None else "",
        f"code: {edits.code_url}" if edits.code_url is not None else "",
        f"instead of {'; '.join(map(str, replaced))}" if replaced else "",
    ]
    return "; ".join(part for part in parts if part)


def _frozen_as(slot: datetime, threads: Mapping[Platform, Thread]) -> str:
    prints = ", ".join(f"{platform} {thread.fingerprint[:12]}" for platform, thread in threads.items())
    return f"slot {slot:%Y-%m-%d %H:%M}Z; posts {prints}"
