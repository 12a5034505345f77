"""How a message is sent: claimed by one worker, then sent, postponed or refused. The only code that changes its state.

Works inside the caller's transaction. A message that is claimed is never claimed again: whoever ends between claim and
result leaves its outcome unknown, and what that means is for the caller to decide.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, and_, col, or_, select, update

from bot.domain.waiting import CLOCKS_APART, LONGEST_LEASE
from bot.store.message_tables import Message, MessageService, MessageState
from bot.store.waiting import is_over

LEASE: Final = timedelta(minutes=5)
"""How long a claimed message belongs to its worker."""


def due(session: Session, *, channel: str, service: MessageService, now: datetime) -> Sequence[Message]:
    """Return the messages that should go out now, the oldest first."""
    query = select(Message).where(
        Message.channel == channel,
        Message.service == service,
        Message.state == MessageState.PLANNED,
        or_(col(Message.next_try_at).is_(None), is_over(col(Message.next_try_at), now=now)),
    )
    return session.exec(query.order_by(col(Message.id))).all()


def abandoned(session: Session, *, channel: str, service: MessageService, now: datetime) -> Sequence[Message]:
    """Return the messages whose worker ended, or hangs, while it sent them."""
    query = select(Message).where(
        Message.channel == channel,
        Message.service == service,
        Message.state == MessageState.SENDING,
        is_over(col(Message.lease_until), now=now, longest=LONGEST_LEASE),
    )
    return session.exec(query.order_by(col(Message.id))).all()


def count_sent(session: Session, like: Message, *, now: datetime) -> int:
    """Return how many messages the recipient of this one got within the hour; one that is being sent counts."""
    query = select(func.count()).where(
        Message.channel == like.channel,
        Message.service == like.service,
        Message.recipient == like.recipient,
        or_(
            col(Message.state) == MessageState.SENDING,
            and_(col(Message.sent_at) > now - timedelta(hours=1), col(Message.sent_at) <= now + CLOCKS_APART),
        ),
    )
    return session.exec(query).one()


def claim(session: Session, message_id: int, *, worker: str, now: datetime) -> Message | None:
    """Give a planned message to a worker; return None where another one was quicker."""
    claimed = session.execute(
        update(Message)
        .where(col(Message.id) == message_id, col(Message.state) == MessageState.PLANNED)
        .values(
            state=MessageState.SENDING,
            claimed_by=worker,
            lease_until=now + LEASE,
            attempts=col(Message.attempts) + 1,
            next_try_at=None,
        )
        .returning(col(Message.id))
    )
    if claimed.first() is None:
        return None
    message = session.get_one(Message, message_id)
    session.refresh(message)
    return message


def finish(session: Session, message_id: int, *, worker: str, now: datetime, remote_id: str | None = None) -> None:
    """Store that a message of this worker was sent."""
    _settle(session, message_id, worker, MessageState.SENT, sent_at=now, error=None, remote_id=remote_id)


def postpone(session: Session, message_id: int, *, worker: str, error: str, next_try_at: datetime) -> None:
    """Give a message of this worker back, which was surely not sent."""
    _settle(session, message_id, worker, MessageState.PLANNED, error=error, next_try_at=next_try_at)


def refuse(session: Session, message_id: int, *, worker: str | None, error: str) -> None:
    """Store that a message is not sent, or not again, and why."""
    _settle(session, message_id, worker, MessageState.REFUSED, error=error)


def _settle(session: Session, message_id: int, worker: str | None, state: MessageState, **values: object) -> None:
    """Change a message that is being sent, if it is still this worker's."""
    session.execute(
        update(Message)
        .where(
            col(Message.id) == message_id,
            col(Message.state) == MessageState.SENDING,
            col(Message.claimed_by) == worker,
        )
        .values(state=state, claimed_by=None, lease_until=None, **values)
    )
