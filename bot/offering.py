"""The best papers of each day, offered to the curators of a channel.

A day's queue is a function of what is stored: a paper belongs to the first day on which one of the channel's feeds
listed it, and is scored by the text it had then. So a later version or cross-list never brings it back, and the order
of captures makes no difference.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from bot.channels import Channel
from bot.picks import Action, CandidateState
from bot.ranking.words import Score, WordRanker
from bot.settling import OUTDATED, papers_of
from bot.store.database import Database
from bot.store.tables import BatchRow, Candidate, Decision, PaperRow, Pick, RankedDay
from bot.texts import first_texts


def rank(database: Database, channels: Iterable[Channel], *, days: Collection[date], now: datetime) -> dict[str, int]:
    """Choose every channel's queue of these days where that is due; return how many papers joined each."""
    queued = {}
    for channel in channels:
        with database.transaction() as session:
            queued[channel.name] = rank_days(session, channel, days=days, now=now)
    return queued


def rank_days(session: Session, channel: Channel, *, days: Iterable[date], now: datetime) -> int:
    """Choose the queue of each day again where batches came in since it was last chosen; return how many papers joined.

    The best ``queue.size`` papers of a day that reach the threshold are offered. A candidate that a better paper of the
    same day pushes out is taken back, unless a person has already done something with it.
    """
    ranker = WordRanker(channel.ranking)
    chosen: dict[date, dict[str, Score]] = {}
    joined = 0
    for day in sorted({*days, *_outdated(session, channel)}):
        batches = _batches(session, channel, day)
        ranked = session.get(RankedDay, (channel.name, day))
        if ranked is not None and ranked.batches == batches:
            continue
        chosen[day] = _best(session, channel, ranker, day)
        joined += _offer_new(session, channel, chosen[day], day=day, now=now)
        session.merge(RankedDay(channel=channel.name, day=day, batches=batches))
        session.flush()
    # Last, so that a paper which moved from one day to another keeps its number.
    for day, best in chosen.items():
        _take_back(session, channel, day=day, keep=best)
    return joined


def offer(
    session: Session,
    channel: Channel,
    arxiv_id: str,
    *,
    score: Score,
    announced: date | None,
    now: datetime,
    by_hand: bool = False,
) -> Candidate:
    """Put a stored paper into the channel's queue."""
    candidate = Candidate(
        channel=channel.name,
        arxiv_id=arxiv_id,
        announced=announced,
        score=score.value,
        reasons=list(score.reasons),
        state=CandidateState.QUEUED,
        queued_at=now,
        by_hand=by_hand,
    )
    session.add(candidate)
    session.flush()
    return candidate


def _outdated(session: Session, channel: Channel) -> Sequence[date]:
    query = select(RankedDay).where(RankedDay.channel == channel.name, RankedDay.batches == OUTDATED)
    return [row.day for row in session.exec(query)]


def _batches(session: Session, channel: Channel, day: date) -> int:
    return session.exec(
        select(func.count())
        .select_from(BatchRow)
        .where(BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    ).one()


def _best(session: Session, channel: Channel, ranker: WordRanker, day: date) -> dict[str, Score]:
    own = papers_of(session, day, feeds=channel.feeds.categories)
    rows = session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(own), ~col(PaperRow.withdrawn))).all()
    scored = [(str(paper.arxiv_id), ranker.score(paper)) for paper in first_texts(session, rows)]
    scored.sort(key=lambda pair: (-pair[1].value, pair[0]))
    return {key: score for key, score in scored[: channel.queue.size] if score.value >= channel.queue.threshold}


def _offer_new(session: Session, channel: Channel, best: dict[str, Score], *, day: date, now: datetime) -> int:
    present = {
        candidate.arxiv_id: candidate
        for candidate in session.exec(
            select(Candidate).where(Candidate.channel == channel.name, col(Candidate.arxiv_id).in_(best))
        )
    }
    for arxiv_id, candidate in present.items():
        candidate.announced, candidate.score = day, best[arxiv_id].value
        candidate.reasons = list(best[arxiv_id].reasons)
    joining = [arxiv_id for arxiv_id in best if arxiv_id not in present]
    for arxiv_id in joining:
        offer(session, channel, arxiv_id, score=best[arxiv_id], announced=day, now=now)
    return len(joining)


def _take_back(session: Session, channel: Channel, *, day: date, keep: Collection[str]) -> None:
    touched = select(Pick.candidate_id).union(
        select(Decision.candidate_id).where(Decision.action != Action.OFFER)  # people or the clock
    )
    withdrawn = select(PaperRow.arxiv_id).where(col(PaperRow.withdrawn))  # these leave with a notice, not silently
    session.execute(
        delete(Candidate).where(
            col(Candidate.channel) == channel.name,
            col(Candidate.announced) == day,
            col(Candidate.state) == CandidateState.QUEUED,
            col(Candidate.by_hand).is_(False),
            col(Candidate.arxiv_id).not_in(keep),
            col(Candidate.arxiv_id).not_in(withdrawn),
            col(Candidate.id).not_in(touched),
        )
    )
