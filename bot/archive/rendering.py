"""How values become files: the templates, what they may ask for, and the key that says when a file stays the same.

Everything is escaped by the templates unless it is marked as safe here, and only what this module has made of escaped
parts is. A file's key is made of all that its template is given, so equal keys mean equal bytes.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.archive import places
from bot.archive.citations import Place, citation_tags, coins, description, json_ld, open_graph, twitter_card
from bot.archive.entries import Entry, LivePost
from bot.archive.site import Group, Site
from bot.archive.words import host_of, is_web
from bot.domain.posts import Platform
from bot.threads.addresses import find_links

_SITE: Final = "site"
_KEY_BYTES: Final = 12
_PLATFORMS: Final[Mapping[str, str]] = {Platform.BLUESKY: "Bluesky", Platform.X: "X", "mastodon": "Mastodon"}
_KNOWN_HOSTS: Final = {
    "x.com": "X",
    "twitter.com": "X",
    "bsky.app": "Bluesky",
    "github.com": "GitHub",
    "huggingface.co": "Hugging Face",
}
_NAMES_IN_LISTS: Final = 5
_UP: Final = "\N{NULL}"
"""Stands for the way home in what is made once for all depths; no text of ours has it."""

_IN_MENU: Final = frozenset({places.HOME, places.MONTHS, places.TAGS, places.AUTHORS, places.ABOUT, places.SEARCH})


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the site: its place, the key of what it is made of, and what makes it.

    A picture is drawn by ``draw`` instead; that is costly, so it is kept as long as its key stays, also where all pages
    are rendered anew.
    """

    place: str
    key: str
    render: Callable[[], str] = str
    draw: Callable[[], bytes] | None = None


class Renderer:
    """The templates of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._digests: dict[int, str] = {}
        self._items: dict[int, str] = {}
        self._frames: dict[tuple[str, str], tuple[Markup, Markup]] = {}
        self._environment = Environment(
            loader=PackageLoader("bot.archive", _SITE),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters.update(_FILTERS)
        self._environment.tests["web"] = is_web
        self._environment.globals.update(
            site=site,
            style_version=asset_digest("style.css"),
            script_version=asset_digest("site.js"),
            search_version=asset_digest("search.js"),
            place_of_tag=lambda name: places.tag(places.tag_slug(name)),
            place_of_author=lambda name: places.author(places.author_slug(name)),
            coins=coins,
            citation_tags=citation_tags,
            open_graph=open_graph,
            twitter_card=twitter_card,
            json_ld=json_ld,
            page_of=self._page_of,
            several=len(site.channels) > 1,
        )
        self._environment.globals["parts"] = self._environment.get_template("parts.html").module
        channels = {name: (channel.title, channel.feeds.categories) for name, channel in site.channels.items()}
        self._common = (templates_digest(), site.title, site.url, site.authority, channels)

    def page(self, place: str, template: str, **values: Any) -> Page:
        """Return a page that a template makes of these values."""
        key = self.key(template, place, values)
        return Page(place, key, lambda: self._render(place, template, values))

    def text(self, template: str, **values: Any) -> str:
        """Return what a template makes of these values, for a part of a file."""
        return self._environment.get_template(template).render(values)

    def address(self, place: str | None) -> str | None:
        """Return the whole address of a place, None while the site has none."""
        return f"{self._site.url}{places.link(place)}" if self._site.url and place is not None else None

    def key(self, *parts: object) -> str:
        """Return the key of a file that is made of these values, and of what all files have in common."""
        return _digest(repr((self._common, self._plain(parts))))

    def _render(self, place: str, template: str, values: Mapping[str, Any]) -> str:
        root = places.way_home(place)
        top, bottom = self._frame(root, place if place in _IN_MENU else "")
        return self._environment.get_template(template).render(
            **values,
            place=place,
            root=root or "./",
            up=root,
            top=top,
            bottom=bottom,
            item=lambda entry: self._item(entry, root),
        )

    def _page_of(self, entry: Entry, card: str | None) -> Place:
        """Return where a pick's page and picture are on the web."""
        page, image = (self.address(place) for place in (places.pick(entry.arxiv_id), card))
        return Place(page, image, self._site.title)

    def _frame(self, root: str, current: str) -> tuple[Markup, Markup]:
        """Return what stands above and below the content; it is the same on many pages, and made once for them."""
        key = (root, current)
        if key not in self._frames:
            top, bottom = (
                self.text(name, up=root, root=root or "./", current=current) for name in ("top.html", "bottom.html")
            )
            self._frames[key] = Markup(top), Markup(bottom)  # noqa: S704 - made by escaping templates
        return self._frames[key]

    def _item(self, entry: Entry, root: str) -> Markup:
        """Return a pick as lists show it; it stands in many lists, and is made once for them."""
        shown = self._items.get(id(entry))
        if shown is None:
            shown = self._items[id(entry)] = self.text("item.html", entry=entry, up=_UP)
        return Markup(shown.replace(_UP, root))  # noqa: S704 - made by an escaping template

    def _entry(self, entry: Entry) -> str:
        found = self._digests.get(id(entry))
        if found is None:
            found = self._digests[id(entry)] = _digest(repr(entry))
        return found

    def _plain(self, value: object) -> object:
        """Return a value as something whose ``repr`` says all of it."""
        match value:
            case Entry():
                return self._entry(value)
            case Group():
                return value.place, value.name, self._plain(value.entries)
            case Mapping():
                return [(name, self._plain(item)) for name, item in value.items()]
            case str() | bytes() | int() | float() | date() | None:
                return value
            case Sequence():
                return [self._plain(item) for item in value]
        if is_dataclass(value) and not isinstance(value, type):
            return astuple(value)
        raise TypeError(f"{type(value).__name__} cannot be a part of a page")


