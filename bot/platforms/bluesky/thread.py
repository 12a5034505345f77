"""A pick as a Bluesky thread: rich text, link card, quote.

This module owns what is special there: marks, card and quote, and the layout of the form that begins with the title.
Strangers' text never gets a facet, and nobody is ever mentioned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from bot.domain.channel_sections import ThreadForm, ThreadStyle
from bot.domain.posts import Document, Facet, FacetKind, LinkCard, Platform, Post, Quote, Thread
from bot.platforms.bluesky.post_urls import looks_like_post
from bot.platforms.bluesky.rich_text import is_linked, marks_of
from bot.threads.addresses import find_bare_links, looks_like_file
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.hook import Manner, PaperPlace, compose_hook
from bot.threads.links import Closing, Link, choose, links_of, shown
from bot.threads.measure import Measure, grapheme_length
from bot.threads.plain import cut, one_line
from bot.threads.rich import Mark, Words, joined, marks_within
from bot.threads.splitting import split

BLUESKY: Final = Measure(grapheme_length, limit=300, max_bytes=3000)
"""A post's text by https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json."""

_CARD_TEXT: Final = 300


def compose_for_bluesky(
    draft: Draft, *, style: ThreadStyle, document: Document | None = None, all_picks: str | None = None
) -> Thread:
    """Make the thread in the channel's form, with a card on the first post and the authors' thread as a quote.

    The ``document`` goes out with the first post; ``all_picks`` is the address of the archive.
    """
    if style.form is ThreadForm.HOOK:
        return _from_hook(draft, style, document, all_picks)
    return _from_title(draft, style, document)


def _from_hook(draft: Draft, style: ThreadStyle, document: Document | None, all_picks: str | None) -> Thread:
    hook = compose_hook(draft, style=style, manner=MANNER, all_picks=all_picks)
    bare = [_marked(words, style) for words in hook.posts]
    posts = (*bare[:-1], _quoting(bare[-1], draft.quote, hook.unquoted, style))
    first = _carded(posts[0], draft, document)
    remarks = (*hook.remarks, *_remarks(draft, hook.left_out, place="thread"))
    return Thread(Platform.BLUESKY, (first, *posts[1:]), remarks=remarks, form=style.form)


def _quoting(post: Post, quote: Quote | None, unquoted: Words | None, style: ThreadStyle) -> Post:
    """Return the last post with the quote, and beside it what goes out without."""
    if quote is None or unquoted is None:
        return post
    return replace(post, quote=quote, instead=_marked(unquoted, style))


def _carded(post: Post, draft: Draft, document: Document | None) -> Post:
    """Return the first post with the card; one with a picture has another beside it, without.

    Where the post has a quote too, the one without the picture stands beside the one without the quote: whoever drops
    the quote keeps the picture, and whoever drops the picture drops both.
    """
    whole = replace(post, card=_card(draft), document=document)
    if draft.picture is None and post.instead is None:
        return whole
    if post.instead is not None:
        return replace(whole, instead=_carded(post.instead, draft, document))
    return replace(whole, instead=_carded(post, replace(draft, picture=None), document))


def _marked(words: Words, style: ThreadStyle) -> Post:
    return _post(words.text, words.marks, style)


def _from_title(draft: Draft, style: ThreadStyle, document: Document | None) -> Thread:
    closing = _closing(draft, style)
    posts = (
        _first_post(draft, style, document),
        *note_posts(draft.note, style),
        _last_post(draft, closing, style),
    )
    remarks = _remarks(draft, closing.left_out, place="last post")
    return Thread(Platform.BLUESKY, posts, remarks=tuple(remarks), form=style.form)


def _first_post(draft: Draft, style: ThreadStyle, document: Document | None) -> Post:
    """Return the post with the title and the link card; one with a picture has another beside it, without."""
    words = heading(draft, BLUESKY, authors_shown=style.authors_shown)
    post = replace(_post(words, (), style, card=_card(draft)), document=document)
    if draft.picture is None:
        return post
    return replace(post, instead=_first_post(replace(draft, picture=None), style, document))


def _last_post(draft: Draft, closing: Closing, style: ThreadStyle) -> Post:
    """Return the post with the links; one with a quote has another beside it, with a plain link."""
    post = _post(*_closing_text(closing.links, closing.tags), style, quote=draft.quote)
    if draft.quote is None:
        return post
    plain = replace(draft, quote=None)
    return replace(post, instead=_last_post(plain, _closing(plain, style), style))


