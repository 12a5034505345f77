"""What people were told lately, and which of the addresses fail, the channel's and the operator's.

Reads only. An address is called by its name: it holds secrets and is nowhere stored. The fields that scripts rely on
are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.domain.channels import Channel
from bot.store.message_tables import OPERATOR, Message, MessageService, MessageState

_REMEMBERED: Final = timedelta(days=14)
"""An address that was told nothing for so long is none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingAddress:
    """An address that did not take the last message for it; without ``next_try_at`` that was given up.

    ``variable`` names it: the operator's and a channel's may have the same name. The oldest message that it did not
    take, and that still waits, was planned at ``since``.
    """

    address: str
    notice: str
    error: str
    next_try_at: datetime | None
    next: str
    variable: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticesStatus:
    """The newest digest's key and when it was planned, and the addresses that fail."""

    digest: str | None
    planned_at: datetime | None
    failing: tuple[FailingAddress, ...]


def notices(session: Session, channel: Channel, *, now: datetime) -> NoticesStatus:
    """Return what people of a channel were told lately."""
    query = select(Message).where(Message.channel == channel.name, col(Message.key).startswith("digest "))
    newest = session.exec(query.order_by(col(Message.id).desc()).limit(1)).first()
    return NoticesStatus(
        digest=newest.key if newest else None,
        planned_at=newest.planned_at if newest else None,
        failing=(*_failing(session, channel.name, now=now), *_failing(session, OPERATOR, now=now)),
    )


def _failing(session: Session, channel: str, *, now: datetime) -> tuple[FailingAddress, ...]:
    last = (
        select(func.max(Message.id))
        .where(
            Message.channel == channel,
            Message.service == MessageService.APPRISE,
            col(Message.planned_at) > now - _REMEMBERED,
            (col(Message.attempts) > 0) | (col(Message.state) == MessageState.REFUSED),
        )
        .group_by(col(Message.recipient))
    )
    rows = session.exec(select(Message).where(col(Message.id).in_(last)).order_by(col(Message.recipient))).all()
    return tuple(_address(session, row) for row in rows if row.state is not MessageState.SENT and row.error)


def _address(session: Session, row: Message) -> FailingAddress:
    waiting = select(func.min(Message.planned_at)).where(
        Message.channel == row.channel,
        Message.service == row.service,
        Message.recipient == row.recipient,
        Message.state == MessageState.PLANNED,
        col(Message.attempts) > 0,
    )
    again = row.state is MessageState.PLANNED
    variable = "PICKS_ALERT_URL" if row.channel == OPERATOR else "PICKS_DIGEST_URL"
    return FailingAddress(
        address=row.recipient,
        notice=row.key,
        error=row.error or "",
        next_try_at=row.next_try_at if again else None,
        next=f"mend it in {variable}, or the service as the reason says; the next notice is sent there again",
        variable=variable,
        since=session.exec(waiting).one() or row.planned_at,
    )
