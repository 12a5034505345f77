"""A curator's words alone as Bluesky posts, to go below a thread that is out."""

from collections.abc import Sequence

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import Facet, Post
from bot.platforms.bluesky.rich_text import marks_of
from bot.platforms.bluesky.thread import BLUESKY
from bot.threads.measure import grapheme_length
from bot.threads.splitting import Stretch, split


def reply_on_bluesky(words: str, *, style: ThreadStyle) -> tuple[Post, ...]:
    """Split the words as a note is split; addresses and hashtags in them are links as in a note."""
    marks = [Facet(mark.start, mark.end, mark.kind, mark.value) for mark in marks_of(words)]
    return tuple(_post(words, stretch, marks, style) for stretch in split(words, BLUESKY))


def _post(words: str, stretch: Stretch, marks: Sequence[Facet], style: ThreadStyle) -> Post:
    """Return one post; the marks still count characters of all the words."""
    text = words[stretch.start : stretch.end]
    inside = [mark for mark in marks if mark.start < stretch.end and mark.end > stretch.start]
    facets = tuple(_within(words, mark, stretch) for mark in inside)
    return Post(text, grapheme_length(text), BLUESKY.limit, facets, langs=style.langs)


def _within(words: str, mark: Facet, stretch: Stretch) -> Facet:
    """Return what the post shows of a mark, in bytes; each part of an address cut in two leads to the whole address."""
    start, end = (
        len(words[stretch.start : place].encode())
        for place in (max(mark.start, stretch.start), min(mark.end, stretch.end))
    )
    return Facet(start, end, mark.kind, mark.value)
