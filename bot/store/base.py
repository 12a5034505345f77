"""What all tables have in common: one metadata, names for constraints, and how enums and owners are stored."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Column, Enum, ForeignKey, Index, Integer, MetaData, text
from sqlmodel import SQLModel

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel):
    """The base of every table: one metadata with names for all constraints, so that migrations can address them."""

    metadata = MetaData(naming_convention=_NAMES)


def enum_of(kind: type[StrEnum]) -> Enum:
    """Store an enum by its value as text, and refuse any other text on the way in."""
    return Enum(
        kind,
        native_enum=False,
        validate_strings=True,
        create_constraint=False,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def owner(target: str) -> Column[int]:
    """Refer to the row that this one belongs to, and is removed with."""
    return Column(Integer, ForeignKey(target, ondelete="CASCADE"), nullable=False, index=True)


def partial_index(name: str, *columns: str, where: str, on_sqlite: str | None = None, unique: bool = False) -> Index:
    """Return an index of the rows alone that match; ``on_sqlite``: as SQLite's queries say it, where that differs."""
    return Index(name, *columns, unique=unique, sqlite_where=text(on_sqlite or where), postgresql_where=text(where))
