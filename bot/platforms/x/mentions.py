"""How X writes a mention: the handle in the text. Whatever else looks like one is broken by a hair space.

This module owns the count of a post whose handles are written out again.
"""

from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.posts import Post
from bot.platforms.mentions import Writing
from bot.platforms.x.tags import find_mentions
from bot.platforms.x.text import unlink, weighted_length


def _handles(text: str) -> list[str]:
    return [span.text for span in find_mentions(text)]


def _retold(post: Post, text: str) -> Post:
    return replace(post, text=text, length=weighted_length(text))


WRITING: Final = Writing(defused=partial(unlink, keep_hashtags=False), handles_in=_handles, retold=_retold)