def _post(
    text: str, marks: Iterable[Mark], style: ThreadStyle, *, card: LinkCard | None = None, quote: Quote | None = None
) -> Post:
    facets = tuple(_facet(text, mark) for mark in marks)
    return Post(text, grapheme_length(text), BLUESKY.limit, facets, card, quote, langs=style.langs)


def _facet(text: str, mark: Mark) -> Facet:
    start = len(text[: mark.start].encode())
    return Facet(start, start + len(text[mark.start : mark.end].encode()), mark.kind, mark.value)


def _card(draft: Draft) -> LinkCard:
    def brief(text: str) -> bool:
        return grapheme_length(text) <= _CARD_TEXT

    title = cut(one_line(draft.title), brief) or f"arXiv:{draft.arxiv_id}"
    return LinkCard(draft.arxiv_id.abs_url, title, cut(one_line(draft.abstract), brief), draft.picture)


def note_posts(note: str, style: ThreadStyle) -> Iterator[Post]:
    """Yield a curator's words as posts without anything else; addresses and hashtags in them are links."""
    marks = marks_of(note)
    for stretch in split(note, BLUESKY):
        inside = marks_within(marks, stretch.start, stretch.end)
        yield _post(note[stretch.start : stretch.end], inside, style)


def _closing(draft: Draft, style: ThreadStyle) -> Closing:
    links = [link for link in links_of(draft) if draft.quote is None or link.url != draft.thread_url]
    return choose(links, style.hashtags, fits=lambda kept, tags: BLUESKY.fits(_closing_text(kept, tags)[0]))


def _closing_text(links: Sequence[Link], tags: Sequence[str]) -> tuple[str, list[Mark]]:
    text, marks = "", []
    for number, link in enumerate(links):
        text += "\n" * bool(number) + f"{link.label}: "
        marks.append(Mark(len(text), len(text) + len(shown(link.url)), FacetKind.LINK, link.url))
        text += shown(link.url)
    for number, tag in enumerate(tags):
        text += " " if number else "\n\n"
        marks.append(Mark(len(text), len(text) + len(tag) + 1, FacetKind.TAG, tag))
        text += f"#{tag}"
    return text, marks


def _closing_words(links: Sequence[Link], tags: Sequence[str]) -> Words:
    """Return links as readable words, and hashtags below them."""
    named = [_named(link) for link in links]
    tagged = [Words(f"#{tag}", (Mark(0, len(tag) + 1, FacetKind.TAG, tag),)) for tag in tags]
    return joined((joined(named, gap=" · "), joined(tagged, gap=" ")), gap="\n\n")


def _named(link: Link) -> Words:
    """Return the words of a link; a thread on another platform says where, because readers see no address."""
    elsewhere = link.is_post and not looks_like_post(link.url)
    where = f" on {(urlsplit(link.url).hostname or '').removeprefix('www.')}" if elsewhere else ""
    return Words(link.label + where, (Mark(0, len(link.label), FacetKind.LINK, link.url),))


MANNER: Final = Manner(measure=BLUESKY, closing=_closing_words, marks=marks_of, paper=PaperPlace.CARD, quotes=True)
"""Every first post has a card that leads to the paper, so its address is not among the links."""


def _remarks(draft: Draft, left_out: Sequence[str], *, place: str) -> Iterator[str]:
    if draft.thread_url and draft.quote is None and looks_like_post(draft.thread_url):
        yield f"The authors' thread could not be embedded, so it is linked: {draft.thread_url}"
    if left_out:
        yield f"The {place} has no room for {', '.join(left_out)}."
    yield from _remarks_on_bare_links(draft.note)


def _remarks_on_bare_links(note: str) -> Iterator[str]:
    """Say where the app's rule for addresses without https:// is not what the words mean."""
    bare = find_bare_links(note)
    if files := [note[link.start : link.end] for link in bare if looks_like_file(link) and is_linked(note, link)]:
        yield f"Bluesky links names of files that could be addresses, as its own app does: {', '.join(files)}."
    if plain := [note[link.start : link.end] for link in bare if not is_linked(note, link)]:
        yield f"Bluesky does not link {', '.join(plain)} in the note: write https:// before it."
