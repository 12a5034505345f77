"""Alembic's way in: migrate over the connection that ``schema.upgrade`` hands over."""

from alembic import context
from sqlalchemy import Connection

from bot.store.tables import METADATA

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
