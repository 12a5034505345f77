"""The rows of the queue: the only code that changes a candidate's state.

Every change goes through ``change``, which asks the transition table and keeps a log row. It works inside the caller's
transaction, and never decides what should happen.
"""

from datetime import datetime

from sqlmodel import Session

from bot.domain.actors import Actor
from bot.domain.states import Action, CandidateState, next_state
from bot.store.tables import Candidate, Decision


def change(
    session: Session, candidate: Candidate, action: Action, *, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Change a candidate's state as the transition table says, and log it.

    Raises TransitionError when the action does not fit the state.
    """
    before = candidate.state
    candidate.state = next_state(before, action, name=candidate.arxiv_id)
    session.add(candidate)
    log(session, candidate, action, before=before, actor=actor, now=now, detail=detail)


def log(
    session: Session,
    candidate: Candidate,
    action: Action,
    *,
    before: CandidateState | None,
    actor: Actor,
    now: datetime,
    detail: str,
) -> None:
    """Keep a log row; ``change`` does that by itself, and whoever makes a candidate calls this."""
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
