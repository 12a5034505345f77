"""Which decision ``undo`` means where no paper is named: the last one of a curator that still stands.

Reads the log, and changes nothing. A curator who takes decisions back one after the other goes back in the log. What
somebody else has changed since is not taken back by accident: then the paper has to be named.
"""

from collections.abc import Sequence
from typing import Final

from sqlmodel import Session, col, select

from bot.curation.context import Context
from bot.domain.errors import PicksError
from bot.domain.states import Action, CandidateState
from bot.store.tables import Candidate, Decision

_DECIDING: Final = (Action.APPROVE, Action.REJECT, Action.HOLD, Action.CORRECT)
_TAKING_BACK: Final = (Action.UNDO, Action.UNCORRECT)


def last_decision(session: Session, context: Context) -> Candidate:
    """Return the candidate of the curator's last decision in the channel that still stands.

    Raises PicksError, naming what happened, where that decision ended in another way than by the curator's ``undo``,
    and where there is none.
    """
    name, channel = context.actor.name, context.channel.name
    own = (
        select(Decision, Candidate)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(Candidate.channel == channel, Decision.by == name, col(Decision.action).in_(_DECIDING))
        .order_by(col(Decision.id).desc())
    )
    for decision, candidate in session.exec(own):
        ended = _ends(_log(session, candidate))
        if decision.id not in ended:
            continue  # it only held again what was held before
        end = ended[decision.id]
        if end is None:
            return candidate
        if end.by != name or end.action not in {*_TAKING_BACK, *_DECIDING}:
            raise PicksError(_changed_since(context, decision, candidate, end))
    raise PicksError(f"{name} has decided nothing in {channel} that could be taken back; name a paper: picks undo ID")


def _log(session: Session, candidate: Candidate) -> Sequence[Decision]:
    return session.exec(select(Decision).where(Decision.candidate_id == candidate.id).order_by(col(Decision.id))).all()


def _ends(rows: Sequence[Decision]) -> dict[int, Decision | None]:
    """Return for each decision about one candidate what ended it, None for the one that stands."""
    ends: dict[int, Decision | None] = {}
    standing: Decision | None = None
    held: Decision | None = None
    for before, row in zip([None, *rows], rows, strict=False):
        if _holds_again(row, before) and held is not None:
            ends[held.id], standing = None, held
            continue
        decides = row.action in _DECIDING
        if standing is not None and (decides or _requeues(row) or row.action is Action.UNCORRECT):
            ends[standing.id], standing = row, None
        if decides:
            ends[row.id], standing = None, row
        if row.action is Action.HOLD:
            held = row
    return ends


def _holds_again(row: Decision, before: Decision | None) -> bool:
    """Say whether a row is the second half of an undo, after which is held again what was held before."""
    undone = before is not None and before.action is Action.UNDO and before.at == row.at
    return undone and row.action is Action.HOLD


def _requeues(row: Decision) -> bool:
    return row.after is CandidateState.QUEUED and row.before is not CandidateState.QUEUED


def _changed_since(context: Context, decision: Decision, candidate: Candidate, end: Decision) -> str:
    at = end.at.astimezone(context.channel.posting.zone)
    return (
        f"your last decision, {decision.action} {candidate.arxiv_id}, no longer stands: {end.action} by {end.by}, "
        f"{at:%a %d %b %Y %H:%M %Z}; name what is to be taken back: picks undo ID"
    )
