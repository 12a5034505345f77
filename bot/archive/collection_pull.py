"""``picks collection pull``: take over a collection as picks that were published elsewhere."""

from dataclasses import dataclass
from datetime import UTC, datetime, time

from sqlmodel import Session, col, select

from bot.archive.hub import Collection, Item
from bot.domain.channels import Channel
from bot.domain.papers import ArxivId
from bot.intake.collection_notes import read_note
from bot.intake.known_picks import KnownRecord, keep
from bot.store.collections import Ledger
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.tables import Candidate, Delivery, PaperRow, Pick

_NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What came of a collection: ``ours`` are items of this program's, ``no_papers`` datasets, models and the like."""

    collection: str
    title: str
    items: int
    new: int
    known: int
    ours: int
    no_papers: int


def pull(database: Database, channel: Channel, collection: Collection, *, now: datetime) -> Pulled:
    """Keep the papers of a collection with their notes and links; the same collection again changes nothing.

    What this program published or added itself is left out. A paper whose day nobody knows gets that of the paper.
    """
    added = Ledger(database, channel.name, collection.slug.key, lambda: now).items()
    papers = collection.papers
    with database.transaction() as session:
        own = _published(session, channel)
        theirs = {name: item for name, item in papers.items() if name not in added and name not in own}
        new = sum(keep(session, channel.name, _record(session, channel, item), now=now) for item in theirs.values())
    return Pulled(
        collection=str(collection.slug),
        title=collection.title,
        items=len(collection.items),
        new=new,
        known=len(theirs) - new,
        ours=len(papers) - len(theirs),
        no_papers=len(collection.items) - len(papers),
    )


def known_here(database: Database, channel: Channel) -> set[str]:
    """Return the papers that the channel has published, or taken over."""
    with database.reading() as session:
        taken = session.exec(select(KnownPick.arxiv_id).where(KnownPick.channel == channel.name)).all()
        return {*_published(session, channel), *taken}


def _published(session: Session, channel: Channel) -> set[str]:
    query = (
        select(Candidate.arxiv_id)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(Delivery, col(Delivery.pick_id) == col(Pick.id))
        .where(Candidate.channel == channel.name, col(Delivery.sent_at).is_not(None))
    )
    return set(session.exec(query))


def _record(session: Session, channel: Channel, item: Item) -> KnownRecord:
    if item.arxiv_id is None:
        raise ValueError(f"the item {item.item_id} is no paper")
    note, thread_url, code_url = read_note(item.note)
    return KnownRecord(
        arxiv_id=ArxivId(item.arxiv_id),
        title=item.title,
        note=note if item.note else None,
        thread_url=thread_url,
        code_url=code_url,
        published_at=None if _has_day(session, channel, item.arxiv_id) else _noon(item),
    )


def _has_day(session: Session, channel: Channel, arxiv_id: str) -> bool:
    """Say whether it is known when arXiv announced a paper: that counts more than the Hub's date."""
    known, paper = session.get(KnownPick, (channel.name, arxiv_id)), session.get(PaperRow, arxiv_id)
    return (known is not None and known.day is not None) or (paper is not None and paper.announced is not None)


def _noon(item: Item) -> datetime | None:
    return datetime.combine(item.published, _NOON) if item.published else None
