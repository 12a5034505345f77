"""What a thread is made of: one pick with the curator's words and links.

This module owns the form of that value. It never fetches, checks or shortens anything.
"""

from dataclasses import dataclass

from bot.domain.papers import ArxivId
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Picture, Quote


@dataclass(frozen=True, slots=True)
class Draft:
    """A pick before it becomes posts.

    ``title``, ``abstract`` and ``authors`` are strangers' text. ``note`` has passed ``check_note`` and may be empty;
    the links have passed ``check_link``. ``quote`` is the record behind ``thread_url``, None where that cannot be
    quoted or could not be resolved. ``picture`` is the drawn card, None where there is none. ``limits`` is how long a
    post may be where each server says so itself, None where that is not known, or the same everywhere.
    """

    arxiv_id: ArxivId
    title: str
    abstract: str
    authors: tuple[str, ...]
    note: str = ""
    thread_url: str | None = None
    code_url: str | None = None
    quote: Quote | None = None
    picture: Picture | None = None
    limits: PostLimits | None = None
