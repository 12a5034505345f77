"""Find the pick of the last weeks that a paper is much like.

Reads only. Nothing is stored: a pick of this morning counts at noon.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bot.curation.similarity import Rarity, Vector, cosine
from bot.domain.channels import Channel
from bot.domain.states import CandidateState
from bot.intake.versions import to_paper
from bot.store.learning_tables import KnownPick, still_picks
from bot.store.tables import Candidate, PaperRow, Pick

WEEKS: Final = timedelta(weeks=8)
"""How long before a paper's announcement a pick is remembered."""

ALIKE: Final = 0.12
"""Of all pairs of 78 picks and related papers of May to July 2024, 11 in 3,003 are as much alike: one subject."""

_OF_THE_TIME: Final = 300  # papers that say which words are rare
_PICKED: Final = (
    CandidateState.APPROVED,
    CandidateState.PUBLISHING,
    CandidateState.PUBLISHED,
    CandidateState.ATTENTION,
)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A pick that a paper is like: its number in the queue where it has one, and the day on which it was picked."""

    id: int | None
    arxiv_id: str
    title: str
    picked: date
    similarity: float


def likenesses(session: Session, channel: Channel, papers: Collection[PaperRow]) -> dict[str, Likeness]:
    """Return the pick of the weeks before that each paper is most like, by arXiv id; papers like none are left out."""
    days = [paper.announced or paper.text_day for paper in papers]
    picks = list(_picks(session, channel, since=min(days) - WEEKS)) if days else []
    if not picks:
        return {}
    rarity = rarity_now(session)
    remembered = [(pick, rarity.vector(to_paper(row))) for pick, row in picks]
    found = {paper.arxiv_id: _most_like(paper, rarity, remembered) for paper in papers}
    return {name: likeness for name, likeness in found.items() if likeness}


def _most_like(paper: PaperRow, rarity: Rarity, remembered: Sequence[tuple[Likeness, Vector]]) -> Likeness | None:
    """Return the pick that a paper is most like, None when it is much like none; the newest of equals."""
    own, oldest = rarity.vector(to_paper(paper)), (paper.announced or paper.text_day) - WEEKS
    alike = [
        (cosine(own, vector), pick)
        for pick, vector in remembered
        if pick.arxiv_id != paper.arxiv_id and pick.picked >= oldest
    ]
    if not alike:
        return None
    most, pick = max(alike, key=lambda item: (item[0], item[1].picked, item[1].arxiv_id))
    if most < ALIKE:
        return None
    return Likeness(pick.id, pick.arxiv_id, pick.title, pick.picked, round(most, 3))


def _picks(session: Session, channel: Channel, *, since: date) -> Iterator[tuple[Likeness, PaperRow]]:
    """Yield the channel's picks since a day; those that were known before are dated by their announcement."""
    approved = (
        select(Candidate, Pick, PaperRow)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(
            Candidate.channel == channel.name,
            col(Candidate.state).in_(_PICKED),
            or_(col(Pick.approved_at).is_(None), col(Pick.approved_at) >= _begins(since)),
        )
    )
    own = set[str]()
    for candidate, pick, row in session.exec(approved):
        own.add(row.arxiv_id)
        day = pick.approved_at.astimezone(channel.posting.zone).date() if pick.approved_at else row.text_day
        if day >= since:
            yield Likeness(candidate.id, row.arxiv_id, row.title, day, 1.0), row
    known = (
        select(KnownPick, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(KnownPick.arxiv_id))
        .where(
            KnownPick.channel == channel.name,
            still_picks(),
            or_(col(KnownPick.day).is_(None), col(KnownPick.day) >= since),
        )
    )
    for item, row in session.exec(known):
        day = item.day or row.announced or row.text_day
        if day >= since and row.arxiv_id not in own:
            yield Likeness(None, row.arxiv_id, row.title, day, 1.0), row


def _begins(day: date) -> datetime:
    """Return a moment before the day begins anywhere."""
    return datetime.combine(day - timedelta(days=1), time(), UTC)


def rarity_now(session: Session) -> Rarity:
    """Return the measure of likeness that the newest papers give."""
    of_now = col(PaperRow.arxiv_id) < "a"  # ids of before April 2007 begin with an archive's name
    newest = select(PaperRow).where(of_now).order_by(col(PaperRow.arxiv_id).desc()).limit(_OF_THE_TIME)
    return Rarity(to_paper(row) for row in session.exec(newest))
