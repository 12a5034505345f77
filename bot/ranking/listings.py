"""Read files of papers and of picks: listings, collections, lists of related papers.

A listing has one paper a line, as JSON, plain or compressed (``.jsonl``, ``.jsonl.gz``). Picks come as such lines or as
the JSON of a Hugging Face collection. This module owns those forms; what stands in the files is strangers' data and is
checked line by line. It reads files, a line at a time, and nothing else.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final, cast

from bot.errors import PermanentError
from bot.papers import ArxivId, Paper
from bot.text import harmless

_LONGEST_LINE: Final = 1_000_000  # bytes; the longest paper has a few thousand
_LARGEST_COLLECTION: Final = 50_000_000
_MOST_AUTHORS: Final = 10_000  # the largest collaborations sign with some thousands
_FIRST_LISTED: Final = frozenset({"new", "cross", "new_or_cross"})


class ListingError(PermanentError):
    """A file of papers or picks cannot be read, or a line of it is not what it should be."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper and the day on which arXiv announced it first."""

    paper: Paper
    day: date


@dataclass(frozen=True, slots=True)
class Named:
    """A paper that somebody chose: a curator's pick, or an entry of another curated list; ``day`` when it is known."""

    arxiv_id: ArxivId
    title: str = ""
    day: date | None = None


def read_listings(files: Sequence[Path]) -> Iterator[Listed]:
    """Yield the papers of listing files, in order; entries that are replacements are passed over.

    A line is ``{"arxiv_id", "version", "title", "abstract", "authors", "categories", "announce_type", "announced"}``.
    Raises ListingError naming file and line.
    """
    for file in files:
        for where, record in _records(file):
            if record.get("announce_type", "new") in _FIRST_LISTED:
                yield _listed(record, where)


def read_named(file: Path) -> list[Named]:
    """Return the papers that a file of picks or of related papers names, each once, in order.

    Either JSON lines with ``arxiv_id`` and, where known, ``title`` and ``announced``, or the JSON of a Hugging Face
    collection (https://huggingface.co/docs/hub/api): its ``items`` of type ``paper``. Raises ListingError.
    """
    found: dict[ArxivId, Named] = {}
    for where, record in _collection(file) or _records(file):
        named = _named(record, where)
        found.setdefault(named.arxiv_id, named)
    return list(found.values())


def _records(file: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    for number, line in enumerate(_lines(file), start=1):
        if line.strip():
            where = f"{file}, line {number}"
            yield where, _mapping(_json(line, where), where)


def _lines(file: Path) -> Iterator[bytes]:
    try:
        with _opened(file) as stream:
            while line := stream.readline(_LONGEST_LINE + 1):
                if len(line) > _LONGEST_LINE:
                    raise ListingError(f"{file} has a line of over {_LONGEST_LINE:,} bytes: it is no listing of papers")
                yield line
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ListingError(f"cannot read {file}: {reason}; name a .jsonl or .jsonl.gz file") from error


def _opened(file: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file, "rb")) if file.suffix == ".gz" else file.open("rb")


def _collection(file: Path) -> list[tuple[str, Mapping[str, object]]]:
    """Return the papers of a Hugging Face collection; nothing when the file is not a single JSON object with items."""
    text = b"".join(_head(file))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    items = document.get("items") if isinstance(document, dict) else document
    if not isinstance(items, list):
        return []
    entries = [
        (f"{file}, item {number}", _mapping(item, f"{file}, item {number}")) for number, item in enumerate(items, 1)
    ]
    papers = [(where, item) for where, item in entries if item.get("type", "paper") == "paper"]
    if not papers:
        raise ListingError(f"{file} is a collection without a paper; export one that holds papers")
    return papers


def _head(file: Path) -> Iterator[bytes]:
    size = 0
    for line in _lines(file):
        size += len(line)
        if size > _LARGEST_COLLECTION:
            return
        yield line


def _json(line: bytes, where: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ListingError(f"{where} is not JSON; each line holds one paper as a JSON object") from error


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise ListingError(f"{where} is not a JSON object with an arxiv_id")
    return value


def _listed(record: Mapping[str, object], where: str) -> Listed:
    arxiv_id = _arxiv_id(record, where)
    paper = Paper(
        arxiv_id,
        _version(record),
        _text(record, "title", where),
        _text(record, "abstract", where),
        _texts(record, "authors", where),
        _texts(record, "categories", where),
    )
    day = _day(record.get("announced"), where)
    if day is None:
        raise ListingError(f"{where}: announced is missing; it is the day as YYYY-MM-DD")
    return Listed(paper, day)


def _named(record: Mapping[str, object], where: str) -> Named:
    title = record.get("title")
    day = _day(record.get("announced"), where)
    return Named(_arxiv_id(record, where), harmless(title)[:1000] if isinstance(title, str) else "", day)


def _arxiv_id(record: Mapping[str, object], where: str) -> ArxivId:
    text = record.get("arxiv_id", record.get("id"))
    try:
        return ArxivId.parse(text if isinstance(text, str) else "")
    except ValueError as error:
        raise ListingError(f"{where}: {error}") from error


def _version(record: Mapping[str, object]) -> int:
    version = str(record.get("version", 1)).removeprefix("v")
    return int(version) if version.isdecimal() and len(version) < 5 and int(version) else 1  # noqa: PLR2004


def _text(record: Mapping[str, object], key: str, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise ListingError(f"{where}: {key} is not a text")
    return harmless(value)


def _texts(record: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    values = record.get(key, [])
    if not isinstance(values, list) or len(values) > _MOST_AUTHORS or not all(isinstance(item, str) for item in values):
        raise ListingError(f"{where}: {key} is not a list of texts")
    return tuple(harmless(item) for item in values)


def _day(value: object, where: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError as error:
        raise ListingError(f"{where}: announced says {str(value)[:40]!r}, which is no day as YYYY-MM-DD") from error
