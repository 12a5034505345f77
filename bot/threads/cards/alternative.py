"""The alternative text of a card: what it shows, in words, for who does not see it."""

from typing import Final

from bot.threads.draft import Draft
from bot.threads.heading import byline
from bot.threads.measure import grapheme_length
from bot.threads.plain import cut, one_line

_NAMES: Final = 3
_ENDS: Final = ".!?。！？"
_LONGEST: Final = 1000
"""Bluesky's app takes 2,000 characters of a picture in a post, and Mastodon 1,500."""


def alt_text(draft: Draft) -> str:
    """Return in words what the card of a pick shows: title, authors and note, as much as platforms take."""
    title = one_line(draft.title) or f"arXiv:{draft.arxiv_id}"
    names = byline([name for name in map(one_line, draft.authors) if name], shown=_NAMES)
    opening = f"{title}, by {names}" if names else title
    note = one_line(draft.note)
    words = f"{opening}{'' if opening[-1] in _ENDS else '.'} {note}" if note else opening
    return cut(words, lambda text: grapheme_length(text) <= _LONGEST)
