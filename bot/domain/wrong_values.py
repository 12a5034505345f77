"""What is wrong with a value that a person wrote, in their words: the library's own are for programmers.

pydantic names every kind of mistake (https://docs.pydantic.dev/latest/errors/validation_errors/). A kind that is not
known here gets a general sentence and never the library's.
"""

from collections.abc import Mapping
from typing import Any, Final

_WORDS: Final = {
    "missing": "it is missing",
    "extra_forbidden": "it is not known here",
    "json_invalid": "it is not JSON",
    "int_type": "it must be a whole number, without quotes",
    "int_from_float": "it must be a whole number",
    "float_type": "it must be a number, without quotes",
    "float_parsing": "it must be a number",
    "int_parsing": "it must be a whole number",
    "finite_number": "it must be a number, not inf or nan",
    "bool_type": "it must be true or false, without quotes",
    "string_type": "it must be words in quotes",
    "enum": "it must be {expected}",
    "literal_error": "it must be {expected}",
    "greater_than": "it must be more than {gt}",
    "greater_than_equal": "it must be at least {ge}",
    "less_than": "it must be less than {lt}",
    "less_than_equal": "it must be at most {le}",
    "too_short": "it needs at least {min_length} {entries}",
    "too_long": "it may have at most {max_length} entries",
    "string_too_short": "it must not be empty",
    "string_too_long": "it may have at most {max_length} characters",
    "tuple_type": "it must be a list in square brackets",
    "mapping_type": "it must be a table with a line for each key",
    "dict_type": "it must be a table with a line for each key",
    "model_type": "it must be a table with a line for each key",
    "model_attributes_type": "it must be a table with a line for each key",
    "path_type": "it must be the path of a file or a folder",
}
_DATE: Final = "it must be a date, such as 2026-12-24"
_TIME: Final = "it must be a time of day, such as '10:00'"
_BY_BEGINNING: Final = {"date_": _DATE, "time_": _TIME, "decimal_": "it must be a number, without quotes"}


def in_words(mistake: Mapping[str, Any]) -> str:
    """Return what is wrong, of one of the errors of a ValidationError; our own words are taken as they are."""
    kind = str(mistake["type"])
    about = {name: _plain(value) for name, value in mistake.get("ctx", {}).items()}
    if kind == "value_error":
        return str(mistake["msg"]).removeprefix("Value error, ")
    about["entries"] = "entry" if about.get("min_length") == "1" else "entries"
    general = next((words for beginning, words in _BY_BEGINNING.items() if kind.startswith(beginning)), None)
    return (_WORDS.get(kind) or general or "it cannot be read").format_map(about)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
