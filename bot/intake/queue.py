"""Choose the best papers of each day for the curators of a channel.

A day's queue follows from what is stored. A paper belongs to the first day on which one of the channel's feeds listed
it, and is scored by the text it had then. So a later version or cross-list never brings it back, and the order of
captures makes no difference. New weights choose the queues of recent days again; what a person has decided stays.
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
"""Papers of one person in the queue of a day: without a limit one group could fill it."""

_WAITING: Final = frozenset({CandidateState.QUEUED, CandidateState.HELD})


def rank(database: Database, channels: Iterable[Channel], *, days: Collection[date], now: datetime) -> dict[str, int]:
    """Choose the queues of these days for every channel, and return how many papers joined each channel's.

    1. Choose the queues of ``days``, where batches came in since they were last chosen.
    2. Find the recent days whose queues other weights chose; rescore what waits from older days by the present weights.
    3. Choose the queues of these recent days again. Each is a transaction of its own, so that people and deliveries
       wait for one day only. When the process ends between two, the next call does the rest.
    """
    queued = {}
    for channel in channels:
        with database.transaction() as session:
            queued[channel.name] = _rank_days(session, channel, days=days, now=now)
            again = _adopt_weights(session, channel, now=now)
        for day in again:
            with database.transaction() as session:
                queued[channel.name] += _rank_days(session, channel, days=[day], now=now)
    return queued


def _rank_days(session: Session, channel: Channel, *, days: Iterable[date], now: datetime) -> int:
    """Choose the queue of each of these days, and of days marked as outdated; return how many papers joined.

    For each day:

    1. Leave it as it is when the same batches and the same weights chose it. Of an old day the weights do not matter.
    2. Rank the day's papers and take the best: at most ``queue.size``, all above the threshold, few of one person.
    3. Put those into the queue that are not in it yet. When only the weights are new, the places of candidates that
       were dealt with stay taken: a day that is done stays done.
    4. Rescore the day's other waiting candidates.

    At the end, remove the candidates that better papers of their day have pushed out and that nobody has touched.
    """
    current = weights_of(session, channel)
    oldest = _oldest(channel, now=now)
    chosen: dict[date, dict[str, Score]] = {}
    joined = 0
    for day in sorted({*days, *_outdated(session, channel)}):
        batches, ranked = _batches(session, channel, day), session.get(RankedDay, (channel.name, day))
        same_papers = ranked is not None and ranked.batches == batches
        same_weights = ranked is not None and ranked.weights == current.digest
        if same_papers and (same_weights or day <= oldest):
            continue
        best = chosen[day] = _best(session, channel, current.ranker, day)
        room = _room(session, channel, day) if same_papers else channel.queue.size
        joined += _enqueue_new(session, channel, best, room=room, day=day, now=now)
        others = (col(Candidate.announced) == day, col(Candidate.arxiv_id).not_in(best))
        _rescore_waiting(session, channel, current, *others)
        session.merge(RankedDay(channel=channel.name, day=day, batches=batches, weights=current.digest))
        session.flush()
    # After all days, so that a paper which moved from one day to another keeps its number.
    for day, best in chosen.items():
        _remove_outranked(session, channel, day=day, keep=best)
    return joined


def _outdated(session: Session, channel: Channel) -> Sequence[date]:
    query = select(RankedDay).where(RankedDay.channel == channel.name, RankedDay.batches == OUTDATED)
    return [row.day for row in session.exec(query)]


def _batches(session: Session, channel: Channel, day: date) -> int:
    return session.exec(
        select(func.count())
        .select_from(BatchRow)
        .where(BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    ).one()


def _best(session: Session, channel: Channel, ranker: Ranker, day: date) -> dict[str, Score]:
    """Return the scores of the papers of a day that belong into the queue.

    First those of authors whom the channel always shows, whatever their score; then the best.
    """
    own = papers_of(session, day, feeds=channel.feeds.categories)
    rows = session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(own), ~col(PaperRow.withdrawn))).all()
    papers = first_texts(session, rows)
    always = {str(paper.arxiv_id): ranker.score(paper) for paper in papers if ranker.always_shown(paper)}
    ranked = varied(ranker.best_first(papers), most=_OF_ONE_AUTHOR)
    best = {str(paper.arxiv_id): ranker.score(paper) for paper in islice(ranked, channel.queue.size)}
    return always | {name: score for name, score in best.items() if score.value >= channel.queue.threshold}


def varied(ranked: Iterable[Paper], *, most: int) -> Iterator[Paper]:
    """Yield the papers in order, and leave out further papers of a person of whom ``most`` have been yielded."""
    papers_by = Counter[str]()
    for paper in ranked:
        people = tuple(author_keys(paper.authors))
        if all(papers_by[person] < most for person in people):
            papers_by.update(people)
            yield paper


def _room(session: Session, channel: Channel, day: date) -> int:
    """Return how many candidates of a day may wait: those that a person or the clock dealt with keep their places."""
    dealt_with = select(func.count()).where(
        Candidate.channel == channel.name, Candidate.announced == day, col(Candidate.state).not_in(_WAITING)
    )
    return channel.queue.size - session.exec(dealt_with).one()


def _enqueue_new(
    session: Session, channel: Channel, best: dict[str, Score], *, room: int, day: date, now: datetime
) -> int:
    """Put the best papers into the queue that are not in it yet, as far as there is room; return how many.

    Those that the channel always shows take no room.
    """
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
    absent = [arxiv_id for arxiv_id in best if arxiv_id not in present]
    always = [arxiv_id for arxiv_id in absent if best[arxiv_id].always]
    joining = always + [arxiv_id for arxiv_id in absent if not best[arxiv_id].always][: max(room - waiting, 0)]
    for arxiv_id in joining:
        enqueue(session, channel, arxiv_id, score=best[arxiv_id], announced=day, now=now)
    return len(joining)


def enqueue(
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


def _rescore_waiting(session: Session, channel: Channel, current: ChannelWeights, *which: ColumnElement[bool]) -> None:
    """Score waiting candidates by the present weights, without choosing anything; ``which`` says which of them."""
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name, col(Candidate.state).in_(_WAITING), *which)
    )
    waiting = {candidate.arxiv_id: (candidate, row) for candidate, row in session.exec(query)}
    for paper in first_texts(session, [row for _, row in waiting.values()]):
        _rescore(waiting[str(paper.arxiv_id)][0], current.ranker.explain(paper))


def _rescore(candidate: Candidate, score: Score) -> None:
    """Set the score of a waiting candidate; one that was decided about keeps the score that the curator saw."""
    if candidate.state in _WAITING:
        candidate.score, candidate.reasons = score.value, list(score.reasons)


def _remove_outranked(session: Session, channel: Channel, *, day: date, keep: Collection[str]) -> None:
    """Remove the queued candidates of a day that are not among the best any more and that nobody has touched."""
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


def _adopt_weights(session: Session, channel: Channel, *, now: datetime) -> list[date]:
    """Return the recent days that other weights chose: their queues are to be chosen again.

    Candidates that wait from older days keep their places and are only rescored, so that all scores compare.
    """
    current = weights_of(session, channel)
    otherwise = and_(col(RankedDay.channel) == channel.name, col(RankedDay.weights) != current.digest)
    days = session.exec(select(col(RankedDay.day)).where(otherwise).order_by(col(RankedDay.day))).all()
    if not days:
        return []
    recent = [day for day in days if day > _oldest(channel, now=now)]
    announced = col(Candidate.announced)
    _rescore_waiting(session, channel, current, or_(announced.is_(None), announced.not_in(recent)))
    session.execute(
        update(RankedDay).where(otherwise, col(RankedDay.day).not_in(recent)).values(weights=current.digest)
    )
    return recent


def _oldest(channel: Channel, *, now: datetime) -> date:
    """Return the newest day whose candidates would expire at once: new weights choose nothing more of it."""
    return (now - timedelta(days=channel.queue.expire_after_days)).date()
