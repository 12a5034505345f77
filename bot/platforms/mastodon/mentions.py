"""How Mastodon writes a mention: ``@name@host`` in the text. Whatever else looks like one is broken by a hair space.

This module owns the count of a post whose handles are written out again.
"""

from collections.abc import Callable
from dataclasses import replace

from bot.domain.post_limits import PostLimits
from bot.domain.posts import Post
from bot.platforms.mastodon.text import handles_in, length, unlink
from bot.platforms.mentions import Writing


def writing(limits: PostLimits) -> Writing:
    """Return how a server writes whose posts may be so long."""
    return Writing(defused=unlink, handles_in=handles_in, retold=_retold(limits))


def _retold(limits: PostLimits) -> Callable[[Post, str], Post]:
    return lambda post, text: replace(post, text=text, length=length(text, per_address=limits.per_address))
