"""The tables of accounts: as whom we post, how that goes, and what is there that this database did not send.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import JSON, Column, Text, false
from sqlmodel import Field

from bot.domain.json import Json
from bot.domain.posts import Platform
from bot.store.base import Table, enum_of


class AccountName(Table, table=True):
    """Which account a name stood for when somebody last signed in with it; ``account_id`` is what it keeps for good."""

    __tablename__ = "account_names"

    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    name: str = Field(primary_key=True, sa_type=Text)
    account_id: str = Field(sa_type=Text)
    learned_at: datetime


class StrayPost(Table, table=True):
    """A post on one of our accounts that this database has not sent: made by hand, or before a backup was put back.

    ``content`` is the post in its platform's own form.
    """

    __tablename__ = "stray_posts"

    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    remote_id: str = Field(primary_key=True, sa_type=Text)
    account_id: str = Field(sa_type=Text)
    content: Json = Field(sa_column=Column(JSON, nullable=False))
    seen_at: datetime


class AccountLook(Table, table=True):
    """What a look at an account found that this database has not sent; ``account`` is its lasting id.

    Since ``waits_since`` nothing is posted as the account: it shows
    ``threads`` about papers that nobody here knows, the one at ``example`` among them, until somebody reconciles.
    """

    __tablename__ = "account_looks"

    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    account: str = Field(primary_key=True, sa_type=Text)
    looked_at: datetime
    waits_since: datetime | None = None
    threads: int = 0
    example: str | None = Field(default=None, sa_type=Text)


class AccountState(Table, table=True):
    """How often in a row an account on a platform has failed, and until when it rests.

    ``account`` is its lasting id, or its name until somebody has signed in. ``needs_person`` says that it cannot post
    until a person mends something, ``sign_in`` that its credentials were not accepted.
    """

    __tablename__ = "accounts"

    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    account: str = Field(primary_key=True, sa_type=Text)
    failures: int
    rests_until: datetime | None = None
    error: str = Field(sa_type=Text)
    needs_person: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    sign_in: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
