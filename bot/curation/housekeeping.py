"""What the clock does to the queue: old candidates expire, held ones come back, withdrawn papers leave it."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.curation import drafts
from bot.curation.context import find_pick
from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.domain.waiting import lies_ahead
from bot.store import corrections, deliveries
from bot.store.candidates import change
from bot.store.database import Database
from bot.store.order import asked_last
from bot.store.tables import Candidate, Decision, PaperRow, Pick

_WITHDRAWN_MEANWHILE: Final = "the paper was withdrawn after the correction was approved"


def expire_candidates(database: Database, channel: Channel, *, now: datetime) -> int:
    """Expire the candidates that nobody decided about in the channel's time; return how many."""
    with database.transaction() as session:
        waiting = session.exec(
            select(Candidate).where(Candidate.channel == channel.name, Candidate.state == CandidateState.QUEUED)
        )
        old = []
        for item in waiting:
            if lies_ahead(item.queued_at, now=now):  # it would wait for as much longer as that clock was wrong
                item.queued_at = now
            if (now - item.queued_at).days >= channel.queue.expire_after_days:
                old.append(item)
        for candidate in old:
            change(session, candidate, Action.EXPIRE, actor=WORKER, now=now)
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
            change(session, candidate, Action.RELEASE, actor=WORKER, now=now)
            candidate.held_until, candidate.queued_at = None, now
        return len(due)


def retire_withdrawn(database: Database, channel: Channel, *, now: datetime) -> list[str]:
    """Act on papers that were withdrawn, once for each version that says so, and return their arXiv ids.

    A waiting one is rejected; an approved one goes back to the queue, and out only if a curator approves it again. Of
    one that is going out, a platform on which nothing has begun waits for a person. What is out already stays as it is,
    with a note of the fact in its log, and is not posted anew: a correction that would is taken back. One that was
    rejected for that alone waits again when a later version brings the paper back.
    """
    _restore_revived(database, channel, now=now)
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(asked_last(Candidate.channel) == channel.name, unnoticed_withdrawal())
    )
    with database.transaction() as session:
        found = session.exec(query).all()
        for candidate, paper in found:
            _retire(session, candidate, paper, now=now)
        return [candidate.arxiv_id for candidate, _ in found]


def unnoticed_withdrawal() -> ColumnElement[bool]:
    """Match candidates with papers whose newest version is a notice of withdrawal that nobody has acted on."""
    acted_on = func.coalesce(col(Candidate.withdrawn_version), 0)
    return and_(col(PaperRow.withdrawn), acted_on < col(PaperRow.version))


def awaits_retirement(session: Session, candidate: Candidate) -> bool:
    """Say whether the authors withdrew the paper and nothing has followed from it yet."""
    query = (
        select(Candidate.id)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.id == candidate.id, unnoticed_withdrawal())
    )
    return session.exec(query).first() is not None


def keep_back_if_withdrawn(session: Session, candidate: Candidate, *, since: datetime, now: datetime) -> None:
    """Leave what has not begun to go out to a person, where the paper was withdrawn after it was approved."""
    withdrawn = select(Decision.id).where(
        Decision.candidate_id == candidate.id, Decision.action == Action.WITHDRAW, col(Decision.at) > since
    )
    pick = find_pick(session, candidate)
    if pick is None or session.exec(withdrawn).first() is None:
        return
    if _keep_back(session, candidate, pick, now=now) and candidate.state is CandidateState.PUBLISHING:
        change(session, candidate, Action.ALARM, actor=WORKER, now=now, detail=_WITHDRAWN_MEANWHILE)


def _retire(session: Session, candidate: Candidate, paper: PaperRow, *, now: datetime) -> None:
    before, pick = candidate.state, find_pick(session, candidate)
    said = f": “{paper.notice}”" if paper.notice else ""
    detail = f"version {paper.version} is a notice of withdrawal{said}"
    change(session, candidate, Action.WITHDRAW, actor=WORKER, now=now, detail=detail)
    candidate.withdrawn_version = paper.version
    if pick is None:
        return
    if before is CandidateState.APPROVED:
        drafts.thaw(session, pick)
        session.add(pick)
        candidate.queued_at = now
    elif before is CandidateState.PUBLISHED:
        _take_back_what_would_post_anew(session, candidate, pick, now=now)
    elif _keep_back(session, candidate, pick, now=now) and before is CandidateState.PUBLISHING:
        change(session, candidate, Action.ALARM, actor=WORKER, now=now, detail=detail)


def _take_back_what_would_post_anew(session: Session, candidate: Candidate, pick: Pick, *, now: datetime) -> None:
    """Take back a correction that has not begun and would post the thread anew; a reply may say just this."""
    row = corrections.open_correction(session, pick.id)
    if row is None or row.state is not CorrectionState.PLANNED or row.form is not CorrectionForm.ANEW:
        return
    corrections.drop_open(session, pick.id)
    change(session, candidate, Action.UNCORRECT, actor=WORKER, now=now, detail=_WITHDRAWN_MEANWHILE)


def _keep_back(session: Session, candidate: Candidate, pick: Pick, *, now: datetime) -> bool:
    """Leave to a person what has not begun to go out; say whether there is anything."""
    name, found = candidate.arxiv_id, False
    for delivery in deliveries.deliveries_of(session, pick.id):
        if delivery.state is not DeliveryState.PLANNED or drafts.begun(session, delivery):
            continue
        error = (
            f"the paper was withdrawn, by version {candidate.withdrawn_version}; "
            f"picks publish {name} sends it nevertheless, "
            f"picks resolve {name} --platform {delivery.platform} --give-up leaves it out"
        )
        deliveries.change(session, delivery, DeliveryAction.WITHDRAW, by=WORKER, now=now, error=error, next_try_at=None)
        found = True
    return found


def _restore_revived(database: Database, channel: Channel, *, now: datetime) -> None:
    """Bring candidates back that were rejected for a withdrawal alone, where a later version revives the paper."""
    later = aliased(Decision)
    query = (
        select(Candidate)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Decision, col(Decision.candidate_id) == col(Candidate.id))
        .where(
            Candidate.channel == channel.name,
            Candidate.state == CandidateState.REJECTED,
            col(Candidate.withdrawn_version).is_not(None),
            ~col(PaperRow.withdrawn),
            Decision.action == Action.WITHDRAW,
            Decision.before != CandidateState.REJECTED,  # a person had rejected it, and that stays
            ~exists().where(col(later.candidate_id) == col(Candidate.id), col(later.id) > col(Decision.id)),
        )
    )
    with database.transaction() as session:
        for candidate in session.exec(query).all():
            change(session, candidate, Action.UNDO, actor=WORKER, now=now, detail="a later version is no withdrawal")
