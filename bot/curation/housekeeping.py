"""What the clock does to the queue: old candidates expire, held ones come back, withdrawn papers leave it."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from bot.curation import drafts
from bot.curation.context import find_pick
from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.states import Action, CandidateState
from bot.store.candidates import change
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, PaperRow


def expire_candidates(database: Database, channel: Channel, *, now: datetime) -> int:
    """Expire the candidates that nobody decided about in the channel's time; return how many."""
    with database.transaction() as session:
        waiting = session.exec(
            select(Candidate).where(Candidate.channel == channel.name, Candidate.state == CandidateState.QUEUED)
        )
        old = [item for item in waiting if (now - item.queued_at).days >= channel.queue.expire_after_days]
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
            change(session, candidate, Action.WITHDRAW, actor=WORKER, now=now, detail=detail)
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
            change(session, candidate, Action.UNDO, actor=WORKER, now=now, detail="a later version is no withdrawal")
