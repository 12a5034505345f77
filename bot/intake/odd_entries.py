"""The odd entries of a feed's day: which papers they name, and what the API's answer makes of them.

An odd entry is one that could not be read as an announcement. Where it names its paper, the API can say what the paper
is, but not why the feed listed it: that follows from what the entry says all the same, and from the day.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from bot.arxiv.api import Found
from bot.arxiv.calendar import Window
from bot.domain.papers import Announcement, AnnounceType
from bot.store.tables import AnnouncementRow, BatchRow, Origin


def odd_papers(session: Session, feed: str, day: date) -> Mapping[str, AnnounceType | None]:
    """Return the papers that the odd entries of a feed's day name, with the type where they say one.

    Papers that another capture of that day lists are left out.
    """
    of_day = (BatchRow.feed == feed, BatchRow.day == day, col(BatchRow.origin) == Origin.FEED)
    rows = session.exec(select(BatchRow).where(*of_day).order_by(col(BatchRow.id))).all()
    listed = set(
        session.exec(
            select(AnnouncementRow.arxiv_id).join(BatchRow, col(BatchRow.id) == AnnouncementRow.batch_id).where(*of_day)
        )
    )
    entries = [(item["arxiv_id"], item["type"]) for row in rows for item in row.odd]
    return {name: AnnounceType(kind) if kind else None for name, kind in entries if name and name not in listed}


def as_announced(found: Found, kind: AnnounceType | None, window: Window) -> Announcement:
    """Return what the API says of a paper, with the type that its odd entry says.

    Of an entry that says none, a paper that was submitted for that day is new; an older one is a replacement, so that
    it is kept and not offered.
    """
    known = found.announcement
    if kind is not None:
        return replace(known, type=kind)
    if window.start <= found.submitted < window.end:
        return known
    own = known.type is AnnounceType.NEW
    return replace(known, type=AnnounceType.REPLACE if own else AnnounceType.REPLACE_CROSS)
