"""The table of messages to people: what curators are told, in conversations and at the channel's own addresses.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Column, Text, UniqueConstraint
from sqlmodel import Field

from bot.store.base import Table, enum_of

OPERATOR: Final = "*"
"""Stands in a message where a channel does, for whoever operates the program; no channel can be called so."""


class MessageService(StrEnum):
    """What carries a message: a conversation on Bluesky, or the addresses of the channel (apprise)."""

    BLUESKY = "bluesky"
    APPRISE = "apprise"


class MessageState(StrEnum):
    """Where a message is. ``SENDING`` is also the state of one whose outcome is not known."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"


class Message(Table, table=True):
    """A message to one recipient, sent once.

    ``recipient`` is a curator's DID, or what one of the channel's addresses is called: addresses hold secrets and are
    not stored. ``key`` says what the message is, such as ``digest 2026-11-24``: there is one of a key for each
    recipient. ``position`` orders the parts of a long one. ``about`` is the arXiv id of the paper that an answer to
    the message means.
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("channel", "service", "recipient", "key", "position"),)

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(max_length=40)
    service: MessageService = Field(sa_column=Column(enum_of(MessageService), nullable=False))
    recipient: str = Field(sa_type=Text)
    key: str = Field(max_length=200)
    position: int = 1
    text: str = Field(sa_type=Text)
    about: str | None = Field(default=None, max_length=32)
    state: MessageState = Field(
        default=MessageState.PLANNED, sa_column=Column(enum_of(MessageState), nullable=False, index=True)
    )
    planned_at: datetime
    attempts: int = 0
    next_try_at: datetime | None = None
    claimed_by: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = None
    remote_id: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)
    sent_at: datetime | None = None
