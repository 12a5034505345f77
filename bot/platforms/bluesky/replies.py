"""A curator's words alone as Bluesky posts, to go below a thread that is out."""

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import Facet, Post
from bot.platforms.bluesky.rich_text import Mark, marks_of
from bot.platforms.bluesky.thread import BLUESKY
from bot.threads.measure import grapheme_length
from bot.threads.splitting import Stretch, split


def reply_on_bluesky(words: str, *, style: ThreadStyle) -> tuple[Post, ...]:
    """Split the words as a note is split; addresses and hashtags in them are links as in a note."""
    marks = marks_of(words)
    return tuple(_post(words, stretch, marks, style) for stretch in split(words, BLUESKY))


def _post(words: str, stretch: Stretch, marks: tuple[Mark, ...], style: ThreadStyle) -> Post:
    text = words[stretch.start : stretch.end]
    facets = tuple(
        _facet(words, mark, stretch) for mark in marks if mark.start < stretch.end and mark.end > stretch.start
    )
    return Post(text, grapheme_length(text), BLUESKY.limit, facets, langs=style.langs)


def _facet(words: str, mark: Mark, stretch: Stretch) -> Facet:
    """Return what the post shows of a mark; each part of an address cut in two leads to the whole address."""
    start, end = (
        len(words[stretch.start : place].encode())
        for place in (max(mark.start, stretch.start), min(mark.end, stretch.end))
    )
    return Facet(start, end, mark.kind, mark.value)
