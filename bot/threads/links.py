"""The links of a thread: which there are, how they look, which are left out when a post is full.

This module owns their order and their short form. It never opens one.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.threads.addresses import find_links
from bot.threads.draft import Draft
from bot.threads.measure import grapheme_length
from bot.threads.plain import cut, one_line

_SHOWN_AT_MOST: Final = 40
_PROTOCOL: Final = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the closing post with the word that stands before it; ``is_post`` says that it leads to a post."""

    label: str
    url: str
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class Closing:
    """What the closing post holds, and in words what it had no room for."""

    links: tuple[Link, ...]
    tags: tuple[str, ...]
    left_out: tuple[str, ...]


def shown(url: str) -> str:
    """Return the short form of an address for readers: no protocol, at most 40 characters."""
    bare = _PROTOCOL.sub("", one_line(url), count=1).rstrip("/")
    if grapheme_length(bare) <= _SHOWN_AT_MOST:
        return bare
    return cut(bare, lambda text: grapheme_length(text) <= _SHOWN_AT_MOST)


def links_of(draft: Draft) -> tuple[Link, ...]:
    """Return the pick's own links, the most important first."""
    own = [Link("Paper", draft.arxiv_id.abs_url)]
    if draft.code_url is not None:
        own.append(Link("Code", draft.code_url))
    if draft.thread_url is not None:
        own.append(Link("Authors' thread", draft.thread_url, is_post=True))
    return tuple(own)


def all_picks_link(url: str) -> Link:
    """Return the link to the archive, where readers find all picks."""
    return Link("All picks", url)


def mentioned_links(draft: Draft) -> tuple[Link, ...]:
    """Return the addresses that stand in the note and are not the pick's own, each once."""
    own = {link.url for link in links_of(draft)}
    urls = dict.fromkeys(found.url for found in find_links(draft.note))
    return tuple(Link("Mentioned", url) for url in urls if url not in own)


def choose(
    links: Sequence[Link],
    tags: Sequence[str],
    *,
    mentioned: Sequence[Link] = (),
    fits: Callable[[Sequence[Link], Sequence[str]], bool],
) -> Closing:
    """Take what fits into the closing post, in this order: links, hashtags, addresses mentioned in the note."""
    kept: list[Link] = []
    kept_tags: list[str] = []
    left_out: list[str] = []

    def take_links(candidates: Sequence[Link]) -> None:
        for link in candidates:
            if fits([*kept, link], kept_tags):
                kept.append(link)
            else:
                left_out.append(f"{link.label}: {link.url}")

    take_links(links)
    for tag in tags:
        if fits(kept, [*kept_tags, tag]):
            kept_tags.append(tag)
        else:
            left_out.append(f"#{tag}")
    take_links(mentioned)
    return Closing(tuple(kept), tuple(kept_tags), tuple(left_out))
