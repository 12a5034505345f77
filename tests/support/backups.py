"""A backup of a database and putting it back, on either kind: all rows, as they were."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from bot.store.database import Database
from bot.store.tables import METADATA


@dataclass(frozen=True)
class Backup:
    """All rows of a database at one moment."""

    database: Database
    rows: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, database: Database) -> "Backup":
        """Copy every row."""
        with database.connection() as connection:
            rows = {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in METADATA.sorted_tables
            }
        return cls(database, rows)

    def put_back(self) -> None:
        """Replace every row by what was copied."""
        with self.database.connection() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(table.delete())
            for table in METADATA.sorted_tables:
                if self.rows[table.name]:
                    connection.execute(table.insert(), self.rows[table.name])
