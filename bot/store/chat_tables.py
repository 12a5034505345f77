"""The tables of conversations: how far an account's messages were handled, and whom it talks with.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import Column, Text, false
from sqlmodel import Field

from bot.domain.chat import ChatTrouble, Unwritable
from bot.store.base import Table, enum_of


class ChatAccount(Table, table=True):
    """An account whose messages are read.

    Everything up to ``cursor`` was handled; None until somebody began to listen. ``begun`` is the event after it that
    is in hand, by its name: ``steps`` of it are done, the last by the worker ``begun_by`` at ``begun_at``. ``trouble``
    says why messages cannot be read or sent now, and ``rests_until`` when that is tried again.
    """

    __tablename__ = "chat_accounts"

    account_id: str = Field(primary_key=True, sa_type=Text)
    cursor: str | None = Field(default=None, sa_type=Text)
    since: datetime | None = None
    read_at: datetime | None = None
    begun: str | None = Field(default=None, sa_type=Text)
    steps: int = 0
    begun_by: str | None = Field(default=None, max_length=100)
    begun_at: datetime | None = None
    trouble: ChatTrouble | None = Field(default=None, sa_column=Column(enum_of(ChatTrouble), nullable=True))
    error: str | None = Field(default=None, sa_type=Text)
    rests_until: datetime | None = None


class ChatHandled(Table, table=True):
    """A message of a curator that was handled: it is not handled again, whatever the service repeats."""

    __tablename__ = "chat_handled"

    account_id: str = Field(primary_key=True, sa_type=Text)
    message_id: str = Field(primary_key=True, sa_type=Text)
    at: datetime


class ChatConvo(Table, table=True):
    """A conversation of an account: with whom, empty in a group. ``accepted`` says that it is no mere request."""

    __tablename__ = "chat_convos"

    account_id: str = Field(primary_key=True, sa_type=Text)
    convo_id: str = Field(primary_key=True, sa_type=Text)
    did: str = Field(sa_type=Text)
    accepted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class ChatPerson(Table, table=True):
    """Somebody whom an account cannot write to, why, and since when."""

    __tablename__ = "chat_people"

    account_id: str = Field(primary_key=True, sa_type=Text)
    did: str = Field(primary_key=True, sa_type=Text)
    trouble: Unwritable = Field(sa_column=Column(enum_of(Unwritable), nullable=False))
    error: str = Field(sa_type=Text)
    since: datetime


class CuratorHandle(Table, table=True):
    """Whom a handle of a channel file stood for when it was first asked, and stands for now.

    ``did`` is None while nobody could say. ``holder`` is whose the handle was at ``checked_at``, None where it was
    nobody's.
    """

    __tablename__ = "curator_handles"

    handle: str = Field(primary_key=True, sa_type=Text)
    did: str | None = Field(default=None, sa_type=Text)
    holder: str | None = Field(default=None, sa_type=Text)
    learned_at: datetime | None = None
    checked_at: datetime
