"""What became of a pick: it is out, or it needs a person. Its curator is told, once for each thing that happened.

Who approved a pick is its curator, by the name that the log keeps; once a correction began, who approved that. Where
nobody of that name can be told, what needs a person goes to the channel's operators, or else to whoever can do
something about it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, func
from sqlmodel import Session, and_, col, or_, select

from bot.curation.context import Context, find_pick
from bot.domain.actors import WORKER
from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.states import Action, CandidateState, DeliveryState
from bot.interfaces.notices.recipients import Recipient, not_told, plan
from bot.interfaces.views.attention import AttentionCase, attention
from bot.interfaces.views.digest import shortened
from bot.platforms.alerts import harmless
from bot.store.correction_tables import Correction
from bot.store.corrections import corrections_of
from bot.store.deliveries import deliveries_of, is_up
from bot.store.tables import Candidate, Decision, Delivery, DeliveryChange, FrozenPost, PaperRow, Pick

NEWS_FOR: Final = timedelta(days=2)
"""What happened before is told no more: to a curator who is new, or after the worker was off."""

_GRACE: Final = timedelta(minutes=30)
"""So long after a thread went out on one platform its curator is told, although others are still to come."""

_TITLE_LENGTH: Final = 120
_WHY_LENGTH: Final = 500
_DECIDED_BY_PEOPLE: Final = (DeliveryState.REFUSED, DeliveryState.UNKNOWN)
_LEFT_OUT: Final = (DeliveryState.GIVEN_UP, DeliveryState.RETRACTED)
_ON_ITS_WAY: Final = (CandidateState.PUBLISHING, CandidateState.PUBLISHED, CandidateState.ATTENTION)


@dataclass(frozen=True, slots=True)
class _Event:
    """Something that happened to a pick; ``key`` tells it from everything else that did.

    ``by`` is who is told, by name; None is whoever approved the pick.
    """

    key: str
    candidate: Candidate
    text: str
    urgent: bool
    by: str | None = None


def plan_outcomes(session: Session, context: Context, people: Sequence[Recipient]) -> int:
    """Plan what the curators of picks should hear of them; return how many messages that are."""
    if not context.channel.notices.picks:
        return 0
    told = 0
    out = (*_out(session, context), *_corrected(session, context))
    for event in (*out, *_needing_a_person(session, context), *_taken_back(session, context)):
        theirs = _whom_to_tell(session, event, people)
        told += sum(
            plan(session, context, person, key=event.key, text=event.text)
            for person in not_told(session, context, event.key, theirs)
        )
    return told


def _whom_to_tell(session: Session, event: _Event, people: Sequence[Recipient]) -> list[Recipient]:
    name = event.by or _who_approved(session, event.candidate)
    theirs = [item for item in people if item.curator and item.curator.name.casefold() == name.casefold()]
    if theirs or not event.urgent:
        return theirs
    operators = [item for item in people if item.operates]
    deciding = [item for item in people if item.curator and item.decides]
    return operators or deciding or list(people)


def _who_approved(session: Session, candidate: Candidate) -> str:
    approved = select(Decision.by).where(
        Decision.candidate_id == candidate.id, col(Decision.action).in_((Action.APPROVE, Action.POST_ANEW))
    )
    return session.exec(approved.order_by(col(Decision.id).desc()).limit(1)).first() or ""


def _last_correction(session: Session, pick: Pick | None) -> Correction | None:
    """Return the correction of a pick that has begun last."""
    begun = corrections_of(session, [pick.id]) if pick else ()
    return begun[-1] if begun else None


def _out(session: Session, context: Context) -> Iterator[_Event]:
    """Yield the picks that went out lately: once all of it is out, or some of it long enough."""
    lately = exists().where(
        col(Delivery.pick_id) == col(Pick.id),
        col(Delivery.state) == DeliveryState.SENT,
        col(Delivery.sent_at) > context.now - NEWS_FOR,
    )
    query = (
        select(Candidate, Pick, PaperRow)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == context.channel.name, col(Candidate.state).in_(_ON_ITS_WAY), lately)
        .order_by(col(Candidate.id))
    )
    for candidate, pick, paper in session.exec(query).all():
        deliveries = [item for item in deliveries_of(session, pick.id) if item.state not in _LEFT_OUT]
        sent = [item for item in deliveries if item.state is DeliveryState.SENT or item.corrects]
        row = _last_correction(session, pick)
        if row and row.state is CorrectionState.UNDERWAY:
            continue  # some of it is down: what comes in its place is told
        newest = max((item.sent_at for item in sent if item.sent_at), default=None)
        if newest is None or (len(sent) < len(deliveries) and newest > context.now - _GRACE):
            continue
        lines = [_line(session, context, item) for item in deliveries]
        numbers = "+".join(str(item.id) for item in sorted(sent, key=lambda item: item.id))
        by = row.by if row and row.form is CorrectionForm.ANEW else None
        text = _text("out", candidate, paper, lines)
        yield _Event(f"out {candidate.arxiv_id} {numbers}", candidate, text, urgent=False, by=by)


def _corrected(session: Session, context: Context) -> Iterator[_Event]:
    """Yield the correcting replies that went out lately, once all of them are; a thread posted anew is out anew."""
    query = (
        select(Correction, Candidate, PaperRow)
        .join(Pick, col(Pick.id) == col(Correction.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(
            Candidate.channel == context.channel.name,
            Candidate.state == CandidateState.PUBLISHED,
            Correction.form == CorrectionForm.REPLY,
            Correction.state == CorrectionState.DONE,
            col(Correction.started_at) > context.now - NEWS_FOR,
        )
        .order_by(col(Correction.id))
    )
    for row, candidate, paper in session.exec(query).all():
        sent = [item for item in deliveries_of(session, row.pick_id) if item.state is DeliveryState.SENT]
        lines = [_line(session, context, item) for item in sent]
        text = _text("corrected", candidate, paper, lines)
        yield _Event(f"corrected {candidate.arxiv_id} {row.id}", candidate, text, urgent=False, by=row.by)


def _line(session: Session, context: Context, delivery: Delivery) -> str:
    """Return where a thread is, or when it comes."""
    if delivery.state is DeliveryState.SENT:
        first = select(FrozenPost.url).where(FrozenPost.delivery_id == delivery.id, is_up())
        url = session.exec(first.order_by(col(FrozenPost.position)).limit(1)).first()
        return f"{delivery.platform}: {url or 'out'}"
    if delivery.state in _DECIDED_BY_PEOPLE:
        return f"{delivery.platform}: needs a person"
    due = max(filter(None, (delivery.due_at, delivery.next_try_at)))
    why = f", {shortened(delivery.error, _WHY_LENGTH)}" if delivery.error else ""
    if due <= context.now:
        return f"{delivery.platform}: not yet{why}"
    return f"{delivery.platform}: not before {due.astimezone(context.channel.posting.zone):%a %d %b %H:%M %Z}{why}"


def _needing_a_person(session: Session, context: Context) -> Iterator[_Event]:
    """Yield the picks that only a person can help: refused or in doubt on a platform, or perhaps withdrawn."""
    for case in attention(session, context.channel, context.accounts):
        if case.arxiv_id is None or case.next_look_at or case.state is DeliveryState.RETRACTED:
            continue  # who takes a thread down sees how it goes
        query = select(Candidate, PaperRow).join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        candidate, paper = session.exec(
            query.where(Candidate.channel == context.channel.name, Candidate.arxiv_id == case.arxiv_id)
        ).one()
        where = f"{case.platform}: {case.state}" if case.platform else "approved"
        lines = [f"{where}: {shortened(case.why, _WHY_LENGTH)}", case.next]
        row = _last_correction(session, find_pick(session, candidate))
        yield _Event(
            f"person {case.arxiv_id} {_happened(session, candidate, paper, case)}",
            candidate,
            _text("needs a person", candidate, paper, lines),
            urgent=True,
            by=row.by if row else None,
        )


def _happened(session: Session, candidate: Candidate, paper: PaperRow, case: AttentionCase) -> str:
    """Return what tells this trouble from an earlier one of its kind: the log's newest entry, or the version."""
    if case.platform is None:
        return f"v{paper.version}"
    newest = (
        select(func.max(DeliveryChange.id))
        .join(Delivery, col(Delivery.id) == col(DeliveryChange.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .where(Pick.candidate_id == candidate.id, Delivery.platform == case.platform, ~col(Delivery.former))
    )
    return f"{case.platform} {session.exec(newest).one()}"


def _taken_back(session: Session, context: Context) -> Iterator[_Event]:
    """Yield the approvals, of picks and of corrections, that a withdrawal of the paper took back lately."""
    of_a_pick = and_(
        col(Candidate.state) == CandidateState.QUEUED,
        col(Decision.action) == Action.WITHDRAW,
        col(Decision.before) == CandidateState.APPROVED,
    )
    of_a_correction = and_(col(Decision.action) == Action.UNCORRECT, col(Decision.mouth) == WORKER.mouth)
    query = (
        select(Decision, Candidate, PaperRow)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(
            Candidate.channel == context.channel.name,
            or_(of_a_pick, of_a_correction),
            col(Decision.at) > context.now - NEWS_FOR,
        )
    )
    for decision, candidate, paper in session.exec(query).all():
        corrects = decision.action is Action.UNCORRECT
        after = (
            "what is out stays as it is; picks correct asks for an approval anew"
            if corrects
            else "it is queued again, and goes out only if it is approved again"
        )
        lines = [shortened(decision.detail, _WHY_LENGTH), after]
        what = "correction not approved any more" if corrects else "not approved any more"
        by = _who_corrected(session, decision) if corrects else None
        text = _text(what, candidate, paper, lines)
        yield _Event(f"withdrawn {candidate.arxiv_id} {decision.id}", candidate, text, urgent=True, by=by)


def _who_corrected(session: Session, taken_back: Decision) -> str | None:
    """Return who had approved the correction that was taken back."""
    approved = select(Decision.by).where(
        Decision.candidate_id == taken_back.candidate_id,
        Decision.action == Action.CORRECT,
        col(Decision.id) < taken_back.id,
    )
    return session.exec(approved.order_by(col(Decision.id).desc())).first()


def _text(what: str, candidate: Candidate, paper: PaperRow, lines: Sequence[str]) -> str:
    title = shortened(harmless(paper.title), _TITLE_LENGTH)
    return "\n".join([f"{what}: #{candidate.id} {title}", *lines])
