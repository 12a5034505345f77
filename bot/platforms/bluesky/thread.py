"""A pick as a Bluesky thread: rich text, link card, quote.

This module owns the layout there. Strangers' text never gets a facet, and nobody is ever mentioned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import Document, Facet, FacetKind, LinkCard, Platform, Post, Quote, Thread
from bot.platforms.bluesky.post_urls import looks_like_post
from bot.platforms.bluesky.rich_text import Mark, is_linked, marks_of
from bot.threads.addresses import find_bare_links, looks_like_file
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.links import Closing, Link, choose, links_of, shown
from bot.threads.measure import Measure, grapheme_length
from bot.threads.plain import cut, one_line
from bot.threads.splitting import Stretch, split

BLUESKY: Final = Measure(grapheme_length, limit=300, max_bytes=3000)
"""A post's text by https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json."""

_CARD_TEXT: Final = 300


def compose_for_bluesky(draft: Draft, *, style: ThreadStyle, document: Document | None = None) -> Thread:
    """Make the thread: title with a card, note, links with hashtags and the authors' thread as a quote.

    The ``document`` goes out with the first post.
    """
    closing = _closing(draft, style)
    posts = (
        _first_post(draft, style, document),
        *_note_posts(draft.note, style),
        _last_post(draft, closing, style),
    )
    return Thread(Platform.BLUESKY, posts, remarks=tuple(_remarks(draft, closing)))


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


def _note_posts(note: str, style: ThreadStyle) -> Iterator[Post]:
    marks = marks_of(note)
    for stretch in split(note, BLUESKY):
        inside = (_within(mark, stretch) for mark in marks if mark.start < stretch.end and mark.end > stretch.start)
        yield _post(note[stretch.start : stretch.end], inside, style)


def _within(mark: Mark, stretch: Stretch) -> Mark:
    """Return the mark counted from the stretch; each part of an address cut in two leads to the whole address."""
    start, end = max(mark.start, stretch.start), min(mark.end, stretch.end)
    return Mark(start - stretch.start, end - stretch.start, mark.kind, mark.value)


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


def _remarks(draft: Draft, closing: Closing) -> Iterator[str]:
    if draft.thread_url and draft.quote is None and looks_like_post(draft.thread_url):
        yield f"The authors' thread could not be embedded, so it is linked: {draft.thread_url}"
    if closing.left_out:
        yield f"The last post has no room for {', '.join(closing.left_out)}."
    yield from _remarks_on_bare_links(draft.note)


def _remarks_on_bare_links(note: str) -> Iterator[str]:
    """Say where the app's rule for addresses without https:// is not what the words mean."""
    bare = find_bare_links(note)
    if files := [note[link.start : link.end] for link in bare if looks_like_file(link) and is_linked(note, link)]:
        yield f"Bluesky links names of files that could be addresses, as its own app does: {', '.join(files)}."
    if plain := [note[link.start : link.end] for link in bare if not is_linked(note, link)]:
        yield f"Bluesky does not link {', '.join(plain)} in the note: write https:// before it."
