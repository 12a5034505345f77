"""The digest's content: which day it is about, whether that day is complete, and the best that waits of it.

Reads only. A digest is about one announcement day, and it is due in the morning of the channel's time zone, once the
day's batches are in, or at the last chance of the morning with what there is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import func, true
from sqlmodel import Session, col, select

from bot.arxiv.health import Health
from bot.domain.channels import Channel
from bot.domain.states import CandidateState
from bot.intake.schedule import expected_day
from bot.store.tables import BatchRow, Candidate, FeedDay, PaperRow, RankedDay

BEST: Final = 5
"""So many candidates stand in a digest: as many as one message holds, and more than a day has slots."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits of a day: the best candidates with their papers, how many there are, and how many of all days."""

    best: Sequence[tuple[Candidate, PaperRow]]
    of_day: int
    in_all: int


def day_due(session: Session, channel: Channel, *, now: datetime) -> date | None:
    """Return the day whose digest may go out at this moment, None where none may.

    A batch that arXiv sends later in the day than the channel's morning lasts belongs into the next morning.
    """
    rules, local = channel.notices, now.astimezone(channel.posting.zone)
    if not rules.digest or local.time() < rules.not_before:
        return None
    last_chance = datetime.combine(local.date(), rules.wait_until, channel.posting.zone)
    day = expected_day(min(now, last_chance))
    if now < last_chance and missing_feeds(session, channel, day):
        return None
    return day if _is_ranked(session, channel, day) else None


def missing_feeds(session: Session, channel: Channel, day: date) -> list[str]:
    """Return the feeds of which papers of a day may still come: not there yet, or not what they should be."""
    known = {row.feed: row for row in session.exec(select(FeedDay).where(FeedDay.day == day))}
    return [feed for feed in channel.feeds.categories if not _is_in(known.get(feed))]


def waiting(session: Session, channel: Channel, day: date | None, *, most: int = BEST) -> Waiting:
    """Return the candidates of a day, or of all days, that nobody has decided about yet, the best first."""
    queued = (Candidate.channel == channel.name, Candidate.state == CandidateState.QUEUED)
    of_day = true() if day is None else col(Candidate.announced) == day
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(*queued, of_day)
        .order_by(col(Candidate.score).desc(), col(Candidate.arxiv_id).desc())
        .limit(most)
    )
    count = select(func.count()).select_from(Candidate).where(*queued)
    best = [(candidate, paper) for candidate, paper in session.exec(query)]
    return Waiting(best, session.exec(count.where(of_day)).one(), session.exec(count).one())


def _is_in(row: FeedDay | None) -> bool:
    """Say whether a feed has told the truth about a day, or what it lacked came in another way."""
    if row is None:
        return False
    return not Health(row.health).needs_repair or row.came_on is not None or row.repaired is not None


def _is_ranked(session: Session, channel: Channel, day: date) -> bool:
    """Say whether the queue of a day was chosen from all batches that are stored: the choice comes a moment later."""
    of_day = (BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    batches = session.exec(select(func.count()).select_from(BatchRow).where(*of_day)).one()
    ranked = session.get(RankedDay, (channel.name, day))
    return ranked is not None and ranked.batches >= batches
