"""What a thread is made of: one pick with the curator's words and links.

This module owns the form of that value. It never fetches, checks or shortens anything.
"""

import re
from dataclasses import dataclass
from typing import Final

from bot.domain.papers import ArxivId
from bot.domain.posts import Quote

_BLUESKY_POST: Final = re.compile(r"https?://bsky\.app/profile/[^/?#\s]+/post/[^/?#\s]+/?(?:[?#]\S*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A pick before it becomes posts.

    ``title``, ``abstract`` and ``authors`` are strangers' text. ``note`` has passed ``check_note`` and may be empty;
    the links have passed ``check_link``. ``quote`` is the record behind ``thread_url``, None where that is no Bluesky
    post or could not be resolved.
    """

    arxiv_id: ArxivId
    title: str
    abstract: str
    authors: tuple[str, ...]
    note: str = ""
    thread_url: str | None = None
    code_url: str | None = None
    quote: Quote | None = None

    @property
    def quotable(self) -> bool:
        """Say whether the authors' thread is a Bluesky post, which another Bluesky post can embed."""
        return self.thread_url is not None and _BLUESKY_POST.fullmatch(self.thread_url) is not None
