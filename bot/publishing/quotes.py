"""Whether a quote that was approved is still welcome when its post goes out."""

from collections.abc import Callable
from typing import Final

from bot.domain.errors import PermanentError, TransientError
from bot.domain.posts import Quote

MOST_LOOKS: Final = 3
"""After so many tries a quote that nobody can be asked about becomes a plain link."""


def objection(resolve: Callable[[str], Quote], quote: Quote, *, tries: int) -> str | None:
    """Return why a post must not be quoted any more, None where it may.

    ``resolve`` asks about the post at an address, as at the approval. Raises TransientError where it cannot be asked
    now and the ``tries`` are not used up.
    """
    try:
        found = resolve(quote.url)
    except PermanentError as error:
        return str(error)
    except TransientError as error:
        if tries < MOST_LOOKS:
            raise TransientError(str(error), of_account=False) from error
        return str(error)
    changed = (found.uri, found.cid) != (quote.uri, quote.cid)
    return f"{quote.url} is another post now than the one that was approved" if changed else None
