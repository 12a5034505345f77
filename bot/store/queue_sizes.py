"""How many candidates each queue has, without counting them: triggers of migration 0029 keep the numbers."""

from typing import Final

from sqlalchemy import text
from sqlmodel import Session

from bot.domain.states import CandidateState

_SIZES: Final = text("SELECT state, size FROM queue_sizes WHERE channel = :channel")


def queue_sizes(session: Session, channel: str) -> dict[CandidateState, int]:
    """Return how many candidates of a channel are in each state, for every state."""
    found = {str(state): int(size) for state, size in session.execute(_SIZES, {"channel": channel})}
    return {state: found.get(state.value, 0) for state in CandidateState}
