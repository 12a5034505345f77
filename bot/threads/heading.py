"""The opening words of a thread: the title and who wrote the paper.

This module owns how they are shortened. It never marks anything in them: they are strangers' text.
"""

from collections.abc import Sequence

from bot.threads.draft import Draft
from bot.threads.measure import Measure
from bot.threads.plain import cut, one_line

_FOR_NAMES = 3
"""Names may take one part in so many of a post when the title needs the room."""


def heading(draft: Draft, measure: Measure, *, authors_shown: int, gap: str = "\n\n") -> str:
    """Return title, a blank line unless told otherwise, and authors within the measure.

    Too much for it, the list of authors is shortened to the first, then the title is cut at a word.
    """
    title = one_line(draft.title) or f"arXiv:{draft.arxiv_id}"
    names = [name for name in map(one_line, draft.authors) if name]
    whole = _joined(title, byline(names, shown=authors_shown), gap)
    if measure.fits(whole):
        return whole
    short = cut(byline(names, shown=1), measure.divided(_FOR_NAMES).fits)
    return _joined(cut(title, lambda beginning: measure.fits(_joined(beginning, short, gap))), short, gap)


def byline(names: Sequence[str], *, shown: int) -> str:
    """Name the first authors, with "et al." for the others."""
    line = ", ".join(names[:shown])
    return f"{line} et al." if len(names) > shown else line


def _joined(title: str, names: str, gap: str) -> str:
    return f"{title}{gap}{names}" if names else title
