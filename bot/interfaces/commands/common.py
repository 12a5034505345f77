"""What several verbs share: parameters, limits, days, and a paper as it is now."""

from typing import TYPE_CHECKING, Annotated, Final

from bot.domain.dates import parse_date
from bot.domain.errors import UsageError
from bot.interfaces.commands.registry import Option

if TYPE_CHECKING:
    from datetime import date

    from bot.curation.context import Context
    from bot.interfaces.views.candidates import Shown

ThreadUrl = Annotated[str | None, Option("The authors' own thread, on Bluesky or X; '' removes it.")]
CodeUrl = Annotated[str | None, Option("Where the code is; '' removes it.")]
Limit = Annotated[int | None, Option("How many to list. It is 20 if nothing is said.")]
All = Annotated[bool, Option("List all.")]
_MOST: Final = 20
COUNTABLE: Final = 2**31 - 1
"""The largest number that every database takes for a limit, or for a key."""


def shown_now(context: "Context", paper: str) -> "Shown":
    """Return a paper whole, as it is now; raise UnknownPaperError when the ID names nothing."""
    from bot.interfaces.views import candidates as views

    return views.show(context.database, context.channel, paper)


def most_of(limit: int | None, *, every: bool) -> int | None:
    """Return how many are listed at the most, None for all; raise UsageError where that is unclear."""
    if every and limit is not None:
        raise UsageError("give either --limit or --all, not both")
    return None if every else at_least_one(_MOST if limit is None else limit)


def at_least_one(limit: int) -> int:
    """Return the limit; raise UsageError when it is below one, or more than a database counts."""
    if not 1 <= limit <= COUNTABLE:
        raise UsageError(f"--limit must be at least 1 and at most {COUNTABLE} (it is {limit})")
    return limit


def past_day(context: "Context", text: str) -> "date":
    """Return a day of announcements, which are of arXiv's calendar; raise UsageError when it is none."""
    from bot.arxiv.calendar import EASTERN

    return parse_date(text, today=context.now.astimezone(EASTERN).date(), back=True)
