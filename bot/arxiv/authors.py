"""Turn an author list, which arXiv writes into one string, into plain names.

This module owns what arXiv's feeds add to a list of names: TeX and control characters. ``domain.author_names`` owns the
names themselves.
"""

from bot.arxiv import tex
from bot.domain.author_names import names_in
from bot.domain.text import sanitize


def split_authors(creator: str) -> tuple[str, ...]:
    """Return the names in a ``dc:creator`` string, in order: plain text without affiliations and markup."""
    return names_in(creator, plain=lambda part: sanitize(tex.plain(part)))
