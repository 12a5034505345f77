"""The same paper on the same account by another channel: it must not go out there twice.

Reads only. Deliveries that were taken down or given up do not count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists
from sqlmodel import Session, col, select

from bot.picks import DeliveryState
from bot.posts import Platform
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick


@dataclass(frozen=True, slots=True)
class Twin:
    """Another channel's delivery of the paper: ``undecided`` while it is being sent or its outcome is unknown."""

    channel: str
    undecided: bool
    out: bool


def twins(session: Session, candidate: Candidate, platform: Platform, *, account: str) -> Sequence[Twin]:
    """Return what other channels do with the candidate's paper on this account."""
    up = exists().where(
        col(FrozenPost.delivery_id) == col(Delivery.id),
        col(FrozenPost.remote_id).is_not(None),
        col(FrozenPost.removed_at).is_(None),
    )
    query = (
        select(Delivery, Candidate.channel, up)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.arxiv_id == candidate.arxiv_id,
            Candidate.channel != candidate.channel,
            Delivery.platform == platform,
            Delivery.account == account,
            col(Delivery.state).not_in((DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)),
        )
        .order_by(col(Delivery.id))
    )
    return [
        Twin(channel, row.state is DeliveryState.SENDING or row.request is not None, out)
        for row, channel, out in session.exec(query)
    ]
