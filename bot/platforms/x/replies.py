"""A curator's words alone as X posts, to go below a thread that is out: without a link, which would cost more."""

from functools import partial
from typing import Final

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import Post
from bot.platforms.x.text import POST_LIMIT, unlink, weighted_length
from bot.threads.measure import Measure
from bot.threads.splitting import split

_plain: Final = partial(unlink, keep_hashtags=True)
_MEASURE: Final = Measure(lambda text: weighted_length(_plain(text)), POST_LIMIT)


def reply_on_x(words: str, *, style: ThreadStyle) -> tuple[Post, ...]:
    """Split the words as a note is split."""
    texts = [_plain(words[stretch.start : stretch.end]) for stretch in split(words, _MEASURE)]
    return tuple(Post(text, weighted_length(text), POST_LIMIT, langs=style.langs) for text in texts)
