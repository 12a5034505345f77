"""To which day a paper belongs, and what became of each feed on each day. Both follow from all that is stored.

Every function computes afresh from the tables what a new batch may have changed. So neither the order nor the
repetition of captures makes a difference. A paper that a stale feed lists, or that only the API knows, may belong to
another day: such a listing counts only where no better one is known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, case, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from bot.arxiv.calendar import Calendar
from bot.arxiv.health import MEMORY, Health, Listing, Verdict, judge
from bot.domain.papers import AnnounceType
from bot.store.tables import AnnouncementRow, BatchRow, FeedDay, Origin, PaperRow, RankedDay

OUTDATED: Final = -1
"""In ``RankedDay.batches``: the queue of that day is to be chosen again whatever the number of batches."""

_FIRST_SEEN: Final = tuple(item for item in AnnounceType if item.first_seen)
_BEST_FIRST: Final = (
    Health.FRESH,
    Health.DOUBLE,
    Health.LATE,
    Health.PARTIAL,
    Health.TRUNCATED,
    Health.QUIET,
    Health.DELAYED,
    Health.STALE,
    Health.EMPTY,
)
"""Of several captures of a day; what is broken or missing is no capture."""

_Entry = tuple[str, int, str]
"""Id, version and type of what a batch lists."""


def judge_and_date(session: Session, batch: BatchRow, calendar: Calendar) -> None:
    """Work out what a batch that was just stored changes.

    1. Find the batches that are compared with it.
    2. Judge it and them (``health.judge``), and record what became of each feed on each of their days.
    3. Date the papers of the new batch, and of those batches that became stale or ceased to be.
    4. Mark the days whose queues must be chosen again, because papers may have moved away from them.
    """
    compared = _compared_with(session, batch)
    changed = _judge_again(session, compared, calendar)
    for row in {batch.id: batch, **{row.id: row for row in changed}}.values():
        _date_papers(session, row)
        _mark_moved(session, row, everywhere=row.id != batch.id)


def _compared_with(session: Session, batch: BatchRow) -> Sequence[BatchRow]:
    """Return the batches whose health depends on this one: the same feed's of its day, any feed's of the days after.

    On what the API said depend only the same feed's of the days after.
    """
    later = and_(col(BatchRow.day) > batch.day, col(BatchRow.day) <= batch.day + MEMORY)
    same_day = and_(col(BatchRow.day) == batch.day, col(BatchRow.feed) == batch.feed)
    same_feed = and_(later, col(BatchRow.feed) == batch.feed)
    affected = same_feed if batch.origin is Origin.API else or_(later, same_day)
    query = select(BatchRow).where(col(BatchRow.origin) == Origin.FEED, affected)
    return session.exec(query.order_by(col(BatchRow.day), col(BatchRow.feed), col(BatchRow.id))).all()


def _judge_again(session: Session, rows: Sequence[BatchRow], calendar: Calendar) -> list[BatchRow]:
    """Judge these batches, record the result, and return those that became stale or are stale no longer."""
    changed, brought = [], set[tuple[str, date]]()
    for row in rows:
        was_stale, brought_before = row.health == Health.STALE, row.brings
        verdict = judge(_listed(row, _entries(session, [row.id])[row.id]), _earlier(session, row), calendar)
        row.health, row.reason, row.brings = verdict.health, verdict.reason, verdict.brings
        session.add(row)
        brought |= {(row.feed, day) for day in (brought_before, row.brings) if day is not None}
        if was_stale != (row.health == Health.STALE):
            changed.append(row)
    session.flush()
    for feed, day in dict.fromkeys((row.feed, row.day) for row in rows):
        _record_day(session, feed, day)
    for feed, day in brought:
        _record_arrival(session, feed, day)
    return changed


def _earlier(session: Session, row: BatchRow) -> list[Listing]:
    """Return the batches of the days before.

    Those of the same feed come with their entries, those of other feeds with their highest number only. What the API
    said counts for its own feed.
    """
    before = session.exec(
        select(BatchRow).where(
            or_(col(BatchRow.origin) == Origin.FEED, col(BatchRow.feed) == row.feed),
            col(BatchRow.day) < row.day,
            col(BatchRow.day) >= row.day - MEMORY,
        )
    ).all()
    entries = _entries(session, [item.id for item in before if item.feed == row.feed])
    return [_listed(item, entries[item.id]) for item in before]


def _entries(session: Session, batches: Collection[int]) -> Mapping[int, Sequence[_Entry]]:
    """Return the entries of batches, by batch."""
    found: dict[int, list[_Entry]] = defaultdict(list)
    query = select(
        AnnouncementRow.batch_id, AnnouncementRow.arxiv_id, AnnouncementRow.version, AnnouncementRow.type
    ).where(col(AnnouncementRow.batch_id).in_(batches))
    for batch_id, name, version, kind in session.exec(query):
        found[batch_id].append((name, version, kind))
    return found


def _listed(row: BatchRow, entries: Iterable[_Entry]) -> Listing:
    entries = tuple(entries)
    numbers = [name for name, version, kind in entries if version == 1 and kind == AnnounceType.NEW and "/" not in name]
    return Listing(
        row.feed,
        row.day,
        row.built_at,
        frozenset((name, version) for name, version, _ in entries),
        tuple(numbers),
        row.highest,
        row.cut_off,
        tuple(str(item["why"]) for item in row.odd),
        from_api=row.origin is Origin.API,
    )


def _record_day(session: Session, feed: str, day: date) -> None:
    """Record what became of a feed on a day: the best of what was captured."""
    rows = session.exec(
        select(BatchRow).where(BatchRow.feed == feed, BatchRow.day == day, col(BatchRow.origin) == Origin.FEED)
    )
    best = min(rows, key=lambda row: (_BEST_FIRST.index(Health(row.health)), row.reason))
    record_health(session, feed, day, Verdict(Health(best.health), best.reason))


def _record_arrival(session: Session, feed: str, day: date) -> None:
    """Record on which later day a feed brought the papers that it lacked on a day, if on any: they are there then."""
    row = session.get(FeedDay, (feed, day))
    if row is None:
        return
    query = select(func.min(BatchRow.day)).where(BatchRow.feed == feed, BatchRow.brings == day)
    row.came_on = session.exec(query).one()
    if row.came_on is not None:
        row.next_try_at, row.error, row.asked = None, None, 0
    session.add(row)


def record_health(session: Session, feed: str, day: date, verdict: Verdict) -> FeedDay:
    """Store the health of a feed on a day. What is known of its repair stays, unless nothing is left to repair."""
    row = session.get(FeedDay, (feed, day)) or FeedDay(feed=feed, day=day, health="")
    row.health, row.reason = verdict.health, verdict.reason
    if not verdict.health.needs_repair:
        row.next_try_at, row.error, row.asked = None, None, 0
    session.add(row)
    return row


def _date_papers(session: Session, batch: BatchRow) -> None:
    """Give the papers that a batch lists the day on which they were announced, where that is another than before."""
    listed = select(AnnouncementRow.arxiv_id).where(AnnouncementRow.batch_id == batch.id)
    if batch.origin is Origin.FEED:
        listed = _listed_twice(listed)  # the others have the day of the only batch that listed them
    known = select(col(PaperRow.arxiv_id), col(PaperRow.announced), col(PaperRow.backfilled))
    before = {name: (day, only) for name, day, only in session.exec(known.where(col(PaperRow.arxiv_id).in_(listed)))}
    changed = [
        {"arxiv_id": name, "announced": day, "backfilled": only}
        for name, day, only in _days_of(session, listed)
        if before[name] != (day, only)
    ]
    if changed:
        session.execute(update(PaperRow), changed)


def _days_of(
    session: Session, listed: SelectOfScalar[str], *, feeds: Collection[str] | None = None
) -> list[tuple[str, date, bool]]:
    """Return the ids in ``listed`` with the day on which they were announced, and whether only the API knows of them.

    With ``feeds``, only their listings count; a paper that none of them lists as new or cross-listed is left out.
    """
    day = col(BatchRow.day)
    query = (
        select(
            col(AnnouncementRow.arxiv_id),
            func.coalesce(func.min(case((~_unsure(), day))), func.min(day)),
            func.max(case((col(BatchRow.origin) == Origin.FEED, 1), else_=0)),
        )
        .join(BatchRow, col(BatchRow.id) == col(AnnouncementRow.batch_id))
        .where(col(AnnouncementRow.arxiv_id).in_(listed), col(AnnouncementRow.type).in_(_FIRST_SEEN))
        .group_by(col(AnnouncementRow.arxiv_id))
    )
    if feeds is not None:
        query = query.where(col(BatchRow.feed).in_(feeds))
    return [(name, first, not by_feed) for name, first, by_feed in session.exec(query)]


def _unsure() -> ColumnElement[bool]:
    return or_(col(BatchRow.origin) == Origin.API, col(BatchRow.health) == Health.STALE)


def _listed_twice(listed: SelectOfScalar[str]) -> SelectOfScalar[str]:
    other = aliased(AnnouncementRow)
    same = select(other.arxiv_id).where(
        col(other.arxiv_id) == col(AnnouncementRow.arxiv_id), col(other.batch_id) != col(AnnouncementRow.batch_id)
    )
    return listed.where(same.exists())


def _mark_moved(session: Session, batch: BatchRow, *, everywhere: bool) -> None:
    """Mark the other days on which papers of this batch are listed: a paper that moved leaves room in a queue.

    ``everywhere`` marks every day that lists one of them, the batch's own too.
    """
    listed = select(AnnouncementRow.arxiv_id).where(
        AnnouncementRow.batch_id == batch.id, col(AnnouncementRow.type).in_(_FIRST_SEEN)
    )
    query = (
        select(col(BatchRow.day))
        .join(AnnouncementRow, col(BatchRow.id) == col(AnnouncementRow.batch_id))
        .where(col(AnnouncementRow.arxiv_id).in_(listed), col(AnnouncementRow.type).in_(_FIRST_SEEN))
        .distinct()
    )
    if not everywhere:
        query = query.where(BatchRow.day != batch.day, or_(col(BatchRow.day) > batch.day, _unsure()))
    mark_outdated(session, session.exec(query).all())


def mark_outdated(session: Session, days: Iterable[date]) -> None:
    """Have the queues of these days chosen again the next time."""
    session.execute(update(RankedDay).where(col(RankedDay.day).in_(list(days))).values(batches=OUTDATED))


def papers_of(session: Session, day: date, *, feeds: Collection[str]) -> list[str]:
    """Return the ids of the papers that these feeds announced on a day, and on none before it."""
    listed = (
        select(AnnouncementRow.arxiv_id)
        .join(BatchRow, col(BatchRow.id) == col(AnnouncementRow.batch_id))
        .where(
            BatchRow.day == day,
            col(BatchRow.feed).in_(feeds),
            col(AnnouncementRow.type).in_(_FIRST_SEEN),
        )
    )
    names = set(session.exec(listed))
    # Few papers are listed twice, and only of these the day is a question.
    days = {name: first for name, first, _ in _days_of(session, _listed_twice(listed), feeds=feeds)}
    return sorted(name for name in names if days.get(name, day) == day)
