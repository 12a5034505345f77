"""Papers in: store what feeds announced, and offer the best of each day to the curators.

The result depends on the set of batches alone, not on their order or repetition: a paper belongs to the first day on
which any feed listed it, and a day's queue is chosen again whenever another batch of that day comes in.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, delete, insert, select, update

from bot.channels import Channel
from bot.papers import Announcement, ArxivId, Batch, Paper
from bot.picks import Action, CandidateState
from bot.ranking.words import Score, WordRanker
from bot.store.database import Database
from bot.store.tables import AnnouncementRow, BatchRow, Candidate, Decision, PaperRow, Pick, RankedDay

FEED_CAP: Final = 2000
"""The server cuts a feed at this many items, so one that holds them all has probably lost some."""

_SATURDAY: Final = 5
_OUTDATED: Final = -1


class Health(StrEnum):
    """What one batch looks like by itself."""

    FRESH = "fresh"
    QUIET = "quiet"
    EMPTY = "empty"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True)
class Capture:
    """One parsed feed body and where it came from."""

    batch: Batch
    source: str


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What came of one capture. ``known`` captures were ingested before and changed nothing."""

    feed: str
    day: date
    source: str
    items: int
    new: int
    updated: int
    health: Health
    known: bool


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of a whole ingest: its batches in order of date, and how many candidates each channel gained."""

    batches: tuple[BatchReport, ...]
    queued: Mapping[str, int]


def ingest(
    database: Database, captures: Iterable[Capture], *, channels: Collection[Channel], now: datetime
) -> IngestReport:
    """Store the captures in order of the date inside them, then rank the days they touch for every channel.

    Each capture is one transaction: an interrupted ingest can simply be run again.
    """
    ordered = sorted(captures, key=lambda capture: (capture.batch.day, capture.batch.built_at, capture.batch.feed))
    reports: list[BatchReport] = []
    days: set[date] = set()
    for capture in ordered:
        with database.transaction() as session:
            report = _store(session, capture, now=now)
        reports.append(report)
        days.add(report.day)
    return IngestReport(tuple(reports), rank(database, channels, days=days, now=now))


def rank(database: Database, channels: Iterable[Channel], *, days: Collection[date], now: datetime) -> dict[str, int]:
    """Choose every channel's queue of these days where that is due; return how many papers joined each."""
    queued = {}
    for channel in channels:
        with database.transaction() as session:
            queued[channel.name] = rank_days(session, channel, days=days, now=now)
    return queued


def judge(batch: Batch) -> Health:
    """Return the health of a batch as far as it shows by itself."""
    if len(batch.announcements) >= FEED_CAP:
        return Health.TRUNCATED
    if batch.announcements:
        return Health.FRESH
    return Health.QUIET if batch.day.weekday() >= _SATURDAY else Health.EMPTY


def to_paper(row: PaperRow) -> Paper:
    """Return the stored paper as a value."""
    return Paper(ArxivId(row.arxiv_id), row.version, row.title, row.abstract, tuple(row.authors), tuple(row.categories))


def _digest(batch: Batch) -> str:
    entries = sorted(f"{item.arxiv_id}v{item.version} {item.type}" for item in batch.announcements)
    return hashlib.sha256("\n".join(entries).encode()).hexdigest()


def _store(session: Session, capture: Capture, *, now: datetime) -> BatchReport:
    batch, digest = capture.batch, _digest(capture.batch)
    items = len(batch.announcements)
    known = session.exec(
        select(BatchRow.id).where(BatchRow.feed == batch.feed, BatchRow.day == batch.day, BatchRow.digest == digest)
    ).first()
    if known is not None:
        return BatchReport(batch.feed, batch.day, capture.source, items, 0, 0, judge(batch), known=True)
    new, updated = _store_papers(session, batch, now=now)
    row = BatchRow(
        feed=batch.feed,
        day=batch.day,
        digest=digest,
        built_at=batch.built_at,
        ingested_at=now,
        source=capture.source,
        items=items,
        new_papers=new,
        updated_papers=updated,
        health=judge(batch),
    )
    session.add(row)
    session.flush()
    if batch.announcements:
        session.execute(
            insert(AnnouncementRow),
            [
                {
                    "batch_id": row.id,
                    "arxiv_id": str(item.arxiv_id),
                    "type": item.type,
                    "version": item.version,
                }
                for item in batch.announcements
            ],
        )
    return BatchReport(batch.feed, batch.day, capture.source, items, new, updated, judge(batch), known=False)


