"""Old batches made thin: two years of feeds would fill half a gigabyte.

What announced a paper stays for good, and so do the paper, its newest text and its first one: that tells whether it was
seen, on which day, and how it was ranked. What goes are entries that announce a new version of a known paper, the
texts between the first and the newest, and the digests of bodies. Abstracts, the bulk of what is left, are packed; they
are read as before. A capture of such a day that comes again is read once
more, and found to be known.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, delete, select

from bot.domain.papers import AnnounceType
from bot.store.database import Database
from bot.store.packing import pack_old
from bot.store.search_index import is_indexed
from bot.store.tables import AnnouncementRow, BatchRow, FeedBody, PaperRow, PaperText

_MOST: Final = 20
"""Batches in one run, each in a short transaction of its own: others want to write, too."""

_PORTIONS: Final = 10
"""Transactions of one run that pack abstracts, each of some hundred papers."""

_NEW_VERSIONS: Final = [item for item in AnnounceType if not item.first_seen]


def pack(database: Database, *, before: datetime) -> int:
    """Pack the abstracts of some papers whose texts are of days before that moment; return of how many.

    PostgreSQL packs long texts by itself, and without an index for search nobody could notice a change.
    """
    if database.url.get_backend_name() != "sqlite":
        return 0
    done = 0
    for _ in range(_PORTIONS):
        with database.transaction() as session:
            packed = pack_old(session, before=before.date()) if is_indexed(session) else 0
        done += packed
        if not packed:
            break
    return done


def thin(database: Database, *, before: datetime) -> int:
    """Thin some of the batches of days, and taken in, before that moment; return how many."""
    old = (
        select(BatchRow.id)
        .where(~col(BatchRow.thinned), BatchRow.day < before.date(), BatchRow.ingested_at < before)
        .order_by(col(BatchRow.id))
        .limit(_MOST)
    )
    with database.reading() as session:
        ids = session.exec(old).all()
    for batch_id in ids:
        with database.transaction() as session:
            _thin(session, session.get_one(BatchRow, batch_id))
    return len(ids)


def _thin(session: Session, batch: BatchRow) -> None:
    listed = select(AnnouncementRow.arxiv_id).where(AnnouncementRow.batch_id == batch.id)
    earlier, version = aliased(PaperText), col(PaperText.version)
    session.execute(
        delete(PaperText)
        .where(
            col(PaperText.arxiv_id).in_(listed),
            col(PaperText.text_day) <= batch.day,
            exists().where(col(earlier.arxiv_id) == col(PaperText.arxiv_id), col(earlier.version) < version),
            exists().where(col(PaperRow.arxiv_id) == col(PaperText.arxiv_id), col(PaperRow.version) > version),
        )
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(AnnouncementRow)
        .where(col(AnnouncementRow.batch_id) == batch.id, col(AnnouncementRow.type).in_(_NEW_VERSIONS))
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(FeedBody).where(col(FeedBody.batch_id) == batch.id))
    batch.thinned = True
    session.add(batch)
