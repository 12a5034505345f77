"""Picks that were published elsewhere: read from files, and kept as ``KnownPick``.

``picks export --format jsonl`` writes these lines, a Hugging Face collection has some of the same; what stands in them
is strangers' data. This module owns what of it is kept: it never overwrites something with nothing, unless a line says
all of a pick and is not older than what is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from bot.domain.papers import ArxivId
from bot.domain.text import sanitize
from bot.intake.collection_notes import read_note
from bot.intake.listings import ListingError, named_paper, read_entries
from bot.store.learning_tables import KnownPick

_LONGEST_TEXT: Final = 20_000
_LONGEST_LINE: Final = 2_000
_MOST: Final = 10_000
_ALL_OF_A_PICK: Final = frozenset({"note", "thread_url", "code_url", "posts", "retracted_at", "withdrawn"})
"""What a line of ``picks export`` says of a pick, also where it says that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """What is known of a pick from elsewhere; None, or nothing, leaves what is kept already.

    Where it ``is_whole``, as the lines of ``picks export`` are, nothing means that there is none.
    """

    arxiv_id: ArxivId
    title: str = ""
    day: date | None = None
    note: str | None = None
    thread_url: str | None = None
    code_url: str | None = None
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    picked_at: datetime | None = None
    published_at: datetime | None = None
    posts: tuple[dict[str, str], ...] = field(default_factory=tuple)
    retracted_at: datetime | None = None
    withdrawn: bool = False
    corrected_at: datetime | None = None
    is_whole: bool = False


def read_known(file: Path, *, wrong: Callable[[ListingError], None]) -> list[KnownRecord]:
    """Return the picks of a file, each once, in order; raises as ``read_named`` does, with the same forms of files."""
    found: dict[ArxivId, KnownRecord] = {}
    for record in read_entries(file, known_record, wrong=wrong):
        found.setdefault(record.arxiv_id, record)
    return list(found.values())


def known_record(entry: Mapping[str, object], where: str) -> KnownRecord:
    """Read a line of ``picks export``, or an item of a collection; raise ListingError naming ``where``."""
    named = named_paper(entry, where)
    note, thread_url, code_url = _words(entry, where)
    return KnownRecord(
        arxiv_id=named.arxiv_id,
        title=named.title,
        day=named.day,
        note=note,
        thread_url=thread_url,
        code_url=code_url,
        abstract=_text(entry, "abstract", where) or "",
        authors=_texts(entry, "authors", where),
        categories=_texts(entry, "categories", where),
        picked_at=_moment(entry, "picked_at", where),
        published_at=_moment(entry, "published_at", where),
        posts=_posts(entry, where),
        retracted_at=_moment(entry, "retracted_at", where),
        withdrawn=entry.get("withdrawn") is True,
        corrected_at=_moment(entry, "corrected_at", where),
        is_whole=entry.keys() >= _ALL_OF_A_PICK,
    )


def keep(session: Session, channel: str, record: KnownRecord, *, now: datetime) -> bool:
    """Keep a pick for a channel, inside the caller's transaction; say whether it is new."""
    row = session.get(KnownPick, (channel, str(record.arxiv_id)))
    is_new = row is None
    row = row or KnownPick(channel=channel, arxiv_id=str(record.arxiv_id), imported_at=now)
    row.title, row.day = record.title or row.title, record.day or row.day
    row.abstract = record.abstract or row.abstract
    row.authors, row.categories = list(record.authors) or row.authors, list(record.categories) or row.categories
    if not record.is_whole:
        _add(row, record)
    elif not _is_older(record, row):
        _replace(row, record)
    session.add(row)
    return is_new


def _add(row: KnownPick, record: KnownRecord) -> None:
    """Take over what a record says besides what is kept."""
    if record.note is not None:
        row.note = record.note
    row.thread_url, row.code_url = record.thread_url or row.thread_url, record.code_url or row.code_url
    row.picked_at = record.picked_at or row.picked_at
    row.published_at = record.published_at or row.published_at
    row.posts = list(record.posts) or row.posts
    row.retracted_at = record.retracted_at or row.retracted_at
    row.withdrawn = record.withdrawn or row.withdrawn
    row.corrected_at = record.corrected_at or row.corrected_at


def _replace(row: KnownPick, record: KnownRecord) -> None:
    """Let a pick be what a whole record says of it: retracted, or standing again."""
    row.note = record.note or ""
    row.thread_url, row.code_url = record.thread_url, record.code_url
    row.picked_at, row.published_at = record.picked_at, record.published_at
    row.posts = list(record.posts)
    row.retracted_at = record.retracted_at
    row.withdrawn = record.withdrawn
    row.corrected_at = record.corrected_at


def _is_older(record: KnownRecord, row: KnownPick) -> bool:
    """Say whether something happened to a pick since a record was written: it came out anew, or was retracted."""
    said, kept = _last_change(record), _last_change(row)
    return said is not None and kept is not None and said < kept


def _last_change(known: KnownRecord | KnownPick) -> datetime | None:
    moments = (known.picked_at, known.published_at, known.corrected_at, known.retracted_at)
    return max(filter(None, moments), default=None)


def _words(entry: Mapping[str, object], where: str) -> tuple[str | None, str | None, str | None]:
    """Return note and links; an item of a collection has all of them in one text."""
    note = entry.get("note")
    if isinstance(note, Mapping):
        text = note.get("text")
        return read_note(text[:_LONGEST_TEXT]) if isinstance(text, str) else (None, None, None)
    return _text(entry, "note", where), _line(entry, "thread_url", where), _line(entry, "code_url", where)


def _text(entry: Mapping[str, object], key: str, where: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise ListingError(f"{where}: {key} is not a text")
    return sanitize(value)[:_LONGEST_TEXT]


def _line(entry: Mapping[str, object], key: str, where: str) -> str | None:
    return " ".join((_text(entry, key, where) or "").split())[:_LONGEST_LINE] or None


def _texts(entry: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    values = entry.get(key) or []
    if not isinstance(values, list) or len(values) > _MOST or not all(isinstance(item, str) for item in values):
        raise ListingError(f"{where}: {key} is not a list of texts")
    return tuple(sanitize(item)[:_LONGEST_LINE] for item in values)


def _moment(entry: Mapping[str, object], key: str, where: str) -> datetime | None:
    value = entry.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise ListingError(f"{where}: {key} says {str(value)[:40]!r}, which is no time in ISO 8601") from error
    if moment.tzinfo is None:
        raise ListingError(f"{where}: {key} says {str(value)[:40]!r}, a time without its zone; end it with Z for UTC")
    return moment


def _posts(entry: Mapping[str, object], where: str) -> tuple[dict[str, str], ...]:
    values = entry.get("posts") or []
    if not isinstance(values, list) or len(values) > _MOST:
        raise ListingError(f"{where}: posts is not a list")
    return tuple(_post(item, where) for item in values)


def _post(item: object, where: str) -> dict[str, str]:
    if isinstance(item, Mapping):
        platform, url = item.get("platform"), item.get("url")
        if isinstance(platform, str) and isinstance(url, str):
            return {"platform": sanitize(platform)[:_LONGEST_LINE], "url": sanitize(url)[:_LONGEST_LINE]}
    raise ListingError(f"{where}: a post has its platform and its url")
