"""The site as a value: which picks it has, and how they are grouped.

Pure: the same entries give the same site, in the same order.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from bot.archive import places
from bot.archive.entries import Entry
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.folding import folded

_NAMELESS: Final = "daily-picks.invalid"
"""The domain of lasting ids while the site has no address: https://www.rfc-editor.org/rfc/rfc2606#section-2"""

_SHARED_TITLE: Final = "Daily Picks"


class SiteError(PicksError):
    """The channel files say different things of one site."""


@dataclass(frozen=True, slots=True)
class Group:
    """The live picks that have something in common, the newest first; ``place`` is their page."""

    place: str
    slug: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Site:
    """All that the pages of one site are made of; ``channels`` share it, by name."""

    channels: Mapping[str, Channel]
    entries: tuple[Entry, ...]
    title: str
    url: str | None
    authority: str

    @property
    def publication(self) -> str | None:
        """Return the at:// URI of the publication that the newest document names, None while no document is out."""
        return next((entry.document.publication for entry in self.live if entry.document), None)

    @cached_property
    def live(self) -> tuple[Entry, ...]:
        """Return the picks that stand in lists and feeds, the newest first."""
        return tuple(entry for entry in self.entries if entry.live)

    @cached_property
    def papers(self) -> Mapping[str, Sequence[Entry]]:
        """Return the picks of each paper, by arXiv id, those that stand first: several channels may have chosen it."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.arxiv_id].append(entry)
        return {arxiv_id: sorted(picks, key=lambda entry: not entry.live) for arxiv_id, picks in found.items()}

    @cached_property
    def months(self) -> tuple[Group, ...]:
        """Return the months with their picks, the newest first."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.live:
            found[f"{entry.day:%Y-%m}"].append(entry)
        return tuple(
            Group(places.month(name), name, f"{picks[0].day:%B %Y}", tuple(picks))
            for name, picks in sorted(found.items(), reverse=True)
        )

    @cached_property
    def tags(self) -> tuple[Group, ...]:
        """Return the tags with their picks, the most frequent first."""
        groups = _grouped(self.live, lambda entry: entry.tags, places.tag_slug, places.tag)
        return tuple(sorted(groups, key=lambda group: (-len(group.entries), group.slug)))

    @cached_property
    def authors(self) -> tuple[Group, ...]:
        """Return the authors with their picks, by family name."""
        groups = _grouped(self.live, lambda entry: entry.named, places.author_slug, places.author)
        return tuple(sorted(groups, key=lambda group: (family_name(group.name), group.slug)))

    @cached_property
    def by_channel(self) -> tuple[Group, ...]:
        """Return the channels with their picks, where there are several."""
        if len(self.channels) == 1:
            return ()
        return tuple(
            Group(places.channel(name), name, channel.title, tuple(item for item in self.live if item.channel == name))
            for name, channel in self.channels.items()
        )

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Return where each author and tag has its page: places by slug, behind ``a`` or ``t``."""
        return {
            **{f"t{group.slug}": group.place for group in self.tags},
            **{f"a{group.slug}": group.place for group in self.authors},
        }


def make_site(channels: Sequence[Channel], entries: Iterable[Entry]) -> Site:
    """Put the picks of channels that share a site into one; raise SiteError where they name different addresses."""
    sections = [channel.archive for channel in channels]
    url = _agreed((section.url for section in sections), "url")
    authority = _agreed((section.authority for section in sections), "authority")
    title = _agreed((section.title for section in sections), "title")
    host = urlsplit(url).hostname if url else None
    return Site(
        channels={channel.name: channel for channel in channels},
        entries=tuple(sorted(entries, key=lambda item: (item.published_at, item.arxiv_id, item.channel), reverse=True)),
        title=title or (channels[0].title if len(channels) == 1 else _SHARED_TITLE),
        url=url,
        authority=authority or host or _NAMELESS,
    )


def family_name(name: str) -> str:
    """Return the form under which a name is sorted: its last word first."""
    words = folded(name).split()
    return " ".join([*words[-1:], *words[:-1]])


def _agreed(values: Iterable[str | None], key: str) -> str | None:
    """Return what the channels say of their common site, None where they say nothing."""
    said = dict.fromkeys(value for value in values if value is not None)
    if len(said) > 1:
        first, second, *_ = said
        raise SiteError(
            f"channels of one archive have different values of archive.{key}: {first!r} and {second!r}; "
            "write the same in each of their files, or name another folder"
        )
    return next(iter(said), None)


def _grouped(
    entries: Iterable[Entry],
    names_of: Callable[[Entry], Iterable[str]],
    slug_of: Callable[[str], str],
    place_of: Callable[[str], str],
) -> list[Group]:
    """Return the entries by a name of theirs, each once in a group; the usual spelling is the group's name."""
    found: dict[str, dict[Entry, None]] = defaultdict(dict)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    slugs: dict[str, str] = {}
    for entry in entries:
        for name in names_of(entry):
            slug = slugs.get(name) or slugs.setdefault(name, slug_of(name))
            found[slug][entry] = None
            spellings[slug][name] += 1
    return [
        Group(place_of(slug), slug, min(spellings[slug].items(), key=lambda item: (-item[1], item[0]))[0], tuple(picks))
        for slug, picks in found.items()
    ]
