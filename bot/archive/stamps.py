"""What tells one state of an archive from another, without reading all of it.

The worker asks often and builds seldom. Every publication, retraction and change of a text leaves a trace in one of the
rows that are read here.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, Text, cast, func, select
from sqlmodel import Session, col

from bot import __version__
from bot.archive.rendering import templates_digest
from bot.domain.channels import Channel
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.tables import Candidate, Decision, Delivery, DeliveryChange, PaperRow, Pick


def stamp(database: Database, channels: Sequence[Channel]) -> str:
    """Return a digest of all that the site of these channels is made of."""
    digest = hashlib.blake2b(digest_size=16)
    with database.reading() as session:
        for part in _parts(session, channels):
            digest.update(repr(part).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _parts(session: Session, channels: Sequence[Channel]) -> Iterator[object]:
    yield __version__, templates_digest()
    for channel in channels:
        yield channel.name, channel.title, channel.archive, channel.feeds.categories, channel.posting, channel.card
        yield _last(session, channel)
        picked = select(col(Candidate.arxiv_id)).join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        yield from _papers(session, picked.where(col(Candidate.channel) == channel.name))
        known = select(KnownPick).where(col(KnownPick.channel) == channel.name).order_by(col(KnownPick.arxiv_id))
        yield from map(_said, session.execute(known).scalars())
        yield from _papers(session, select(col(KnownPick.arxiv_id)).where(col(KnownPick.channel) == channel.name))


def _said(known: KnownPick) -> list[tuple[str, object]]:
    """Return all that a row says, in one order: the one in which the library fills it differs between processes."""
    return sorted(known.model_dump(mode="json").items())


def _papers(session: Session, chosen: Select[str]) -> Sequence[Any]:
    """Return what the site has of the papers; the lists as the database has them, which is quicker than as lists."""
    query = (
        select(
            col(PaperRow.arxiv_id),
            col(PaperRow.withdrawn),
            col(PaperRow.announced),
            col(PaperRow.title),
            col(PaperRow.abstract),
            cast(col(PaperRow.authors), Text),
            cast(col(PaperRow.categories), Text),
        )
        .where(col(PaperRow.arxiv_id).in_(chosen))
        .order_by(col(PaperRow.arxiv_id))
    )
    return session.execute(query).all()


def _last(session: Session, channel: Channel) -> tuple[int | None, int | None]:
    """Return the last thing that happened to a candidate of the channel, and to a delivery."""
    decision = (
        select(func.max(col(Decision.id)))
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(col(Candidate.channel) == channel.name)
    )
    change = (
        select(func.max(col(DeliveryChange.id)))
        .join(Delivery, col(Delivery.id) == col(DeliveryChange.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(col(Candidate.channel) == channel.name)
    )
    return session.execute(decision).scalar(), session.execute(change).scalar()
