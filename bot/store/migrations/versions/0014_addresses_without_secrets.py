"""What may be secret in an address is taken out of what was stored with it: sources of batches, and errors."""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from bot.domain.redaction import redact, redact_address

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TEXTS = {
    "batches": ("reason",),
    "feeds": ("error",),
    "feed_days": ("reason", "repaired", "error"),
    "accounts": ("error",),
    "deliveries": ("error",),
    "delivery_changes": ("detail",),
    "lessons": ("error",),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete = ON")  # else the old words stay in the file's free pages
    _mend("batches", "source", redact_address)
    for table, columns in _TEXTS.items():
        for column in columns:
            _mend(table, column, _without_secrets)


def _without_secrets(text: str) -> str:
    """Return an error without secrets; of a password with a ``/`` in it a library had quoted the rest as a port."""
    return re.sub(r"Invalid port: '[^']*'", "Invalid port", redact(text))


def _mend(name: str, column: str, mended: Callable[[str], str]) -> None:
    """Give a column's different values, not its rows, to ``mended``: most batches have the same source."""
    connection = op.get_bind()
    table = sa.table(name, sa.column(column, sa.Text))
    field = table.c[column]
    values = connection.scalars(sa.select(field).where(field.contains("://")).distinct()).all()
    for value in values:
        if mended(value) != value:
            connection.execute(sa.update(table).where(field == value).values({column: mended(value)}))
