"""Read the date in a feed's head, to order captures without parsing them.

To which day a batch belongs is for ``feeds``.
"""

import re
from datetime import UTC, datetime
from typing import Final

from bot.arxiv.dates import moment

_HEAD_BYTES: Final = 8192
_DATE: Final = re.compile(rb"<(?:pubDate|dc:date|updated)>([^<]{10,60})<")
_UNKNOWN: Final = datetime.min.replace(tzinfo=UTC)


def stated_date(body: bytes) -> datetime:
    """Return the date in a feed's head, the beginning of time when there is none that can be read."""
    head = body[:_HEAD_BYTES].replace(b"\0", b"")  # in UTF-16 every other byte of the head is zero
    match = _DATE.search(head)
    if match is None:
        return _UNKNOWN
    try:
        return moment(match[1].decode("ascii", "replace").strip())
    except ValueError:
        return _UNKNOWN
