"""When an account is taken: the times of the deliveries that are planned there or went out there.

A channel posts as one account on a platform, whatever account an older row of it bears. ``accounts_in_use`` is the one
place that says which account that is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from bot.domain.corrections import CorrectionState
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.store.accounts import account_key
from bot.store.correction_tables import Correction
from bot.store.tables import Candidate, Delivery, Pick

Destination = tuple[Platform, str]
"""An account on a platform, by what tells it from others: ``Identity.key``."""

_OVER: Final = (DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)
_LONGEST_DAY: Final = timedelta(days=2)
"""Times before that belong to no day on which a slot can still be free, in any zone."""


@dataclass(frozen=True, slots=True)
class Occupancy:
    """The times of a channel on a platform, and those of other channels that post as the same account."""

    own: tuple[datetime, ...]
    shared: tuple[datetime, ...]


def accounts_in_use(session: Session) -> dict[tuple[str, Platform], str]:
    """Return as whom each channel posts on each platform: the key of its newest delivery with a known account."""
    newest = (
        select(func.max(Delivery.id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(account_key().is_not(None))
        .group_by(col(Candidate.channel), col(Delivery.platform))
    )
    query = (
        select(Candidate.channel, Delivery.platform, account_key())
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(Delivery, col(Delivery.pick_id) == col(Pick.id))
        .where(col(Delivery.id).in_(newest))
    )
    return {(channel, Platform(platform)): account or "" for channel, platform, account in session.exec(query)}


def channels_on(session: Session, channel: str, platform: Platform, account: str | None) -> set[str]:
    """Return the channels that post as the account, by its key; None is the one that the channel used last."""
    accounts = accounts_in_use(session)
    key = account or accounts.get((channel, platform))
    return {other for (other, where), used in accounts.items() if where is platform and used == key} | {channel}


def unknown_account(channel: str) -> str:
    """Return what stands for the account of a channel that nobody has named yet: another than all others."""
    return f"of {channel}"


def occupancy(session: Session, channel: str, destination: Destination, *, now: datetime) -> Occupancy:
    """Return when the account is taken, from yesterday on; what went out counts when it did."""
    platform, account = destination
    times = _times(session, platform, now=now)
    others = channels_on(session, channel, platform, account) - {channel}
    return Occupancy(
        own=tuple(moment for name, moment in times if name == channel),
        shared=tuple(moment for name, moment in times if name in others),
    )


def _times(session: Session, platform: Platform, *, now: datetime) -> Sequence[tuple[str, datetime]]:
    query = (
        select(Candidate.channel, Delivery.sent_at, Delivery.due_at)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(Delivery, col(Delivery.pick_id) == col(Pick.id))
        .where(
            Delivery.platform == platform,
            or_(col(Delivery.state).not_in(_OVER), col(Delivery.sent_at).is_not(None)),
            or_(col(Delivery.due_at) > now - _LONGEST_DAY, col(Delivery.sent_at) > now - _LONGEST_DAY),
        )
    )
    sent_or_planned = [(channel, sent_at or due_at) for channel, sent_at, due_at in session.exec(query)]
    return sent_or_planned + _corrections(session, platform)


def _corrections(session: Session, platform: Platform) -> list[tuple[str, datetime]]:
    """Return when corrections go out that wait for their time."""
    query = (
        select(Candidate.channel, Correction.due_at, Correction.threads)
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .join(Correction, col(Correction.pick_id) == col(Pick.id))
        .where(Correction.state == CorrectionState.PLANNED)
    )
    return [(channel, due_at) for channel, due_at, threads in session.exec(query) if platform in threads]
