"""A curator's words alone as Bluesky posts, to go below a thread that is out."""

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import Post
from bot.platforms.bluesky.thread import note_posts


def reply_on_bluesky(words: str, *, style: ThreadStyle) -> tuple[Post, ...]:
    """Split the words as a note is split; addresses and hashtags in them are links as in a note."""
    return tuple(note_posts(words, style))
