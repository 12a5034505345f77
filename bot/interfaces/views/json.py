"""The one place where a view becomes JSON.

A view is a frozen dataclass. Its fields in their order are the keys of the JSON object, so a field may be added but
never renamed: scripts rely on it. docs/commands.md lists them all.

Every field is always there, with null where there is nothing to tell. The one exception is a field marked ``MERGED``.
It holds a view whose fields stand in its place, side by side with the others, or None when they are absent.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from bot.domain.json import Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


MERGED: Final = {"merged": True}
"""The metadata of a field whose own fields stand in its place: ``price: Price | None = field(metadata=MERGED)``."""


def to_json(view: object) -> Any:
    """Return a view, or a sequence of them, as plain JSON data.

    Enums become their values, dates ISO 8601, moments ISO 8601 in UTC to the second, money a number, tuples lists.
    Raises TypeError for what is none of these.
    """
    if isinstance(view, Mapping):
        return {str(to_json(key)): to_json(value) for key, value in view.items()}
    if isinstance(view, tuple | list):
        return [to_json(item) for item in view]
    if is_dataclass(view) and not isinstance(view, type):
        return _object(view)
    return _value(view)


def _object(view: "DataclassInstance") -> Json:
    found: Json = {}
    for item in fields(view):
        value = to_json(getattr(view, item.name))
        if item.metadata == MERGED:
            found.update(value or {})
        else:
            found[item.name] = value
    return found


def _value(value: object) -> object:
    """Return a value that is no view and no list as JSON knows it."""
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Decimal():
            return float(value)
        case None | bool() | int() | float() | str():
            return value
    raise TypeError(f"{type(value).__name__} is no part of a view")
