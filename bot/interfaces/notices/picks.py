"""What became of a pick: it is out, or it needs a person. Its curator is told, once for each thing that happened.

Who approved a pick is its curator, by the name that the log keeps. Where nobody of that name can be told, what needs a
person goes to the channel's operators, or else to whoever can do something about it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import exists, func
from sqlmodel import Session, col, select

from bot.curation.context import Context
from bot.domain.states import Action, CandidateState, DeliveryState
from bot.interfaces.notices.recipients import Recipient, not_told, plan
from bot.interfaces.views.attention import AttentionCase, attention
from bot.interfaces.views.digest import shortened
from bot.platforms.alerts import harmless
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
    """Something that happened to a pick; ``key`` tells it from everything else that did."""

    key: str
    candidate: Candidate
    text: str
    urgent: bool


def plan_outcomes(session: Session, context: Context, people: Sequence[Recipient]) -> int:
    """Plan what the curators of picks should hear of them; return how many messages that are."""
    if not context.channel.notices.picks:
        return 0
    told = 0
    for event in (*_out(session, context), *_needing_a_person(session, context), *_taken_back(session, context)):
        theirs = _whom_to_tell(session, event, people)
        told += sum(
            plan(session, context, person, key=event.key, text=event.text)
            for person in not_told(session, context, event.key, theirs)
        )
    return told


def _whom_to_tell(session: Session, event: _Event, people: Sequence[Recipient]) -> list[Recipient]:
    approved = select(Decision.by).where(
        Decision.candidate_id == event.candidate.id, col(Decision.action).in_((Action.APPROVE, Action.POST_ANEW))
    )
    name = session.exec(approved.order_by(col(Decision.id).desc()).limit(1)).first() or ""
    theirs = [item for item in people if item.curator and item.curator.name.casefold() == name.casefold()]
    if theirs or not event.urgent:
        return theirs
    operators = [item for item in people if item.operates]
    deciding = [item for item in people if item.curator and item.decides]
    return operators or deciding or list(people)


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
        sent = [item for item in deliveries if item.state is DeliveryState.SENT]
        newest = max((item.sent_at for item in sent if item.sent_at), default=None)
        if newest is None or (len(sent) < len(deliveries) and newest > context.now - _GRACE):
            continue
        lines = [_line(session, context, item) for item in deliveries]
        numbers = "+".join(str(item.id) for item in sorted(sent, key=lambda item: item.id))
        yield _Event(
            f"out {candidate.arxiv_id} {numbers}", candidate, _text("out", candidate, paper, lines), urgent=False
        )


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
        yield _Event(
            f"person {case.arxiv_id} {_happened(session, candidate, paper, case)}",
            candidate,
            _text("needs a person", candidate, paper, lines),
            urgent=True,
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
    """Yield the approvals that were taken back lately because the authors withdrew the paper."""
    query = (
        select(Decision, Candidate, PaperRow)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(
            Candidate.channel == context.channel.name,
            Candidate.state == CandidateState.QUEUED,
            Decision.action == Action.WITHDRAW,
            Decision.before == CandidateState.APPROVED,
            col(Decision.at) > context.now - NEWS_FOR,
        )
    )
    for decision, candidate, paper in session.exec(query).all():
        lines = [
            shortened(decision.detail, _WHY_LENGTH),
            "it is queued again, and goes out only if it is approved again",
        ]
        text = _text("not approved any more", candidate, paper, lines)
        yield _Event(f"withdrawn {candidate.arxiv_id} {decision.id}", candidate, text, urgent=True)


def _text(what: str, candidate: Candidate, paper: PaperRow, lines: Sequence[str]) -> str:
    title = shortened(harmless(paper.title), _TITLE_LENGTH)
    return "\n".join([f"{what}: #{candidate.id} {title}", *lines])
