"""The table of keys: with which accounts the workers can post. The keys themselves are in no table.

Columns and keys only, as in ``tables``.
"""

from sqlalchemy import Column, Text
from sqlmodel import Field

from bot.domain.posts import Platform
from bot.store.base import Table, enum_of


class WorkerKey(Table, table=True):
    """Whether a worker has keys for a platform of a channel, so that nobody else needs them to know.

    ``account`` is the public name of the account, None where the worker has no keys, and then ``problem`` says why.
    ``service`` and ``appview`` are the servers, by their public addresses, that the account is at and that show its
    network: from there others look up what the worker will find.
    """

    __tablename__ = "worker_keys"

    worker: str = Field(primary_key=True, max_length=100)
    channel: str = Field(primary_key=True, max_length=40)
    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    account: str | None = Field(default=None, sa_type=Text)
    problem: str = Field(default="", sa_type=Text)
    service: str | None = Field(default=None, sa_type=Text)
    appview: str | None = Field(default=None, sa_type=Text)
