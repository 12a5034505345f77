"""Papers in: store what feeds announced, judge it, and choose the best of each day.

The result depends on the set of batches alone, not on their order or repetition. ``versions`` says which text of a
paper counts, ``announcement_days`` to which day it belongs and what became of each feed, ``queue`` what is queued.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from sqlmodel import Session, col, insert, select

from bot.arxiv.calendar import Calendar
from bot.arxiv.health import Health, Listing
from bot.domain.channels import Channel
from bot.domain.papers import Batch
from bot.intake.announcement_days import judge_and_date, mark_outdated
from bot.intake.queue import rank
from bot.intake.schedule import calendar_of
from bot.intake.versions import take_over
from bot.store.database import Database
from bot.store.search_index import read_odd
from bot.store.tables import AnnouncementRow, BatchRow, FeedBody, Origin

_READ_AT_ONCE: Final = 100  # papers that another program may have stored


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
    """Take in the captures, and return what came of them.

    1. Order the captures by the date inside them: each then changes little of what those before it left.
    2. Store each in a transaction of its own, and judge it: an interrupted ingest can simply be run again.
    3. Choose the queues of the days that they touch, for every channel.

    ``known`` are captures that ``recognise`` knew.
    """
    ordered = sorted(captures, key=lambda capture: (capture.batch.day, capture.batch.built_at, capture.batch.feed))
    calendar = calendar_of(channels)
    reports = list(known)
    for capture in ordered:
        with database.transaction() as session:
            reports.append(_store(session, capture, calendar, now=now))
    return IngestReport(tuple(reports), rank(database, channels, days={report.day for report in reports}, now=now))


def body_digest(body: bytes) -> str:
    """Return what tells a feed's body from any other."""
    return hashlib.sha256(body).hexdigest()


def recognise(database: Database, digest: str, *, source: str) -> BatchReport | None:
    """Return what is known of a body that was ingested before, None when it was not. A known body need not be read."""
    query = select(BatchRow).join(FeedBody, col(FeedBody.batch_id) == col(BatchRow.id)).where(FeedBody.digest == digest)
    with database.reading() as session:
        row = session.exec(query).first()
    return _report_known(row, source) if row else None


def _store(session: Session, capture: Capture, calendar: Calendar, *, now: datetime) -> BatchReport:
    """Store one capture.

    1. Take over the texts of its papers, and file them for search.
    2. Have the days chosen again on which a paper stands whose first text or withdrawal changed.
    3. Stop when the same entries are known already: only the texts may have been corrected.
    4. Store the batch and what it lists.
    5. Judge it, and date its papers.
    """
    batch, digest = capture.batch, _digest(capture)
    row = session.exec(
        select(BatchRow).where(BatchRow.feed == batch.feed, BatchRow.day == batch.day, BatchRow.digest == digest)
    ).first()
    new, updated, changed = take_over(session, batch, now=now)
    read_odd(session, most=max(_READ_AT_ONCE, len(batch.announcements)))
    if changed:
        _outdate_days_of(session, changed)
    if row is not None:
        _remember_body(session, capture, row)
        return replace(_report_known(row, capture.source), updated=updated, known=not updated)
    row = _new_row(capture, digest, now=now)
    row.new_papers, row.updated_papers = new, updated
    session.add(row)
    session.flush()
    _remember_body(session, capture, row)
    _list_papers(session, row, batch)
    judge_and_date(session, row, calendar)
    return replace(_report_known(row, capture.source), new=new, updated=updated, known=False)


def _new_row(capture: Capture, digest: str, *, now: datetime) -> BatchRow:
    """Return the row of a batch that is not judged yet."""
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
        odd=[{"why": item.why, "arxiv_id": str(item.arxiv_id or "") or None, "type": item.type} for item in batch.odd],
    )


def _list_papers(session: Session, row: BatchRow, batch: Batch) -> None:
    """Store the entries of a batch."""
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


def _outdate_days_of(session: Session, papers: Collection[str]) -> None:
    """Have the queues of all days chosen again on which these papers are listed."""
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
    """Return what tells the capture from others of its feed and day; when it was built makes no difference."""
    batch = capture.batch
    entries = sorted(f"{item.arxiv_id}v{item.version} {item.type}" for item in batch.announcements)
    marks = {
        "cut off": batch.cut_off,
        "built late": capture.origin is Origin.FEED and Listing.of(batch).built_late,
        "from the API": capture.origin is Origin.API,
    }
    said = [*entries, *(mark for mark, on in marks.items() if on), *(f"odd: {item.why}" for item in batch.odd)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()
