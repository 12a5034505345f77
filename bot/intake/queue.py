"""The best papers of each day, offered to the curators of a channel.

A day's queue is a function of what is stored: a paper belongs to the first day on which one of the channel's feeds
listed it, and is scored by the text it had then. So a later version or cross-list never brings it back, and the order
of captures makes no difference. New weights choose the queues of recent days again; what a person has decided stays.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Final

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, delete, or_, select, update

from bot.domain.channels import Channel
from bot.domain.papers import Paper
from bot.domain.states import Action, CandidateState
from bot.intake.announcement_days import OUTDATED, papers_of
from bot.intake.versions import first_texts
from bot.intake.weights import ChannelWeights, weights_of
from bot.ranking.features import author_keys
from bot.ranking.ranker import Ranker
from bot.ranking.score import Score
from bot.store.database import Database
from bot.store.tables import BatchRow, Candidate, Decision, PaperRow, Pick, RankedDay

_OF_ONE_AUTHOR: Final = 3
"""Papers of a day that one person may have in a queue: it is not ten papers of one group."""

_WAITING: Final = frozenset({CandidateState.QUEUED, CandidateState.HELD})


def rank(database: Database, channels: Iterable[Channel], *, days: Collection[date], now: datetime) -> dict[str, int]:
    """Choose every channel's queue of these days where that is due; return how many papers joined each.

    The same goes for recent days that were chosen by other weights than the channel has now. Each of these is a
    transaction of its own, so that people and deliveries need not wait for all of them; one that is missing is made up
    for the next time.
    """
    queued = {}
    for channel in channels:
        with database.transaction() as session:
            queued[channel.name] = rank_days(session, channel, days=days, now=now)
            again = _take_on_weights(session, channel, now=now)
        for day in again:
            with database.transaction() as session:
                queued[channel.name] += rank_days(session, channel, days=[day], now=now)
    return queued


def rank_days(session: Session, channel: Channel, *, days: Iterable[date], now: datetime) -> int:
    """Choose the queue of each day again where batches came in since it was last chosen; return how many papers joined.

    The best ``queue.size`` papers of a day that reach the threshold are offered, of one person a few. A candidate that
    a better paper of the same day pushes out is taken back, unless a person has already done something with it. New
    weights alone bring no newcomers in place of what was dealt with: a day that is done stays done.
    """
    learned = weights_of(session, channel)
    chosen: dict[date, dict[str, Score]] = {}
    joined = 0
    for day in sorted({*days, *_outdated(session, channel)}):
        batches = _batches(session, channel, day)
        ranked = session.get(RankedDay, (channel.name, day))
        by_these = ranked is not None and (ranked.weights == learned.digest or day <= _too_old(channel, now=now))
        if ranked is not None and ranked.batches == batches and by_these:
            continue
        best = chosen[day] = _best(session, channel, learned.ranker, day)
        same_papers = ranked is not None and ranked.batches == batches
        room = _room(session, channel, day) if same_papers else channel.queue.size
        joined += _offer_new(session, channel, best, room=room, day=day, now=now)
        _score_again(session, channel, learned, col(Candidate.announced) == day, col(Candidate.arxiv_id).not_in(best))
        session.merge(RankedDay(channel=channel.name, day=day, batches=batches, weights=learned.digest))
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


def _take_on_weights(session: Session, channel: Channel, *, now: datetime) -> list[date]:
    """Return the recent days that other weights chose, which are to be chosen again.

    Whatever else waits only comes on the same scale: what a person or the clock kept longer than its day.
    """
    learned = weights_of(session, channel)
    otherwise = and_(col(RankedDay.channel) == channel.name, col(RankedDay.weights) != learned.digest)
    days = session.exec(select(col(RankedDay.day)).where(otherwise).order_by(col(RankedDay.day))).all()
    if not days:
        return []
    recent = [day for day in days if day > _too_old(channel, now=now)]
    announced = col(Candidate.announced)
    _score_again(session, channel, learned, or_(announced.is_(None), announced.not_in(recent)))
    session.execute(
        update(RankedDay).where(otherwise, col(RankedDay.day).not_in(recent)).values(weights=learned.digest)
    )
    return recent


def _too_old(channel: Channel, *, now: datetime) -> date:
    """Return the newest day whose candidates have had their time: nothing more of it is offered."""
    return (now - timedelta(days=channel.queue.expire_after_days)).date()


def _batches(session: Session, channel: Channel, day: date) -> int:
    return session.exec(
        select(func.count())
        .select_from(BatchRow)
        .where(BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    ).one()


def _best(session: Session, channel: Channel, ranker: Ranker, day: date) -> dict[str, Score]:
    own = papers_of(session, day, feeds=channel.feeds.categories)
    rows = session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(own), ~col(PaperRow.withdrawn))).all()
    ranked = varied(ranker.best_first(first_texts(session, rows)), most=_OF_ONE_AUTHOR)
    best = {str(paper.arxiv_id): ranker.score(paper) for paper in islice(ranked, channel.queue.size)}
    return {name: score for name, score in best.items() if score.value >= channel.queue.threshold}


def varied(ranked: Iterable[Paper], *, most: int) -> Iterator[Paper]:
    """Yield the papers in order, but for those of a person of whom ``most`` papers have come before."""
    papers_by = Counter[str]()
    for paper in ranked:
        people = tuple(author_keys(paper.authors))
        if all(papers_by[person] < most for person in people):
            papers_by.update(people)
            yield paper


def _offer_new(
    session: Session, channel: Channel, best: dict[str, Score], *, room: int, day: date, now: datetime
) -> int:
    present = {
        candidate.arxiv_id: candidate
        for candidate in session.exec(
            select(Candidate).where(Candidate.channel == channel.name, col(Candidate.arxiv_id).in_(best))
        )
    }
    for arxiv_id, candidate in present.items():
        candidate.announced = day
        _rescore(candidate, best[arxiv_id])
    waiting = sum(candidate.state in _WAITING for candidate in present.values())
    joining = [arxiv_id for arxiv_id in best if arxiv_id not in present][: max(room - waiting, 0)]
    for arxiv_id in joining:
        offer(session, channel, arxiv_id, score=best[arxiv_id], announced=day, now=now)
    return len(joining)


def _room(session: Session, channel: Channel, day: date) -> int:
    """Return how many candidates of a day may wait: those that people or the clock dealt with have had their places."""
    dealt_with = select(func.count()).where(
        Candidate.channel == channel.name, Candidate.announced == day, col(Candidate.state).not_in(_WAITING)
    )
    return channel.queue.size - session.exec(dealt_with).one()


def _score_again(session: Session, channel: Channel, learned: ChannelWeights, *which: ColumnElement[bool]) -> None:
    """Bring those of the waiting candidates on the scale of the others that no choice brings there."""
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name, col(Candidate.state).in_(_WAITING), *which)
    )
    waiting = {candidate.arxiv_id: (candidate, row) for candidate, row in session.exec(query)}
    for paper in first_texts(session, [row for _, row in waiting.values()]):
        _rescore(waiting[str(paper.arxiv_id)][0], learned.ranker.explain(paper))


def _rescore(candidate: Candidate, score: Score) -> None:
    """Give a waiting candidate its score of today; one that was decided about keeps that by which it was."""
    if candidate.state in _WAITING:
        candidate.score, candidate.reasons = score.value, list(score.reasons)


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