def _store_papers(session: Session, batch: Batch, *, now: datetime) -> tuple[int, int]:
    ids = [str(item.arxiv_id) for item in batch.announcements]
    stored = {row.arxiv_id: row for row in session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(ids)))}
    fresh = [item for item in batch.announcements if str(item.arxiv_id) not in stored]
    if fresh:
        session.execute(insert(PaperRow), [_new_paper(item, batch.day, now) for item in fresh])
    updated, moved = 0, set[date]()
    for item in batch.announcements:
        row = stored.get(str(item.arxiv_id))
        if row is None:
            continue
        updated += _update_text(row, item, batch.day)
        if item.type.first_seen and (row.announced is None or batch.day < row.announced):
            if row.announced:
                moved.add(row.announced)
            row.announced = batch.day
    _rank_again(session, moved)
    return len(fresh), updated


def _rank_again(session: Session, days: Collection[date]) -> None:
    """Mark days from which papers have moved to an earlier one: their queues have room again."""
    session.execute(update(RankedDay).where(col(RankedDay.day).in_(days)).values(batches=_OUTDATED))


def _new_paper(item: Announcement, day: date, now: datetime) -> dict[str, object]:
    return {
        "arxiv_id": str(item.arxiv_id),
        **_text(item),
        "announced": day if item.type.first_seen else None,
        "text_day": day,
        "first_seen_at": now,
    }


def _text(item: Announcement) -> dict[str, object]:
    return {
        "version": item.version,
        "title": item.title,
        "abstract": item.abstract,
        "authors": list(item.authors),
        "categories": list(item.categories),
        "license": item.license,
    }


def _update_text(row: PaperRow, item: Announcement, day: date) -> bool:
    """Take over the entry's text if it is newer than the stored one; say whether anything changed."""
    if (item.version, day) <= (row.version, row.text_day):
        return False
    changed = {key: value for key, value in _text(item).items() if getattr(row, key) != value}
    for key, value in changed.items():
        setattr(row, key, value)
    row.text_day = day
    return bool(changed)


def rank_days(session: Session, channel: Channel, *, days: Iterable[date], now: datetime) -> int:
    """Choose the queue of each day again where batches came in since it was last chosen; return how many papers joined.

    The best ``queue.size`` papers of a day that reach the threshold are offered. A candidate that a better paper of the
    same day pushes out is taken back, unless a person has already done something with it.
    """
    ranker = WordRanker(channel.ranking)
    joined = 0
    for day in sorted({*days, *_outdated(session, channel)}):
        batches = _batches(session, channel, day)
        ranked = session.get(RankedDay, (channel.name, day))
        if ranked is not None and ranked.batches == batches:
            continue
        joined += _choose(session, channel, ranker, day=day, now=now)
        session.merge(RankedDay(channel=channel.name, day=day, batches=batches))
        session.flush()
    return joined


def _outdated(session: Session, channel: Channel) -> Sequence[date]:
    query = select(RankedDay).where(RankedDay.channel == channel.name, RankedDay.batches == _OUTDATED)
    return [row.day for row in session.exec(query)]


def _batches(session: Session, channel: Channel, day: date) -> int:
    return session.exec(
        select(func.count())
        .select_from(BatchRow)
        .where(BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    ).one()


def _choose(session: Session, channel: Channel, ranker: WordRanker, *, day: date, now: datetime) -> int:
    best = _best(session, channel, ranker, day)
    _take_back(session, channel, day=day, keep=best)
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


def _best(session: Session, channel: Channel, ranker: WordRanker, day: date) -> dict[str, Score]:
    listed = (
        select(AnnouncementRow.arxiv_id)
        .join(BatchRow, col(BatchRow.id) == col(AnnouncementRow.batch_id))
        .where(BatchRow.day == day, col(BatchRow.feed).in_(channel.feeds.categories))
    )
    papers = session.exec(select(PaperRow).where(PaperRow.announced == day, col(PaperRow.arxiv_id).in_(listed)))
    scored = [(row.arxiv_id, ranker.score(to_paper(row))) for row in papers]
    scored.sort(key=lambda pair: (-pair[1].value, pair[0]))
    return {key: score for key, score in scored[: channel.queue.size] if score.value >= channel.queue.threshold}


def _take_back(session: Session, channel: Channel, *, day: date, keep: Collection[str]) -> None:
    touched = select(Pick.candidate_id).union(
        select(Decision.candidate_id).where(Decision.action != Action.OFFER)  # people or the clock
    )
    session.execute(
        delete(Candidate).where(
            col(Candidate.channel) == channel.name,
            col(Candidate.announced) == day,
            col(Candidate.state) == CandidateState.QUEUED,
            col(Candidate.by_hand).is_(False),
            col(Candidate.arxiv_id).not_in(keep),
            col(Candidate.id).not_in(touched),
        )
    )


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
