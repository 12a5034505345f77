"""Papers in: store what feeds announced, have it judged and settled, and the best of each day offered.

The result depends on the set of batches alone, not on their order or repetition: ``texts`` says which text of a paper
counts, ``settling`` to which day it belongs and what became of each feed, ``offering`` what is queued.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, insert, select

from bot.arxiv.calendar import Calendar, merged
from bot.arxiv.health import Health, Listing
from bot.domain.channels import Channel
from bot.domain.papers import Batch
from bot.intake.announcement_days import mark_outdated, settle
from bot.intake.queue import rank
from bot.intake.versions import take_over
from bot.store.database import Database
from bot.store.tables import AnnouncementRow, BatchRow, FeedBody, Origin


@dataclass(frozen=True, slots=True)
class Capture:
    """One parsed feed body and where it came from; ``digest`` is ``body_digest`` of its bytes."""

    batch: Batch
    source: str
    digest: str | None = None
    origin: Origin = Origin.FEED


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
    reason: str
    known: bool


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What came of a whole ingest: its batches in order of date, and how many candidates each channel gained."""

    batches: tuple[BatchReport, ...]
    queued: Mapping[str, int]


def ingest(
    database: Database,
    captures: Iterable[Capture],
    *,
    channels: Collection[Channel],
    now: datetime,
    known: Collection[BatchReport] = (),
) -> IngestReport:
    """Store the captures in order of the date inside them, then rank the days they touch for every channel.

    ``known`` are captures that ``recognise`` knew. Each capture is one transaction: an interrupted ingest can simply be
    run again.
    """
    ordered = sorted(captures, key=lambda capture: (capture.batch.day, capture.batch.built_at, capture.batch.feed))
    calendar = calendar_of(channels)
    reports = list(known)
    for capture in ordered:
        with database.transaction() as session:
            reports.append(_store(session, capture, calendar, now=now))
    return IngestReport(tuple(reports), rank(database, channels, days={report.day for report in reports}, now=now))


def calendar_of(channels: Iterable[Channel]) -> Calendar:
    """Return arXiv's calendar with the exceptions that the channel files name."""
    feeds = [channel.feeds for channel in channels]
    return merged(Calendar(frozenset(item.holidays), frozenset(item.no_holidays)) for item in feeds)


def body_digest(body: bytes) -> str:
    """Return what tells a feed's body from any other."""
    return hashlib.sha256(body).hexdigest()


def recognise(database: Database, digest: str, *, source: str) -> BatchReport | None:
    """Return what is known of a body that was ingested before, None when it was not; nothing of it need be read."""
    query = select(BatchRow).join(FeedBody, col(FeedBody.batch_id) == col(BatchRow.id)).where(FeedBody.digest == digest)
    with database.reading() as session:
        row = session.exec(query).first()
    return _report_known(row, source) if row else None


def _store(session: Session, capture: Capture, calendar: Calendar, *, now: datetime) -> BatchReport:
    batch, digest = capture.batch, _digest(capture)
    row = session.exec(
        select(BatchRow).where(BatchRow.feed == batch.feed, BatchRow.day == batch.day, BatchRow.digest == digest)
    ).first()
    # Also where the same versions of the same papers are known: a text may have been corrected.
    new, updated, turned = take_over(session, batch, now=now)
    if turned:
        _weigh_again(session, turned)
    if row is not None:
        _remember_body(session, capture, row)
        return replace(_report_known(row, capture.source), updated=updated, known=not updated)
    row = _new_row(capture, digest, now=now)
    row.new_papers, row.updated_papers = new, updated
    session.add(row)
    session.flush()
    _remember_body(session, capture, row)
    _list_papers(session, row, batch)
    settle(session, row, calendar)
    return replace(_report_known(row, capture.source), new=new, updated=updated, known=False)


def _new_row(capture: Capture, digest: str, *, now: datetime) -> BatchRow:
    batch = capture.batch
    return BatchRow(
        feed=batch.feed,
        day=batch.day,
        digest=digest,
        built_at=batch.built_at,
        ingested_at=now,
        source=capture.source,
        items=len(batch.announcements),
        new_papers=0,
        updated_papers=0,
        health=Health.FRESH,
        origin=capture.origin,
        cut_off=batch.cut_off,
        highest=Listing.of(batch).highest,
    )


def _list_papers(session: Session, row: BatchRow, batch: Batch) -> None:
    if not batch.announcements:
        return
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


def _remember_body(session: Session, capture: Capture, row: BatchRow) -> None:
    if capture.digest is not None and session.get(FeedBody, capture.digest) is None:
        session.add(FeedBody(digest=capture.digest, batch_id=row.id))


def _weigh_again(session: Session, papers: Collection[str]) -> None:
    """Have the days chosen again on which these papers stood."""
    days = (
        select(col(BatchRow.day))
        .join(AnnouncementRow, col(AnnouncementRow.batch_id) == col(BatchRow.id))
        .where(col(AnnouncementRow.arxiv_id).in_(papers))
        .distinct()
    )
    mark_outdated(session, session.exec(days).all())


def _report_known(row: BatchRow, source: str) -> BatchReport:
    health = Health(row.health)
    return BatchReport(row.feed, row.day, source, row.items, 0, 0, health, row.reason, known=True)


def _digest(capture: Capture) -> str:
    """Return what tells the capture from others of its feed and day, the moment of its building aside."""
    batch = capture.batch
    entries = sorted(f"{item.arxiv_id}v{item.version} {item.type}" for item in batch.announcements)
    marks = {
        "cut off": batch.cut_off,
        "built late": capture.origin is Origin.FEED and Listing.of(batch).built_late,
        "from the API": capture.origin is Origin.API,
    }
    return hashlib.sha256("\n".join([*entries, *(mark for mark, on in marks.items() if on)]).encode()).hexdigest()
