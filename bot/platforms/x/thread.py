"""A pick as an X thread, where a post with a URL costs more than ten times a post without.

This module owns the layout there: all links stand in one post, and nothing outside it is a URL, a mention or a cashtag
to X. Because X may refuse replies, each thread comes with a single post that can stand in for it. This module never
counts by itself: ``text`` knows X's rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from bot.domain.channel_sections import LinkPolicy, ThreadStyle, XRules
from bot.domain.posts import Platform, Post, Thread
from bot.platforms.x.links import is_linked_whole, linked_whole
from bot.platforms.x.prices import x_price
from bot.platforms.x.text import unlink, weighted_length
from bot.threads.addresses import find_bare_links, looks_like_file
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.links import Link, choose, links_of, mentioned_links
from bot.threads.measure import Measure
from bot.threads.splitting import split

_LIMIT: Final = 280
"""Source: https://docs.x.com/fundamentals/counting-characters."""

_ROOM_FOR_HEADING: Final = 120
"""What the links leave to title and authors at least where they share a post."""

_strangers: Final = partial(unlink, keep_hashtags=False)
_curators: Final = partial(unlink, keep_hashtags=True)
_HEADING: Final = Measure(lambda text: weighted_length(_strangers(text)), _LIMIT)
_NOTE: Final = Measure(lambda text: weighted_length(_curators(text)), _LIMIT)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The words that hold links and hashtags, and what the curator should know about them."""

    text: str
    remarks: tuple[str, ...]


def compose_for_x(draft: Draft, *, style: ThreadStyle, rules: XRules) -> Thread:
    """Make the thread: title, note, and the links where the channel wants them; with its price."""
    ending = _ending(draft, style, rules.links, shares_post=rules.links is LinkPolicy.FIRST)
    texts = tuple(_texts(draft, style, ending=ending.text, links=rules.links))
    posts = tuple(_post(text, style) for text in texts)
    single, remarks = _single(draft, style, rules.links, posts)
    remarks = (*ending.remarks, *remarks, *_bare_links(draft.note, rules.links))
    return Thread(Platform.X, posts, x_price(texts), remarks, single)


def _post(text: str, style: ThreadStyle) -> Post:
    return Post(text, weighted_length(text), _LIMIT, langs=style.langs)


def _single(
    draft: Draft, style: ThreadStyle, policy: LinkPolicy, thread: Sequence[Post]
) -> tuple[Post | None, tuple[str, ...]]:
    """Return the post that can stand in for a thread, with remarks.

    A first post that has the links needs no other, and costs no more.
    """
    if len(thread) == 1:
        return None, ()
    if policy is LinkPolicy.FIRST:
        return thread[0], ()
    ending = _ending(draft, style, policy, shares_post=True, post="The single post")
    return _post(_in_one(draft, style, ending.text), style), ending.remarks


def _in_one(draft: Draft, style: ThreadStyle, ending: str) -> str:
    """Return title, authors and links, and the note where the whole of it finds room."""
    head = _strangers(heading(draft, _HEADING, authors_shown=style.authors_shown))
    whole = "\n\n".join((head, _curators(draft.note), ending))
    if draft.note and weighted_length(whole) <= _LIMIT:
        return whole
    return _heading_above(ending, draft, style)


def _heading_above(ending: str, draft: Draft, style: ThreadStyle) -> str:
    below = f"\n\n{ending}"
    measure = _HEADING.reduced(weighted_length(below))
    return _strangers(heading(draft, measure, authors_shown=style.authors_shown)) + below


def _texts(draft: Draft, style: ThreadStyle, *, ending: str, links: LinkPolicy) -> Iterator[str]:
    note = (_curators(draft.note[stretch.start : stretch.end]) for stretch in split(draft.note, _NOTE))
    if links is LinkPolicy.FIRST:
        yield _heading_above(ending, draft, style)
        yield from note
        return
    yield _strangers(heading(draft, _HEADING, authors_shown=style.authors_shown))
    yield from note
    yield ending


def _ending(
    draft: Draft, style: ThreadStyle, policy: LinkPolicy, *, shares_post: bool, post: str = "The post with the links"
) -> _Ending:
    """Return the closing words, as much as has room; ``post`` is what a remark calls the post that holds them."""
    limit = _LIMIT - _ROOM_FOR_HEADING if shares_post else _LIMIT
    name = _curators(f"arXiv:{draft.arxiv_id}") if policy is LinkPolicy.NONE else ""
    links, mentioned = ((), ()) if policy is LinkPolicy.NONE else (links_of(draft), mentioned_links(draft))
    chosen = choose(
        links,
        style.hashtags,
        mentioned=mentioned,
        fits=lambda kept, tags: weighted_length(_written(name, kept, tags)) <= limit,
    )
    remarks = (f"{post} has no room for {', '.join(chosen.left_out)}.",) if chosen.left_out else ()
    return _Ending(_written(name, chosen.links, chosen.tags), (*remarks, *_cut_links(chosen.links, post)))


def _cut_links(links: Sequence[Link], post: str) -> Iterator[str]:
    cut = [link.url for link in links if not is_linked_whole(linked_whole(link.url))]
    if cut:
        yield f"{post} has addresses that X does not link as a whole: {', '.join(cut)}."


def _bare_links(note: str, policy: LinkPolicy) -> Iterator[str]:
    """Say which addresses of the note are none on X, where a post with a link costs more."""
    bare = [note[link.start : link.end] for link in find_bare_links(note) if not looks_like_file(link)]
    if bare:
        way = "" if policy is LinkPolicy.NONE else ": write https:// before it to have it among the links too"
        yield f"X does not link {', '.join(bare)} in the note{way}."


def _written(name: str, links: Sequence[Link], tags: Sequence[str]) -> str:
    lines = [name] if name else [f"{link.label}: {linked_whole(link.url)}" for link in links]
    return "\n\n".join(filter(None, ("\n".join(lines), " ".join(f"#{tag}" for tag in tags))))
