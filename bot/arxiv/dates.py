"""The dates of feeds: RFC 822 in RSS, RFC 3339 in Atom and Dublin Core.

This module owns how such a text becomes a moment. Which day a batch belongs to is for ``feeds``.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_UNREADABLE: Final = (OverflowError, TypeError, IndexError)
"""What the standard library raises beside ValueError for a text that is no date."""


def moment(text: str) -> datetime:
    """Return the moment; raise ValueError where the text is no date or names no zone.

    The zone ``-0000`` is UTC (https://www.rfc-editor.org/rfc/rfc5322#section-3.3).
    """
    try:
        found = datetime.fromisoformat(text) if text[4:5] == "-" else parsedate_to_datetime(text)
    except _UNREADABLE as error:
        raise ValueError(f"{text!r} is no date") from error
    if found.tzinfo is None and text.rstrip().endswith("-0000"):
        return found.replace(tzinfo=UTC)
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return found
