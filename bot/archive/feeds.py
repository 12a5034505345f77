"""The feeds: Atom (https://www.rfc-editor.org/rfc/rfc4287) and JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/).

A pick has one lasting id in all feeds, whatever is built again and wherever the site moves to. A feed holds the newest
picks whole; older ones stand in the feeds of their months, to which it leads (https://www.rfc-editor.org/rfc/rfc5005).
An item is made once for all feeds that have it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot.archive import places
from bot.archive.entries import Entry
from bot.archive.rendering import Page, Renderer, tag_id
from bot.archive.site import Site

NEWEST: Final = 200
"""Picks in a feed; those before stand in the feeds of their months."""

_SINCE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed changed last that has never had a pick."""

_NAMED: Final = 100
"""Authors of a paper that a feed names: some have thousands."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """One feed: the place of its page, its name, its picks, and the months that go on where it ends."""

    place: str
    title: str
    entries: tuple[Entry, ...]
    updated: datetime
    older: str | None = None


class Feeds:
    """The feeds of one site; ``cards`` has the places of pictures by the ``id`` of the entry."""

    def __init__(self, site: Site, renderer: Renderer, cards: Mapping[int, str]) -> None:
        self._site = site
        self._render = renderer
        self._cards = cards
        self._atom_items: dict[int, str] = {}
        self._json_items: dict[int, str] = {}

    def pages(self) -> Iterator[Page]:
        """Yield two files for each feed."""
        for feed in self._every():
            values = (feed.place, feed.title, feed.entries, feed.updated, feed.older, self._pictured(feed))
            key = self._render.key("feed", *values)
            yield Page(feed.place + places.ATOM, key, partial(self._atom, feed))
            yield Page(feed.place + places.JSON_FEED, key, partial(self._json, feed))

    def _every(self) -> Iterator[_Feed]:
        site = self._site
        months = [month.place for month in site.months]
        oldest = months[0] if months and len(site.live) > NEWEST else None
        yield self._feed(places.HOME, site.title, site.live, site.entries, older=oldest)
        for month, before in zip(site.months, [*months[1:], None], strict=False):
            yield self._feed(
                month.place, f"{site.title}: {month.name}", month.entries, month.entries, older=before, most=None
            )
        for group in (*site.tags, *site.authors, *site.by_channel):
            yield self._feed(group.place, f"{site.title}: {group.name}", group.entries, group.entries)

    def _feed(
        self,
        place: str,
        title: str,
        entries: Sequence[Entry],
        every: Sequence[Entry],
        *,
        older: str | None = None,
        most: int | None = NEWEST,
    ) -> _Feed:
        """Return a feed; it changed last when a pick of it came, was corrected or was retracted."""
        changed_at = max((entry.changed_at for entry in every), default=_SINCE)
        return _Feed(place, title, tuple(entries[:most]), changed_at, older)

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
            itself=self._render.address(feed.place + places.ATOM),
            older=self._render.address(f"{feed.older}{places.ATOM}") if feed.older else None,
            items=[self._atom_item(entry) for entry in feed.entries],
        )

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
            "feed_url": self._render.address(feed.place + places.JSON_FEED),
            "next_url": self._render.address(f"{feed.older}{places.JSON_FEED}") if feed.older else None,
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
                    "date_published": _seconds(entry.published_at),
                    "date_modified": _seconds(entry.corrected_at) if entry.corrected_at else None,
                    "authors": [{"name": name} for name in entry.authors[:_NAMED]] or None,
                    "tags": list(entry.tags) or None,
                    "language": "en",
                }
            )
        return self._json_items[id(entry)]


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _dumped(fields: Mapping[str, Any]) -> str:
    return json.dumps(_with(fields), ensure_ascii=False)


def _with(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that say something."""
    return {name: value for name, value in fields.items() if value is not None}
