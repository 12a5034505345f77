"""In which order a database looks for what a query joins."""

from typing import Any

from sqlalchemy import ColumnElement, func


def asked_last(column: Any) -> ColumnElement[str]:
    """Return a column of text whose index is not used, so that a join begins at its other side.

    SQLite does not count rows: it takes the candidates of a channel for few, and they are those of years.
    """
    return func.coalesce(column, "")
