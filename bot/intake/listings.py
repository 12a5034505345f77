"""Read files of papers and of picks, listings, collections, lists of related papers, and make examples of them.

A listing has one paper a line, as JSON, plain or compressed (``.jsonl``, ``.jsonl.gz``). Picks come as such lines or as
the JSON of a Hugging Face collection. This module owns those forms; what stands in the files is strangers' data and is
checked line by line. It reads files, each once, so that a pipe will do, and nothing else.
"""

import calendar
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import BinaryIO, Final, TypeVar, cast

from bot.domain.errors import PermanentError
from bot.domain.papers import ArxivId, Paper
from bot.domain.text import sanitize
from bot.ranking.examples import Example, Label, Listed, Named

_LONGEST_LINE: Final = 1_000_000  # bytes of a listing's line; the longest paper has a few thousand
_LARGEST_LIST: Final = 50_000_000  # bytes of a file of picks, which is read as a whole
_MOST_AUTHORS: Final = 10_000  # the largest collaborations sign with some thousands
_FIRST_LISTED: Final = frozenset({"new", "cross", "new_or_cross"})

_LATE: Final = timedelta(days=31)
"""So long after the month that its id names a paper may be announced; of those listed as new in 2024 none was later."""


class ListingError(PermanentError):
    """A file of papers or picks cannot be read, or a line of it is not what it should be."""


def read_listings(files: Sequence[Path]) -> Iterator[Listed]:
    """Yield the papers of listing files, in order; entries that are replacements are passed over.

    A line is ``{"arxiv_id", "version", "title", "abstract", "authors", "categories", "announce_type", "announced"}``.
    Raises ListingError naming file and line.
    """
    for file in files:
        for where, line in _numbered(_lines(file, longest=_LONGEST_LINE), file):
            record = _mapping(_json(line, where), where)
            if record.get("announce_type", "new") in _FIRST_LISTED:
                yield _listed(record, where)


def _refuse(error: ListingError) -> None:
    raise error


_Read = TypeVar("_Read")


def read_named(file: Path, *, wrong: Callable[[ListingError], None] = _refuse) -> list[Named]:
    """Return the papers that a file of picks or of related papers names, each once, in order.

    Either JSON lines with ``arxiv_id`` and, where known, ``title`` and ``announced``, or the JSON of a Hugging Face
    collection (https://huggingface.co/docs/hub/api): its ``items`` of type ``paper``. Raises ListingError when the file
    cannot be read, and for an entry that names no paper, unless ``wrong`` takes that error and goes on.
    """
    found: dict[ArxivId, Named] = {}
    for named in read_entries(file, named_paper, wrong=wrong):
        found.setdefault(named.arxiv_id, named)
    return list(found.values())


def read_entries(
    file: Path, read: Callable[[Mapping[str, object], str], _Read], *, wrong: Callable[[ListingError], None]
) -> Iterator[_Read]:
    """Yield what ``read`` makes of each entry of a file of picks, given the JSON object and where it stands.

    Raises ListingError when the file cannot be read; one that ``read`` raises goes to ``wrong``.
    """
    for where, entry in _entries(file):
        try:
            yield read(_mapping(_json(entry, where) if isinstance(entry, bytes) else entry, where), where)
        except ListingError as error:
            wrong(error)


def _entries(file: Path) -> Iterable[tuple[str, object]]:
    """Return the items of a collection, or else the lines of the file, which are not parsed yet."""
    lines = list(_whole(file))
    items = _collection(b"".join(lines), file)
    if items is not None:
        return [(f"{file}, item {number}", item) for number, item in enumerate(items, start=1) if _is_paper(item)]
    return _numbered(lines, file)


def _numbered(lines: Iterable[bytes], file: Path) -> Iterator[tuple[str, bytes]]:
    return ((f"{file}, line {number}", line) for number, line in enumerate(lines, start=1) if line.strip())


def _lines(file: Path, *, longest: int) -> Iterator[bytes]:
    try:
        with _opened(file) as stream:
            while line := stream.readline(longest + 1):
                if len(line) > longest:
                    raise ListingError(f"{file} has a line of over {longest:,} bytes: it is no list of papers")
                yield line
    except EOFError as error:
        raise ListingError(f"cannot read {file}: it is cut off; pack it, or fetch it, once more") from error
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ListingError(f"cannot read {file}: {reason}; name a .jsonl or .jsonl.gz file") from error


