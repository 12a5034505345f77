"""A curator's words alone as Mastodon posts, to go below a thread that is out."""

from functools import partial

from bot.domain.channel_sections import ThreadStyle
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Post
from bot.platforms.mastodon.text import length, unmention
from bot.threads.measure import Measure
from bot.threads.splitting import split


def reply_on_mastodon(words: str, *, style: ThreadStyle, limits: PostLimits) -> tuple[Post, ...]:
    """Split the words as a note is split."""
    count = partial(length, per_address=limits.per_address)
    measure = Measure(lambda text: count(unmention(text)), limits.characters)
    texts = [unmention(words[stretch.start : stretch.end]) for stretch in split(words, measure)]
    return tuple(Post(text, count(text), limits.characters, langs=style.langs) for text in texts)