@cache
def asset(name: str) -> str:
    """Return a file that every site has as it is."""
    return files("bot.archive").joinpath(_SITE, name).read_text("utf-8")


@cache
def asset_digest(name: str) -> str:
    """Return what tells one version of such a file from another."""
    return _digest(asset(name))[:8]


@cache
def templates_digest() -> str:
    """Return what tells one version of the templates and assets from another."""
    folder = files("bot.archive").joinpath(_SITE)
    texts = sorted((file.name, file.read_text("utf-8")) for file in folder.iterdir() if file.is_file())
    return _digest(repr(texts))


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_KEY_BYTES).hexdigest()


def _paragraphs(text: str) -> list[str]:
    return [part for part in text.split("\n\n") if part]


def _linked(text: str) -> Markup:
    """Return a text in which addresses are links and all else is escaped; a new line stays one."""
    parts, end = list[Markup](), 0
    for found in find_links(text):
        if is_web(found.url):
            parts += [escape(text[end : found.start]), _anchor(found.url, text[found.start : found.end])]
            end = found.end
    return Markup("").join([*parts, escape(text[end:])]).replace("\n", Markup("<br>\n"))


def _anchor(url: str, words: str) -> Markup:
    return Markup('<a href="{}" rel="noopener">{}</a>').format(url, words)


def _place_words(url: str) -> str:
    """Return how people call the server of an address."""
    host = host_of(url)
    return _KNOWN_HOSTS.get(host, host)


def _platform(post: LivePost) -> str:
    return _PLATFORMS.get(post.platform, post.platform.capitalize())


def _names(authors: Sequence[str]) -> str:
    """Return the authors as lists name them."""
    shown = ", ".join(authors[:_NAMES_IN_LISTS])
    return f"{shown} and {len(authors) - _NAMES_IN_LISTS} more" if len(authors) > _NAMES_IN_LISTS else shown


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tag_id(entry: Entry, authority: str) -> str:
    """Return the lasting id of a pick (https://www.rfc-editor.org/rfc/rfc4151)."""
    return f"tag:{authority},2026:{entry.channel}/{entry.arxiv_id}"


_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "paragraphs": _paragraphs,
    "linked": _linked,
    "href": places.link,
    "pick_place": lambda entry: places.pick(entry.arxiv_id),
    "server": _place_words,
    "platform": _platform,
    "names": _names,
    "day": _day,
    "moment": _moment,
    "described": description,
    "tag_id": tag_id,
}
