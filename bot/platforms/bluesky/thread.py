"""A pick as a Bluesky thread: rich text, link card, quote.

This module owns the layout and the facets there. Strangers' text never gets a facet, and nobody is ever mentioned.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import regex

from bot.domain.channels import ThreadStyle
from bot.domain.posts import Facet, FacetKind, LinkCard, Platform, Post, Quote, Thread
from bot.platforms.bluesky.post_urls import looks_like_post
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.links import Closing, Link, choose, find_links, links_of, shown
from bot.threads.measure import Measure, grapheme_length
from bot.threads.plain import cut, one_line
from bot.threads.splitting import Stretch, split

BLUESKY: Final = Measure(grapheme_length, limit=300, max_bytes=3000)
"""A post's text by https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json."""

_CARD_TEXT: Final = 300
_TAG: Final = regex.compile(r"(?<![\w#&/])#(?P<tag>\p{L}\w{0,63})(?!\w)")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A facet before its offsets are bytes: ``start`` and ``end`` count characters."""

    start: int
    end: int
    kind: FacetKind
    value: str


def compose_for_bluesky(draft: Draft, *, style: ThreadStyle) -> Thread:
    """Make the thread: title with a card, note, links with hashtags and the authors' thread as a quote."""
    closing = _closing(draft, style)
    posts = (
        _post(heading(draft, BLUESKY, authors_shown=style.authors_shown), (), style, card=_card(draft)),
        *_note_posts(draft.note, style),
        _last_post(draft, closing, style),
    )
    return Thread(Platform.BLUESKY, posts, remarks=tuple(_remarks(draft, closing)))


def _last_post(draft: Draft, closing: Closing, style: ThreadStyle) -> Post:
    """Return the post with the links; one with a quote has another beside it, with a plain link."""
    post = _post(*_closing_text(closing.links, closing.tags), style, quote=draft.quote)
    if draft.quote is None:
        return post
    plain = replace(draft, quote=None)
    return replace(post, instead=_last_post(plain, _closing(plain, style), style))


def _post(
    text: str, marks: Iterable[_Mark], style: ThreadStyle, *, card: LinkCard | None = None, quote: Quote | None = None
) -> Post:
    facets = tuple(_facet(text, mark) for mark in marks)
    return Post(text, grapheme_length(text), BLUESKY.limit, facets, card, quote, langs=style.langs)


def _facet(text: str, mark: _Mark) -> Facet:
    start = len(text[: mark.start].encode())
    return Facet(start, start + len(text[mark.start : mark.end].encode()), mark.kind, mark.value)


def _card(draft: Draft) -> LinkCard:
    def brief(text: str) -> bool:
        return grapheme_length(text) <= _CARD_TEXT

    title = cut(one_line(draft.title), brief) or f"arXiv:{draft.arxiv_id}"
    return LinkCard(draft.arxiv_id.abs_url, title, cut(one_line(draft.abstract), brief))


def _note_posts(note: str, style: ThreadStyle) -> Iterator[Post]:
    marks = sorted(_marks_of_note(note), key=lambda mark: mark.start)
    for stretch in split(note, BLUESKY):
        inside = (_within(mark, stretch) for mark in marks if mark.start < stretch.end and mark.end > stretch.start)
        yield _post(note[stretch.start : stretch.end], inside, style)


def _marks_of_note(note: str) -> Iterator[_Mark]:
    links = find_links(note)
    for link in links:
        yield _Mark(link.start, link.end, FacetKind.LINK, link.url)
    for match in _TAG.finditer(note):
        if not any(link.start < match.end() and match.start() < link.end for link in links):
            yield _Mark(match.start(), match.end(), FacetKind.TAG, match["tag"])


def _within(mark: _Mark, stretch: Stretch) -> _Mark:
    """Return the mark counted from the stretch; each part of an address cut in two leads to the whole address."""
    start, end = max(mark.start, stretch.start), min(mark.end, stretch.end)
    return _Mark(start - stretch.start, end - stretch.start, mark.kind, mark.value)


def _closing(draft: Draft, style: ThreadStyle) -> Closing:
    links = [link for link in links_of(draft) if draft.quote is None or link.url != draft.thread_url]
    return choose(links, style.hashtags, fits=lambda kept, tags: BLUESKY.fits(_closing_text(kept, tags)[0]))


def _closing_text(links: Sequence[Link], tags: Sequence[str]) -> tuple[str, list[_Mark]]:
    text, marks = "", []
    for number, link in enumerate(links):
        text += "\n" * bool(number) + f"{link.label}: "
        marks.append(_Mark(len(text), len(text) + len(shown(link.url)), FacetKind.LINK, link.url))
        text += shown(link.url)
    for number, tag in enumerate(tags):
        text += " " if number else "\n\n"
        marks.append(_Mark(len(text), len(text) + len(tag) + 1, FacetKind.TAG, tag))
        text += f"#{tag}"
    return text, marks


def _remarks(draft: Draft, closing: Closing) -> Iterator[str]:
    if draft.thread_url and draft.quote is None and looks_like_post(draft.thread_url):
        yield f"The authors' thread could not be embedded, so it is linked: {draft.thread_url}"
    if closing.left_out:
        yield f"The last post has no room for {', '.join(closing.left_out)}."
