"""Words to a database about the order in which it looks: SQLite knows nothing of how many rows a condition leaves."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped


def checked_last(column: Mapped[str]) -> ColumnElement[str]:
    """Return a column of words for a condition that most rows meet: no index is used for it."""
    return column.op("||")("")
