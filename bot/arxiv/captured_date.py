"""Read the date in a feed's head, to order captures without parsing them.

To which day a batch belongs is for ``feeds``.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

_HEAD_BYTES: Final = 8192
_DATE: Final = re.compile(rb"<(?:pubDate|dc:date|updated)>([^<]{10,60})<")
_UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)


def stated_date(body: bytes) -> datetime:
    """Return the date in a feed's head, the beginning of time when there is none that can be read."""
    match = _DATE.search(body[:_HEAD_BYTES])
    if match is None:
        return _UNKNOWN
    text = match[1].decode("ascii", "replace").strip()
    try:
        moment = datetime.fromisoformat(text) if text[:1].isdigit() else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return _UNKNOWN
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
