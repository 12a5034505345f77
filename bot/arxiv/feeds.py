"""Turn a feed's bytes into a batch of announcements.

This module owns what arXiv's three formats look like: RSS 2.0 and Atom as served today
(https://info.arxiv.org/help/rss_specifications.html, https://info.arxiv.org/help/atom_specifications.html) and RSS 1.0
as captured until February 2024. It returns a batch that says what it lacks (``cut_off``, ``odd``), or raises: a paper
lost here would be lost silently. It does not judge whether a feed is stale (``health`` does), and never reads a file or
an address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from bot.arxiv.calendar import EASTERN, MAILING_HOUR
from bot.arxiv.dates import moment
from bot.arxiv.entries import UnreadableEntryError, authors, categories, identify, plain, title
from bot.arxiv.errors import FeedContentError, quoted
from bot.arxiv.withdrawals import find_notice, marks
from bot.arxiv.xml import parse_xml, whole_xml
from bot.domain.papers import Announcement, AnnounceType, ArxivId, Batch, OddEntry
from bot.domain.text import sanitize

_TITLE: Final = re.compile(r"(?P<categories>[A-Za-z.-]+(?:, [A-Za-z.-]+)*) updates on arXiv\.org")
_ERROR_TITLE: Final = "Feed error for query"
_HEAD: Final = re.compile(r"arXiv:(?P<id>\S+)\s+Announce Type:\s*(?P<type>\S+)\s+Abstract:\s*")
_OLD_NAME: Final = "(arXiv:"
_OLD_TITLE_END: Final = re.compile(
    r"\(arXiv:(?P<id>\S+) \[(?P<category>[^\]\s]+)\](?: (?P<note>UPDATED|CROSS LISTED))?\)"
)
_FIRST_YEAR, _LAST_YEAR = 1991, 2100
_PARAGRAPH: Final = re.compile(r"\A<p>|</p>\Z")
_STRONGEST_FIRST: Final = tuple(AnnounceType)


def parse(body: bytes, *, source: str) -> Batch:
    """Return what a feed announces; a valid feed without entries, as on weekends, is an empty batch.

    ``source`` is the address or file name, for messages. An id that stands there twice becomes one announcement. Of a
    feed that was cut off, the entries that arrived whole are returned, and an entry that cannot be read stands among
    the odd ones. Raises FeedContentError when the bytes are empty, cut off before the first entry, not XML, not
    arXiv's, or arXiv's own error feed.
    """
    body, cut_off = whole_xml(body, source)
    feed = parse_xml(body, source)
    category = _category(feed, source)
    stated, built_at = _dates(feed, source)
    read = list(_read(feed, category))
    announcements = tuple(_once_each(item for item in read if isinstance(item, Announcement)))
    odd = tuple(item for item in read if isinstance(item, OddEntry))
    return Batch(category, stated, built_at, announcements, cut_off=cut_off, odd=odd)


def _read(feed: Any, category: str) -> Iterator[Announcement | OddEntry]:
    """Yield what each entry says: one that cannot be read costs nobody the others."""
    old = feed.version == "rss10"
    for position, entry in enumerate(feed.entries, start=1):
        try:
            yield _read_old_entry(entry, category) if old else _read_entry(entry, category)
        except UnreadableEntryError as error:
            yield _odd(entry, f"entry {position} of {len(feed.entries)}", error)


def _odd(entry: Any, place: str, error: UnreadableEntryError) -> OddEntry:
    """Return what can be known of an entry that is no announcement: its id may stand in several places."""
    head = _HEAD.match(str(entry.get("summary", "")))
    places = (entry.get("id"), head["id"] if head else None, entry.get("link"))
    arxiv_id = next(filter(None, map(_id_in, places)), None)
    said = str(entry.get("arxiv_announce_type") or (head["type"] if head else "")).strip().casefold()
    kind = AnnounceType(said) if said in set(AnnounceType) else None
    return OddEntry(f"{place}{f' ({arxiv_id})' if arxiv_id else ''} {error}", arxiv_id, kind)


def _id_in(text: object) -> ArxivId | None:
    try:
        return identify(text)[0]
    except UnreadableEntryError:
        return None


def _category(feed: Any, source: str) -> str:
    title = str(feed.feed.get("title", ""))
    if title.startswith(_ERROR_TITLE):
        reason = quoted(feed.feed.get("subtitle", "no reason given"))
        raise FeedContentError(f"{source}: arXiv sent an error feed ({reason}); check the category")
    match = _TITLE.fullmatch(title)
    if match is None:
        raise FeedContentError(f"{source} is not a feed of arXiv: its title is {quoted(title)}; check the address")
    return match["categories"].replace(", ", "+")


def _dates(feed: Any, source: str) -> tuple[date, datetime]:
    """Return the announcement date and the moment of building.

    RSS 2.0 states the date (pubDate); Atom states it at its entries only; RSS 1.0 was built the evening before.
    """
    stated = _stated(feed.feed, "published") or next(
        filter(None, (_stated(e, "published") for e in feed.entries)), None
    )
    built = _stated(feed.feed, "updated") or stated
    if built is None:
        raise FeedContentError(f"{source} does not say when it was built; fetch it again")
    try:
        built_at = _moment(built)
        day = _moment(stated or built).astimezone(EASTERN)
        if feed.version == "rss10" and day.hour >= MAILING_HOUR:
            day += timedelta(days=1)
        return day.date(), built_at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FeedContentError(f"{source} has an unreadable date ({quoted(error)}); fetch it again") from error


def _stated(element: Any, key: str) -> str | None:
    # Asked with "in" first: get() of feedparser's own dict would give one date in place of another.
    return str(element[key]) if key in element else None


def _moment(text: str) -> datetime:
    found = moment(text)
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} is in no year of arXiv's")
    return found


def _read_entry(entry: Any, _feed: str) -> Announcement:
    """Read an entry of RSS 2.0 or Atom, whose summary begins with a head that names id and announce type."""
    summary = str(entry.get("summary", ""))
    head = _HEAD.match(summary)
    abstract = plain(summary[head.end() :] if head else summary)
    arxiv_id, version = identify(entry.get("id"))
    if head is not None and not str(entry.get("id")).endswith(f":{head['id']}"):
        version = max(version, identify(head["id"])[1])
    name = title(entry.get("title"))
    withdrawn, notice = marks(find_notice(title=name, abstract=abstract, version=version))
    return Announcement(
        arxiv_id=arxiv_id,
        version=version,
        type=_announce_type(entry.get("arxiv_announce_type") or (head["type"] if head else None)),
        title=name,
        abstract=abstract,
        authors=authors(entry),
        categories=categories(entry),
        license=sanitize(str(entry["rights"])) if entry.get("rights") else None,
        withdrawn=withdrawn,
        notice=notice,
    )


def _read_old_entry(entry: Any, feed: str) -> Announcement:
    """Read an entry of RSS 1.0, which says id, category and type at the end of its title only."""
    words, name, end = str(entry.get("title", "")).rpartition(_OLD_NAME)
    match = _OLD_TITLE_END.fullmatch(name + end.rstrip())
    if match is None:
        raise UnreadableEntryError(f"has no arXiv id in its title, {quoted(entry.get('title', ''))}")
    arxiv_id, version = identify(match["id"])
    name = title(words.rstrip().removesuffix("."))
    abstract = plain(_PARAGRAPH.sub("", str(entry.get("summary", ""))))
    withdrawn, notice = marks(find_notice(title=name, abstract=abstract, version=version))
    return Announcement(
        arxiv_id=arxiv_id,
        version=version,
        type=_old_announce_type(match["note"], primary=match["category"], feed=feed),
        title=name,
        abstract=abstract,
        authors=authors(entry),
        categories=(sanitize(match["category"]),),
        withdrawn=withdrawn,
        notice=notice,
    )


def _announce_type(text: object) -> AnnounceType:
    try:
        return AnnounceType(str(text))
    except ValueError as error:
        known = ", ".join(AnnounceType)
        said = f"an unknown announce type, {quoted(text)}" if text else "no announce type"
        raise UnreadableEntryError(f"has {said} (known: {known})") from error


def _old_announce_type(note: str | None, *, primary: str, feed: str) -> AnnounceType:
    """Return the type of an entry of RSS 1.0, which notes updates and cross-lists only."""
    own = primary == feed or primary.startswith(f"{feed}.")
    if note == "UPDATED":
        return AnnounceType.REPLACE if own else AnnounceType.REPLACE_CROSS
    return AnnounceType.NEW if own and note is None else AnnounceType.CROSS


def _once_each(announcements: Iterable[Announcement]) -> Iterable[Announcement]:
    """Merge what stands there twice: the first place counts, the text of the higher version, and the stronger type.

    A paper whose replacement stands before it in the feed is new all the same.
    """
    merged: dict[ArxivId, Announcement] = {}
    for item in announcements:
        known = merged.setdefault(item.arxiv_id, item)
        kind = min(known.type, item.type, key=_STRONGEST_FIRST.index)
        merged[item.arxiv_id] = replace(item if item.version > known.version else known, type=kind)
    return merged.values()