def _opened(file: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(file, "rb")) if file.suffix == ".gz" else file.open("rb")


def _collection(text: bytes, file: Path) -> list[object] | None:
    """Return the items of a Hugging Face collection; None when the text is not a single JSON object or list with them.

    Raises ListingError when none of them is a paper.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    items = document.get("items") if isinstance(document, dict) else document
    if not isinstance(items, list):
        return None
    if not any(map(_is_paper, items)):
        raise ListingError(f"{file} is a collection without a paper; export one that holds papers")
    return items


def _is_paper(item: object) -> bool:
    """Say whether an item of a collection is meant as a paper: what has no type may be one that somebody wrote."""
    return not isinstance(item, dict) or item.get("type", "paper") == "paper"


def _whole(file: Path) -> Iterator[bytes]:
    size = 0
    for line in _lines(file, longest=_LARGEST_LIST):
        size += len(line)
        if size > _LARGEST_LIST:
            raise ListingError(f"{file} has over {_LARGEST_LIST:,} bytes: it is no list of picks")
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
    """Return the paper of a listing's line; raise ListingError naming ``where`` when a field is missing or odd."""
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


def named_paper(record: Mapping[str, object], where: str) -> Named:
    """Return the paper that an entry names; raise ListingError naming ``where`` when it names none."""
    title = record.get("title")
    day = _day(record.get("announced"), where)
    return Named(_arxiv_id(record, where), sanitize(title)[:1000] if isinstance(title, str) else "", day)


def _arxiv_id(record: Mapping[str, object], where: str) -> ArxivId:
    text = record.get("arxiv_id", record.get("id"))
    if not isinstance(text, str):
        raise ListingError(f"{where} has no arxiv_id")
    try:
        return ArxivId.parse(text)
    except ValueError as error:
        raise ListingError(f"{where}: {error}") from error


def _version(record: Mapping[str, object]) -> int:
    version = str(record.get("version", 1)).removeprefix("v")
    return int(version) if version.isdecimal() and len(version) < 5 and int(version) else 1  # noqa: PLR2004


def _text(record: Mapping[str, object], key: str, where: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise ListingError(f"{where}: {key} is not a text")
    return sanitize(value)


def _texts(record: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    values = record.get(key, [])
    if not isinstance(values, list) or len(values) > _MOST_AUTHORS or not all(isinstance(item, str) for item in values):
        raise ListingError(f"{where}: {key} is not a list of texts")
    return tuple(sanitize(item) for item in values)


def _day(value: object, where: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError as error:
        raise ListingError(f"{where}: announced says {str(value)[:40]!r}, which is no day as YYYY-MM-DD") from error


def from_lists(
    listed: Iterable[Listed], *, picks: Sequence[Named], related: Sequence[Named] = (), until: date | None = None
) -> Iterator[Example]:
    """Yield every listed paper with its label, then the picks that no listing holds, which teach by their titles.

    A list says what was chosen and not when, so a paper counts as chosen on the day it was announced. A pick without a
    day is taken for announced at the end of the month that its arXiv id names, and left out where it may have been
    announced after ``until`` or the last listed day: weights must not know a title of the days they are judged on.
    """
    chosen = {**dict.fromkeys((named.arxiv_id for named in related), Label.RELATED)}
    chosen.update(dict.fromkeys((named.arxiv_id for named in picks), Label.PICK))
    seen: set[ArxivId] = set()
    known_until = date.min
    for item in listed:
        known_until = max(known_until, item.day)
        if item.paper.arxiv_id not in seen:
            seen.add(item.paper.arxiv_id)
            yield Example(item.paper, item.day, chosen.get(item.paper.arxiv_id, Label.UNLABELLED))
    limit = min(until or date.max, known_until if seen else date.max)
    for named in picks:
        day = named.day or _end_of_month(named.arxiv_id)
        certain = named.day is not None or day + _LATE <= limit
        if named.arxiv_id not in seen and named.title and certain:
            yield Example(Paper(named.arxiv_id, 1, named.title, "", (), ()), day, Label.PICK)


def _end_of_month(arxiv_id: ArxivId) -> date:
    digits = arxiv_id.value.rpartition("/")[2][:4]
    year, month = int(digits[:2]), int(digits[2:])
    year += 1900 if year > 90 else 2000  # noqa: PLR2004 - arXiv opened in August 1991
    return date(year, month, calendar.monthrange(year, month)[1])
