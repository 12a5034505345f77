"""Which message goes to a person next, and who has it in hand; the rest stands in ``message_states``.

Works inside the caller's transaction. A person gets messages in the order in which they were planned: none overtakes
one whose fate is open.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select, update

from bot.domain.waiting import CLOCKS_APART, held_until
from bot.store import message_states
from bot.store.message_tables import Message, MessageService, MessageState

LEASE: Final = timedelta(minutes=2)
"""How long a message that is being sent is left alone: one request takes a minute at most."""

_OPEN: Final = (MessageState.PLANNED, MessageState.SENDING)


def recipients(session: Session, channels: Collection[str]) -> Sequence[str]:
    """Return for whom something is planned or in doubt, first who waits longest."""
    query = select(Message.recipient).where(*_to_people(channels), col(Message.state).in_(_OPEN))
    return session.exec(query.group_by(col(Message.recipient)).order_by(func.min(col(Message.id)))).all()


def next_for(session: Session, channels: Collection[str], did: str, *, now: datetime) -> Message | None:
    """Return the message that a person gets next, None where it must wait, and so must all after it.

    One that is ``SENDING`` was left behind by a worker: only a look tells whether it was sent.
    """
    query = select(Message).where(*_to_people(channels), col(Message.state).in_(_OPEN), col(Message.recipient) == did)
    row = session.exec(query.order_by(col(Message.id)).limit(1)).first()
    if row is None:
        return None
    until = row.lease_until if row.state is MessageState.SENDING else row.next_try_at
    longest = LEASE + CLOCKS_APART if row.state is MessageState.SENDING else timedelta(days=1)
    return None if held_until(until, now=now, longest=longest) else row


def claim(session: Session, message_id: int, *, worker: str, now: datetime) -> Message | None:
    """Give a planned message to a worker; None where another one was quicker."""
    message = message_states.claim(session, message_id, worker=worker, now=now)
    if message is not None:
        message.lease_until = now + LEASE
        session.add(message)
    return message


def take_over(session: Session, message: Message, *, worker: str, now: datetime) -> bool:
    """Give a message whose fate is open to a worker who looks; say False where another one was quicker."""
    taken = session.execute(
        update(Message)
        .where(
            col(Message.id) == message.id,
            col(Message.state) == MessageState.SENDING,
            col(Message.claimed_by) == message.claimed_by,
            col(Message.lease_until) == message.lease_until,
        )
        .values(claimed_by=worker, lease_until=now + LEASE)
        .returning(col(Message.id))
    )
    return taken.first() is not None


def doubt(session: Session, message_id: int, *, worker: str, error: str, look_at: datetime) -> None:
    """Store that the outcome of a message is not known, and when somebody looks."""
    session.execute(
        update(Message)
        .where(col(Message.id) == message_id, col(Message.claimed_by) == worker)
        .values(error=error, lease_until=look_at)
    )


def known_ids(session: Session, did: str, ids: Collection[str]) -> set[str]:
    """Return which of these ids are those of our messages to a person already."""
    query = select(Message.remote_id).where(Message.recipient == did, col(Message.remote_id).in_(ids))
    return {name for name in session.exec(query) if name}


def _to_people(channels: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return col(Message.channel).in_(channels), col(Message.service) == MessageService.BLUESKY
