"""The table of servers' limits: how long a post may be where each server says so itself.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime

from sqlalchemy import Column, Text
from sqlmodel import Field

from bot.domain.posts import Platform
from bot.store.base import Table, enum_of


class ServerLimits(Table, table=True):
    """What a server takes, as it last said; ``per_address`` is what every address in a post counts."""

    __tablename__ = "server_limits"

    platform: Platform = Field(sa_column=Column(enum_of(Platform), primary_key=True))
    server: str = Field(primary_key=True, sa_type=Text)
    characters: int
    per_address: int
    asked_at: datetime
