"""The feeds: Atom (https://www.rfc-editor.org/rfc/rfc4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

A pick has one lasting id in all feeds, whatever is built again and wherever the site moves to. A feed holds the newest
picks whole and leads to those before, which stand in files of their own (https://www.rfc-editor.org/rfc/rfc5005#section-4).
These are counted from the oldest, so a new pick changes none of them, and each pick stands in one. An item is made once
for all feeds that have it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot.archive import places
from bot.archive.entries import Entry
from bot.archive.rendering import Page, Renderer, tag_id
from bot.archive.site import Group, Site

A_FILE: Final = 100
"""Picks in one file of older ones."""

NEWEST: Final = 200
"""Picks that a feed holds at most; those before, ``A_FILE`` together, stand in files of their own."""

_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed changed last that has never had a pick."""

_NAMED: Final = 100
"""Authors of a paper that a feed names: some have thousands."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """One document of a feed: the place of its page, its name and its picks.

    ``number`` is 0 for the newest picks; the documents of those before are counted from the oldest, up to ``count``.
    """

    place: str
    title: str
    entries: tuple[Entry, ...]
    updated: datetime
    number: int
    count: int

    @property
    def older(self) -> int:
        """Return the number of the document that goes on where this one ends, 0 where none does."""
        return self.number - 1 if self.number else self.count

    @property
    def newer(self) -> int:
        """Return the number of the older picks' document before this one, 0 where there is none."""
        return self.number + 1 if 0 < self.number < self.count else 0


class Feeds:
    """The feeds of one site; ``cards`` has the places of pictures by the ``id`` of the entry."""

    def __init__(self, site: Site, renderer: Renderer, cards: Mapping[int, str]) -> None:
        self._site = site
        self._render = renderer
        self._cards = cards
        self._atom_items: dict[int, str] = {}
        self._json_items: dict[int, str] = {}

    def pages(self) -> Iterator[Page]:
        """Yield two files for each document of a feed."""
        for feed in self._every():
            values = (feed.place, feed.title, feed.entries, feed.updated, feed.number, feed.count, self._pictured(feed))
            key = self._render.key("feed", *values)
            yield Page(feed.place + places.numbered(places.ATOM, feed.number), key, partial(self._atom, feed))
            yield Page(feed.place + places.numbered(places.JSON_FEED, feed.number), key, partial(self._json, feed))

    def _every(self) -> Iterator[_Feed]:
        site = self._site
        gone = _retractions(site)
        whole = Group(places.HOME, "", "", site.live)
        for group in (whole, *site.months, *site.tags, *site.authors, *site.by_channel):
            title = f"{site.title}: {group.name}" if group.name else site.title
            yield from self._documents(group, title, gone.get(group.place))

    def _documents(self, group: Group, title: str, gone: datetime | None) -> Iterator[_Feed]:
        """Yield the newest picks of a feed, which changed last when one came, changed or went, and those before."""
        entries = group.entries
        count = (len(entries) - A_FILE) // A_FILE if len(entries) > NEWEST and self._site.url else 0
        first = len(entries) - count * A_FILE
        changes = [entry.changed_at for entry in entries]
        updated = max([*changes, gone] if gone else changes, default=_SINCE)
        yield _Feed(group.place, title, entries[: first if count else NEWEST], updated, 0, count)
        for number in range(count, 0, -1):
            some = entries[first + (count - number) * A_FILE :][:A_FILE]
            changed = max(entry.changed_at for entry in some)
            yield _Feed(group.place, title, some, changed, number, count)

    def _pictured(self, feed: _Feed) -> list[str | None]:
        return [self._cards.get(id(entry)) for entry in feed.entries] if self._cards else []

    def _page_of(self, entry: Entry) -> str | None:
        return self._render.address(places.pick(entry.arxiv_id))

    def _atom(self, feed: _Feed) -> str:
        return self._render.text(
            "feed.atom",
            site=self._site,
            feed=feed,
            id=f"tag:{self._site.authority},2026:{places.link(feed.place) or '/'}",
            home=self._render.address(feed.place),
            ways=[
                ("self", self._document(feed, places.ATOM, feed.number)),
                ("current", self._document(feed, places.ATOM, 0) if feed.number else None),
                ("prev-archive", self._document(feed, places.ATOM, feed.older) if feed.older else None),
                ("next-archive", self._document(feed, places.ATOM, feed.newer) if feed.newer else None),
            ],
            items=[self._atom_item(entry) for entry in feed.entries],
        )

    def _document(self, feed: _Feed, name: str, number: int) -> str | None:
        """Return the address of a document of the same feed."""
        return self._render.address(feed.place + places.numbered(name, number))

    def _atom_item(self, entry: Entry) -> str:
        if id(entry) not in self._atom_items:
            self._atom_items[id(entry)] = self._render.text(
                "entry.atom",
                entry=entry,
                authority=self._site.authority,
                named=entry.authors[:_NAMED],
                page=self._page_of(entry),
                card=self._render.address(self._cards.get(id(entry))),
                content=self._content(entry),
            )
        return self._atom_items[id(entry)]

    def _content(self, entry: Entry) -> str:
        return self._render.text("content.html", entry=entry)

    def _json(self, feed: _Feed) -> str:
        document: dict[str, Any] = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": self._render.address(feed.place),
            "feed_url": self._document(feed, places.JSON_FEED, feed.number),
            "next_url": self._document(feed, places.JSON_FEED, feed.older) if feed.older else None,
            "language": "en",
            "authors": [_with({"name": self._site.title, "url": self._site.url})],
        }
        head = _dumped(document).removesuffix("}")
        items = ",\n".join(self._json_item(entry) for entry in feed.entries)
        return f'{head}, "items": [\n{items}\n]}}\n'

    def _json_item(self, entry: Entry) -> str:
        if id(entry) not in self._json_items:
            self._json_items[id(entry)] = _dumped(
                {
                    "id": tag_id(entry, self._site.authority),
                    "url": self._page_of(entry),
                    "external_url": f"https://arxiv.org/abs/{entry.arxiv_id}",
                    "title": entry.title,
                    "content_html": self._content(entry),
                    "summary": entry.note or None,
                    "image": self._render.address(self._cards.get(id(entry))),
                    "date_published": _moment(entry.published_at),
                    "date_modified": _moment(entry.changed_at) if entry.changed_at > entry.published_at else None,
                    "authors": [{"name": name} for name in entry.authors[:_NAMED]] or None,
                    "tags": list(entry.tags) or None,
                    "language": "en",
                }
            )
        return self._json_items[id(entry)]


def _retractions(site: Site) -> Mapping[str, datetime]:
    """Return when a pick was last retracted from a feed, by its place; of what a topic was, nothing is known."""
    found: dict[str, datetime] = {}
    for entry in site.entries:
        if entry.retracted_at is None:
            continue
        for place in (
            places.HOME,
            places.month(f"{entry.day:%Y-%m}"),
            places.channel(entry.channel),
            *(places.tag(places.tag_slug(name)) for name in entry.tags),
            *(places.author(places.author_slug(name)) for name in entry.named),
        ):
            found[place] = max(found.get(place, entry.retracted_at), entry.retracted_at)
    return found


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _dumped(fields: Mapping[str, Any]) -> str:
    return json.dumps(_with(fields), ensure_ascii=False)


def _with(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}
