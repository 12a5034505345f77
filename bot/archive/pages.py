"""Which files the site has, each with what is shown there.

This module owns the pages and their order. What they look like is for the templates in ``site``, where they lie for
``places``; no file is made before it is asked for.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Final

from bot.archive import places
from bot.archive.bibtex import bibtex
from bot.archive.cards import Cards, no_cards
from bot.archive.chart import chart
from bot.archive.entries import Entry
from bot.archive.feeds import Feeds
from bot.archive.related import related
from bot.archive.rendering import Page, Renderer, asset
from bot.archive.site import Group, Site, family_name
from bot.archive.words import line

NEWEST: Final = 30
"""Picks on the first page."""

_A_PAGE: Final = 50
"""Picks on one page of a tag, an author or a channel."""

_TOGETHER: Final = 400
"""Authors that still fit on one page; more are spread over their initials."""

_ASSETS: Final = ("style.css", "site.js", "search.js", "minisearch.js", "minisearch.LICENSE.txt", "icon.svg")


def pages(site: Site, cards: Cards = no_cards) -> list[Page]:
    """Return all files of a site."""
    made = _Pages(site, cards)
    return [
        *made.picks(),
        *made.lists(),
        *made.overviews(),
        *made.singles(),
        *made.feeds(),
        *made.citations(),
        *made.pictures(),
        *made.assets(),
        *made.proof(),
    ]


class _Pages:
    def __init__(self, site: Site, cards: Cards) -> None:
        self._site = site
        self._render = Renderer(site)
        self._cards = {id(entry): card for entry in site.live if (card := cards(entry))}
        self._feeds = Feeds(site, self._render, {key: card.place for key, card in self._cards.items()})

    def picks(self) -> Iterator[Page]:
        """Yield a page for each paper, with what each channel says of it."""
        papers = list(self._site.papers.values())
        chosen = [next((entry for entry in found if entry.live), None) for found in papers]
        live = [entry for entry in chosen if entry]
        alike = related(live)
        place_in_row = {entry.arxiv_id: number for number, entry in enumerate(live)}
        for found, first in zip(papers, chosen, strict=True):
            shown = [entry for entry in found if entry.live] or found[:1]
            number = place_in_row.get(shown[0].arxiv_id)
            card = self._cards.get(id(first)) if first else None
            yield self._render.page(
                places.pick(shown[0].arxiv_id),
                "pick.html",
                entries=shown,
                entry=shown[0],
                related=alike.get(shown[0].arxiv_id, ()),
                newer=live[number - 1] if number else None,
                older=live[number + 1] if number is not None and number + 1 < len(live) else None,
                card=card.place if card else None,
                documents=[entry.document.uri for entry in shown if entry.document and entry.live],
            )

    def lists(self) -> Iterator[Page]:
        """Yield the pages of each month, tag, author and channel."""
        for month in self._site.months:
            yield from self._list(month, "Month", a_page=len(month.entries))
        for kind, groups in (("Tag", self._site.tags), ("Author", self._site.authors)):
            for group in groups:
                yield from self._list(group, kind)
        for group in self._site.by_channel:
            yield from self._list(group, "Channel")

    def _list(self, group: Group, kind: str, *, a_page: int = _A_PAGE) -> Iterator[Page]:
        count = max(1, -(-len(group.entries) // a_page))
        for number in range(1, count + 1):
            yield self._render.page(
                group.place if number == 1 else f"{group.place}{number}/",
                "list.html",
                kind=kind,
                bibtex=group.place + places.BIBTEX if kind != "Author" else None,
                name=group.name,
                total=len(group.entries),
                entries=group.entries[(number - 1) * a_page : number * a_page],
                home=group.place,
                number=number,
                count=count,
            )

    def overviews(self) -> Iterator[Page]:
        """Yield the pages that list months, tags and authors."""
        site = self._site
        years: dict[str, list[tuple[str, str, int]]] = defaultdict(list)
        for month in site.months:
            years[month.slug[:4]].append((month.place, month.name, len(month.entries)))
        yield self._render.page(places.MONTHS, "months.html", years=dict(years), chart=chart(site.months))
        topics = {topic for channel in site.channels.values() for topic in channel.archive.topics}
        rows = [(*_row(group), group.name in topics) for group in site.tags]
        yield self._render.page(
            places.TAGS,
            "tags.html",
            topics=[row[:3] for row in rows if row[3]],
            categories=[row[:3] for row in rows if not row[3]],
        )
        yield from self._authors()

    def _authors(self) -> Iterator[Page]:
        everybody = self._site.authors
        if len(everybody) <= _TOGETHER:
            yield self._render.page(places.AUTHORS, "authors.html", letter="", letters=[], rows=_rows(everybody))
            return
        by_letter: dict[str, list[Group]] = defaultdict(list)
        for group in everybody:
            by_letter[_initial(group.name)].append(group)
        letters = [(name, places.letter(name), len(found)) for name, found in sorted(by_letter.items())]
        often = sorted(everybody, key=lambda group: -len(group.entries))[:_TOGETHER]
        rows = _rows([group for group in often if len(group.entries) > 1])
        yield self._render.page(places.AUTHORS, "authors.html", letter="", letters=letters, rows=rows)
        for name, found in sorted(by_letter.items()):
            yield self._render.page(
                places.letter(name), "authors.html", letter=name, letters=letters, rows=_rows(found)
            )

    def singles(self) -> Iterator[Page]:
        """Yield the first page, the search, the page about the site, and what is shown where nothing is."""
        site = self._site
        yield self._render.page(
            places.HOME,
            "home.html",
            entries=site.live[:NEWEST],
            total=len(site.live),
            noted=sum(1 for entry in site.live if entry.note),
            channels=[_row(group) for group in site.by_channel],
        )
        yield self._render.page(places.SEARCH, "search.html", total=len(site.live))
        yield self._render.page(
            places.ABOUT,
            "about.html",
            chart=chart(site.months),
            total=len(site.live),
            first=site.live[-1].day if site.live else None,
            channels=[_row(group) for group in site.by_channel],
            rules=[
                (channel.title, channel.feeds.categories, channel.posting.platforms, channel.posting.time_zone)
                for channel in site.channels.values()
            ],
        )
        yield self._render.page("404.html", "missing.html")
        if site.url:
            listed = list(dict.fromkeys(places.pick(entry.arxiv_id) for entry in site.live))
            yield self._render.page("sitemap.xml", "sitemap.xml", listed=listed)

    def feeds(self) -> Iterator[Page]:
        """Yield the feeds of all picks, of each month, tag, author and channel."""
        yield from self._feeds.pages()

    def citations(self) -> Iterator[Page]:
        """Yield a BibTeX file for each paper, and one for each list that people take over whole."""
        made = cache(bibtex)
        for found in self._site.papers.values():
            place = places.pick(found[0].arxiv_id) + places.BIBTEX
            yield Page(place, self._render.key("bibtex", found[0]), partial(made, found[0]))
        whole = Group(places.HOME, "", self._site.title, self._site.live)
        for group in (whole, *self._site.months, *self._site.tags, *self._site.by_channel):
            papers = _once_each(group.entries)
            yield Page(
                group.place + places.BIBTEX,
                self._render.key("bibtex", papers),
                lambda papers=papers: "\n".join(map(made, papers)),  # type: ignore[misc]
            )

    def pictures(self) -> Iterator[Page]:
        """Yield the cards, each once."""
        seen = {card.place: card for card in self._cards.values()}
        for card in seen.values():
            yield Page(card.place, card.key, draw=card.draw)

    def assets(self) -> Iterator[Page]:
        """Yield what every site has as it is, and the words that are searched."""
        for name in _ASSETS:
            yield Page(name, self._render.key("asset", asset(name)), lambda name=name: asset(name))  # type: ignore[misc]
        yield Page(".nojekyll", self._render.key("nojekyll"), lambda: "")
        live = self._site.live
        yield Page("search-data.js", self._render.key("search", live), lambda: _searched(live))

    def proof(self) -> Iterator[Page]:
        """Yield the file by which other programs know that the publication on Bluesky is this site's."""
        if publication := self._site.publication:
            yield Page(places.PUBLICATION, self._render.key("publication", publication), lambda: f"{publication}\n")


def _once_each(entries: Sequence[Entry]) -> list[Entry]:
    """Return one pick of each paper, the newest, as on its page: several channels may have chosen it."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.arxiv_id, entry)
    return list(found.values())


def _row(group: Group) -> tuple[str, str, int]:
    return group.place, group.name, len(group.entries)


def _rows(groups: Sequence[Group]) -> list[tuple[str, str, int]]:
    return [_row(group) for group in groups]


def _initial(name: str) -> str:
    """Return under which letter an author stands."""
    first = family_name(name)[:1]
    return first if first.isascii() and first.isalpha() else "other"


def _searched(entries: Sequence[Entry]) -> str:
    """Return the words of all picks as a script: pages that are opened as files may load no data, but scripts."""
    rows = [
        [
            places.link(places.pick(entry.arxiv_id)),
            entry.arxiv_id,
            entry.title,
            ", ".join(entry.authors),
            line(entry.note),
            ", ".join(entry.tags),
            entry.day.isoformat(),
        ]
        for entry in entries
    ]
    return f"window.PICKS = {json.dumps(rows, ensure_ascii=False, separators=(',', ':'))};\n"
