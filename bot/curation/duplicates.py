"""The same paper on the same account by another channel: it must not go out there twice.

Reads only. Deliveries that were taken down or given up count as long as anything of them is up, or may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import exists
from sqlmodel import Session, col, or_, select

from bot.domain.accounts import Identity
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.store.accounts import posts_as
from bot.store.deliveries import is_up
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick

_OVER: Final = (DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Another channel's delivery of the paper: ``out`` while posts are up, or were left where they may be up.

    ``undecided`` is one that is being sent, or whose outcome is still looked for.
    """

    channel: str
    undecided: bool
    out: bool


def duplicates(session: Session, candidate: Candidate, *, platform: Platform, account: Identity) -> Sequence[Duplicate]:
    """Return what other channels do with the candidate's paper on this account, under whatever name."""
    up = exists().where(col(FrozenPost.delivery_id) == col(Delivery.id), is_up())
    query = (
        select(Delivery, Candidate.channel, up)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.arxiv_id == candidate.arxiv_id,
            Candidate.channel != candidate.channel,
            Delivery.platform == platform,
            posts_as(account),
            or_(col(Delivery.state).not_in(_OVER), col(Delivery.request).is_not(None), up),
        )
        .order_by(col(Delivery.id))
    )
    return [_duplicate(row, channel, up=shows) for row, channel, shows in session.exec(query)]


def _duplicate(row: Delivery, channel: str, *, up: bool) -> Duplicate:
    undecided = row.state is DeliveryState.SENDING or (row.request is not None and row.state not in _OVER)
    return Duplicate(channel, undecided, out=up or (row.request is not None and row.state in _OVER))
