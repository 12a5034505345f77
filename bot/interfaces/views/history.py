"""What went out.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.domain.channels import Channel
from bot.domain.listing import Listing
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.interfaces.views.deliveries import DeliveryView, deliveries_of, former_deliveries_of
from bot.store.corrections import corrections_of
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, FrozenPost, PaperRow, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class SentThread:
    """A delivery in short; ``url`` is the first post that is out."""

    platform: Platform
    state: DeliveryState
    account: str | None
    sent_at: datetime | None
    next_try_at: datetime | None
    error: str | None
    posts: int
    posts_sent: int
    url: str | None
    cost_usd: Decimal
    spent_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A pick of which something went out; ``corrected_at`` is when its note was corrected last."""

    id: int
    arxiv_id: str
    title: str
    state: CandidateState
    slot: datetime | None
    approved_by: str | None
    deliveries: tuple[SentThread, ...]
    corrected_at: datetime | None


def history(database: Database, channel: Channel, *, limit: int | None) -> Listing[HistoryRow]:
    """Return the picks of which anything went out: first the one of which a post went out last."""
    sent = (
        select(Delivery.pick_id, func.max(FrozenPost.sent_at).label("last"))
        .join(FrozenPost, col(FrozenPost.delivery_id) == col(Delivery.id))
        .where(col(FrozenPost.sent_at).is_not(None))
        .group_by(col(Delivery.pick_id))
        .subquery()
    )
    query = (
        select(Candidate, PaperRow, Pick)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(sent, sent.c.pick_id == col(Pick.id))
        .where(Candidate.channel == channel.name)
        .order_by(sent.c.last.desc(), col(Pick.id).desc())
    )
    with database.reading() as session:
        shown = [_row(session, *found) for found in session.exec(query.limit(limit)).all()]
        total = session.exec(select(func.count()).select_from(query.order_by(None).subquery())).one()
        return Listing(shown, total=total)


def _row(session: Session, candidate: Candidate, paper: PaperRow, pick: Pick) -> HistoryRow:
    corrections = corrections_of(session, [pick.id])
    return HistoryRow(
        id=candidate.id,
        arxiv_id=candidate.arxiv_id,
        title=paper.title,
        state=candidate.state,
        slot=pick.slot_at,
        approved_by=pick.approved_by,
        deliveries=tuple(
            _sent_thread(item) for item in (*former_deliveries_of(session, pick), *deliveries_of(session, pick))
        ),
        corrected_at=corrections[-1].started_at if corrections else None,
    )


def _sent_thread(delivery: DeliveryView) -> SentThread:
    sent = [post.url for post in delivery.posts if post.url]
    return SentThread(
        platform=delivery.platform,
        state=delivery.state,
        account=delivery.account,
        sent_at=delivery.sent_at,
        next_try_at=delivery.next_try_at,
        error=delivery.error,
        posts=len(delivery.posts),
        posts_sent=len(sent),
        url=sent[0] if sent else None,
        cost_usd=delivery.cost_usd,
        spent_usd=delivery.spent_usd,
    )
