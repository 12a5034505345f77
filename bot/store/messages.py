"""The rows of messages to people: the only code that makes one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from bot.store.message_tables import Message, MessageService


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
