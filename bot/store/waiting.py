"""``domain.waiting`` in a query: whether the time in a column holds a row back.

A row without a time is never matched.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import and_, or_

from bot.domain.waiting import LONGEST


def is_later(column: Mapped[Any], *, now: datetime, longest: timedelta = LONGEST) -> ColumnElement[bool]:
    """Match times that lie farther ahead than they can have been meant."""
    return column > now + longest


def is_over(column: Mapped[Any], *, now: datetime, longest: timedelta = LONGEST) -> ColumnElement[bool]:
    """Match times that have come or cannot have been meant."""
    return or_(column <= now, is_later(column, now=now, longest=longest))


def holds_back(column: Mapped[Any], *, now: datetime, longest: timedelta = LONGEST) -> ColumnElement[bool]:
    """Match times that have to be waited for."""
    return and_(column > now, column <= now + longest)
