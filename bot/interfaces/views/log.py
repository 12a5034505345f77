"""The log of a channel: who decided what about which paper.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass, field

from sqlalchemy import func
from sqlmodel import col, select

from bot.domain.channels import Channel
from bot.domain.listing import Listing
from bot.domain.states import CandidateState
from bot.interfaces.views.candidates import DecisionView, decision_view
from bot.interfaces.views.json import MERGED
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, PaperRow


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One entry: ``entry`` is its number, ``id`` that of the candidate; ``state`` is what the candidate is by now."""

    entry: int
    decision: DecisionView = field(metadata=MERGED)
    id: int
    arxiv_id: str
    title: str
    state: CandidateState


def log(database: Database, channel: Channel, *, after: int, limit: int | None) -> Listing[LogEntry]:
    """Return the entries behind a number, the newest first."""
    wanted = (Candidate.channel == channel.name, col(Decision.id) > after)
    query = (
        select(Decision, Candidate, PaperRow.title)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(*wanted)
        .order_by(col(Decision.id).desc())
        .limit(limit)
    )
    counted = (
        select(func.count()).select_from(Decision).join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
    )
    with database.reading() as session:
        found = [_entry(*row) for row in session.exec(query).all()]
        return Listing(found, total=session.exec(counted.where(*wanted)).one())


def _entry(row: Decision, candidate: Candidate, title: str) -> LogEntry:
    return LogEntry(
        entry=row.id,
        decision=decision_view(row),
        id=candidate.id,
        arxiv_id=candidate.arxiv_id,
        title=title,
        state=candidate.state,
    )
