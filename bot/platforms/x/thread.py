"""A pick as an X thread, where a post with a URL costs more than ten times a post without.

This module owns what is special there, and the layout of the form that begins with the title: all links stand in one
post, and nothing outside it is a URL, a mention or a cashtag to X. Because X may refuse replies, each thread comes with
a single post that can stand in for it. This module never counts by itself: ``text`` knows X's rules.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from bot.domain.channel_sections import LinkPolicy, ThreadForm, ThreadStyle, XRules
from bot.domain.posts import Platform, Post, Thread
from bot.platforms.x.links import is_linked_whole, linked_whole
from bot.platforms.x.prices import x_price
from bot.platforms.x.text import unlink, weighted_length
from bot.threads.addresses import find_bare_links, looks_like_file
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.hook import Manner, compose_hook, single_post
from bot.threads.links import Link, choose, links_of, mentioned_links
from bot.threads.measure import Measure
from bot.threads.rich import Words
from bot.threads.splitting import split

_LIMIT: Final = 280
"""Source: https://docs.x.com/fundamentals/counting-characters."""

_ROOM_FOR_HEADING: Final = 120
"""What the links leave to title and authors at least where they share a post."""

_POST_WITH_LINKS: Final = "The post with the links"
_SINGLE_POST: Final = "The single post"

_strangers: Final = partial(unlink, keep_hashtags=False)
_curators: Final = partial(unlink, keep_hashtags=True)
_HEADING: Final = Measure(lambda text: weighted_length(_strangers(text)), _LIMIT)
_NOTE: Final = Measure(lambda text: weighted_length(_curators(text)), _LIMIT)


@dataclass(frozen=True, slots=True)
class _Ending:
    """The words that hold links and hashtags, and what the curator should know about them."""

    text: str
    remarks: tuple[str, ...]


def compose_for_x(draft: Draft, *, style: ThreadStyle, rules: XRules, all_picks: str | None = None) -> Thread:
    """Make the thread in the channel's form, with the links where the channel wants them, and its price.

    ``all_picks`` is the address of the archive.
    """
    if style.form is ThreadForm.HOOK:
        return _from_hook(draft, style, rules.links, all_picks)
    return _from_title(draft, style, rules)


def _from_hook(draft: Draft, style: ThreadStyle, policy: LinkPolicy, all_picks: str | None) -> Thread:
    manner = _manner(draft, policy)
    hook = compose_hook(draft, style=style, manner=manner, all_picks=all_picks)
    first, *others = (_post(words.text, style) for words in hook.posts)
    posts = (replace(first, about=hook.title), *others)
    remarks = [*hook.remarks, *_left_out(hook.left_out, "The thread"), *_cut_links(hook.links, _POST_WITH_LINKS)]
    single = posts[0] if policy is LinkPolicy.FIRST else None
    if single is None and len(posts) > 1:
        stand_in = single_post(draft, style=style, manner=manner)
        single = replace(_post(stand_in.posts[0].text, style), about=stand_in.title)
        remarks += [*_left_out(stand_in.left_out, _SINGLE_POST), *_cut_links(stand_in.links, _SINGLE_POST)]
    return Thread(
        Platform.X,
        posts,
        x_price(post.text for post in posts),
        (*remarks, *_bare_links(draft.note, policy)),
        single if len(posts) > 1 else None,
        style.form,
    )


def _manner(draft: Draft, policy: LinkPolicy) -> Manner:
    name = _name_of(draft, policy)
    return Manner(
        measure=Measure(weighted_length, _LIMIT),
        closing=lambda links, tags: Words(_written(name, links, tags)),
        strangers=_strangers,
        curators=_curators,
        links_first=policy is LinkPolicy.FIRST,
        mentioned=True,
        without_links=policy is LinkPolicy.NONE,
    )


def _name_of(draft: Draft, policy: LinkPolicy) -> str:
    """Return the words that stand for the paper in a thread without links."""
    return _curators(f"arXiv:{draft.arxiv_id}") if policy is LinkPolicy.NONE else ""


def _from_title(draft: Draft, style: ThreadStyle, rules: XRules) -> Thread:
    ending = _ending(draft, style, rules.links, shares_post=rules.links is LinkPolicy.FIRST)
    texts = tuple(_texts(draft, style, ending=ending.text, links=rules.links))
    posts = tuple(_post(text, style) for text in texts)
    single, remarks = _single(draft, style, rules.links, posts)
    remarks = (*ending.remarks, *remarks, *_bare_links(draft.note, rules.links))
    return Thread(Platform.X, posts, x_price(texts), remarks, single, style.form)


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
    ending = _ending(draft, style, policy, shares_post=True, post=_SINGLE_POST)
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
    draft: Draft, style: ThreadStyle, policy: LinkPolicy, *, shares_post: bool, post: str = _POST_WITH_LINKS
) -> _Ending:
    """Return the closing words, as much as has room; ``post`` is what a remark calls the post that holds them."""
    limit = _LIMIT - _ROOM_FOR_HEADING if shares_post else _LIMIT
    name = _name_of(draft, policy)
    links, mentioned = ((), ()) if policy is LinkPolicy.NONE else (links_of(draft), mentioned_links(draft))
    chosen = choose(
        links,
        style.hashtags,
        mentioned=mentioned,
        fits=lambda kept, tags: weighted_length(_written(name, kept, tags)) <= limit,
    )
    remarks = (*_left_out(chosen.left_out, post), *_cut_links(chosen.links, post))
    return _Ending(_written(name, chosen.links, chosen.tags), remarks)


def _left_out(names: Sequence[str], post: str) -> Iterator[str]:
    if names:
        yield f"{post} has no room for {', '.join(names)}."


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
