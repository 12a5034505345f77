"""What can go wrong between arXiv and a batch of announcements.

``str()`` of each is one line that names the feed or file, the reason and the next step. The kind (permanent, transient)
decides whether the same request is worth repeating.
"""

from typing import Final

from bot.domain.errors import PermanentError, PicksError, TransientError
from bot.domain.redaction import redact

_QUOTED: Final = 80


class FeedError(PicksError):
    """A feed could not be had or read; nothing of it was used."""


class FeedUnavailableError(FeedError, TransientError):
    """Not now: no connection, a time-out, a cut-off answer, or a server that asks to come back later."""


class FeedRefusedError(FeedError, PermanentError):
    """The server understood and said no, or the address leads elsewhere: asking again changes nothing."""


class FeedContentError(FeedError, PermanentError):
    """These bytes are no arXiv feed, or a broken one: reading them again changes nothing, fetching afresh may."""


class CaptureError(FeedError, PermanentError):
    """A file that should hold a feed cannot be read."""


def quoted(text: object) -> str:
    """Return a stranger's text for use in a message: on one line, escaped, cut after 80 characters, without secrets."""
    short = " ".join(redact(str(text)).split())
    return repr(short if len(short) <= _QUOTED else f"{short[:_QUOTED]}…")
