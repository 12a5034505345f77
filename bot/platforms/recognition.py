"""A thread that nobody remembers, known again by its words: for platforms that keep nothing of ours but these.

Whether a post has the words, and is still up, each platform says itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.errors import PermanentError
from bot.domain.posts import Post
from bot.platforms.publisher import Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a platform shows of an account, of posts that are still up.

    ``find`` returns the post at a position with these words, below the one before it. ``answers`` says whether a post
    of the account's stands below another. ``begun`` returns the address of a thread that begins with a line.
    ``another_thread`` is the error that names the address of one about the same, with other words.
    """

    find: Callable[[int, Post, Receipt | None], Receipt | None]
    answers: Callable[[str], bool]
    begun: Callable[[str], str | None]
    another_thread: Callable[[str], PermanentError]


def recognise_by_words(posts: Sequence[Post], *, sent: Sequence[Receipt], look: Look) -> tuple[Receipt, ...]:
    """Return the posts of a thread that follow those that are known, from one down to the next.

    Raises PermanentError where the first post is found and other words of the account's stand below it, or where a
    thread begins with other words about the same paper.
    """
    found = list(sent)
    for position in range(len(sent), len(posts)):
        ours = look.find(position, posts[position], found[-1] if found else None)
        if ours is None:
            break
        found.append(ours)
    if found and not sent and len(found) < len(posts) and look.answers(found[-1].remote_id):
        raise look.another_thread(found[0].url)
    if not found and posts[0].about and (url := look.begun(posts[0].about)):
        raise look.another_thread(url)
    return tuple(found[len(sent) :])
