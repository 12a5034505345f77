"""The rows of messages to people: the only code that makes one; how one is sent stands in ``message_states``."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select, update

from bot.store.message_tables import Message, MessageService, MessageState

_TOO_LATE: Final = "it came too late to be sent"


def plan(
    session: Session,
    *,
    channel: str,
    service: MessageService,
    recipient: str,
    key: str,
    parts: Sequence[str],
    about: str | None = None,
    now: datetime,
) -> bool:
    """Plan a message in one or more parts; say False, and do nothing, where this recipient has one of that key.

    Works inside the caller's writing transaction, in which nobody else can plan the same.
    """
    same = select(Message.id).where(
        Message.channel == channel, Message.service == service, Message.recipient == recipient, Message.key == key
    )
    if session.exec(same).first() is not None:
        return False
    for position, text in enumerate(parts, 1):
        session.add(
            Message(
                channel=channel,
                service=service,
                recipient=recipient,
                key=key,
                position=position,
                text=text,
                about=about,
                planned_at=now,
            )
        )
    session.flush()
    return True


def planned_for(session: Session, *, channel: str, key: str, since: datetime | None = None) -> set[tuple[str, str]]:
    """Return who has a message of that key, planned since a moment if one is given, as service and recipient."""
    query = select(Message.service, Message.recipient).where(Message.channel == channel, Message.key == key)
    if since is not None:
        query = query.where(col(Message.planned_at) >= since)
    return {(service, recipient) for service, recipient in session.exec(query)}


def take_back(session: Session, *, channel: str, key: str) -> set[str]:
    """Take a message back where nobody has begun to send it, or where it was not taken; return to whom it is not sent.

    Where it was tried in vain it stays as given up: that the address fails is worth knowing.
    """
    unsent = (Message.channel == channel, Message.key == key, Message.state == MessageState.PLANNED)
    rows = session.exec(select(Message).where(*unsent)).all()
    for row in rows:
        if row.attempts:
            row.state, row.next_try_at = MessageState.REFUSED, None
            session.add(row)
        else:
            session.delete(row)
    session.flush()
    return {row.recipient for row in rows}


def drop_stale(session: Session, *, channel: str, kind: str, keep: Collection[str]) -> None:
    """Refuse what nobody has begun to send of a kind of messages, whose keys begin with it, but for the keys to keep.

    A digest of last week is no news: after an outage people get the newest one, not all of them.
    """
    session.execute(
        update(Message)
        .where(
            col(Message.channel) == channel,
            col(Message.state) == MessageState.PLANNED,
            col(Message.key).startswith(f"{kind} ", autoescape=True),
            col(Message.key).not_in(keep),
        )
        .values(state=MessageState.REFUSED, error=func.coalesce(col(Message.error), _TOO_LATE), next_try_at=None)
    )
