"""Abstracts of old papers take two fifths of their room: they are stored packed, and read as if they were not.

Only on SQLite; PostgreSQL packs what is long by itself. ``papers.abstract`` holds text or, once it is packed, bytes;
``PackedText`` gives text in either case. The index for search keeps the words of a packed abstract, and a change of one
is noticed by the triggers of migration 0029. ``packed_phrases.txt`` is a part of the format: changed by a letter, it
would make everything packed unreadable.
"""

import zlib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Final

from sqlalchemy import Dialect, Text, text
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session

_RAW: Final = -zlib.MAX_WBITS  # no header, no check sum: the database checks its pages
_BEST: Final = 9
_WORTH: Final = 100  # characters: less is hardly made smaller
_AT_ONCE: Final = 200

_OLD: Final = text(
    "SELECT arxiv_id, abstract FROM papers WHERE typeof(abstract) = 'text' AND length(abstract) >= 100 "
    "AND text_day < :before AND NOT EXISTS "
    "(SELECT 1 FROM search_papers WHERE search_papers.arxiv_id = papers.arxiv_id AND unread) LIMIT :most"
)
_STORE: Final = text(
    "UPDATE papers SET abstract = :packed, rowid = (SELECT max(rowid) + 1 FROM papers) WHERE arxiv_id = :id"
)
"""The row moves to the end of the table: made smaller in its place, it would leave a hole that nothing fills."""


class PackedText(TypeDecorator[str]):
    """A text that may be stored packed; what is written is stored as it is."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002 - as SQLAlchemy calls it
        """Return the text, whichever way it is stored."""
        return unpacked(value)


def packed(words: str) -> bytes:
    """Return a text packed."""
    packer = zlib.compressobj(_BEST, zlib.DEFLATED, _RAW, _BEST, zlib.Z_DEFAULT_STRATEGY, _phrases())
    return packer.compress(words.encode("utf-8", "surrogatepass")) + packer.flush()


def unpacked(value: object) -> str | None:
    """Return a text that is stored packed or as it is."""
    if isinstance(value, bytes):
        unpacker = zlib.decompressobj(_RAW, _phrases())
        return (unpacker.decompress(value) + unpacker.flush()).decode("utf-8", "surrogatepass")
    return None if value is None else str(value)


@cache
def _phrases() -> bytes:
    return files("bot.store").joinpath("packed_phrases.txt").read_bytes()


def pack_old(session: Session, *, before: date) -> int:
    """Pack the abstracts of some papers whose text is of a day before that; return of how many."""
    rows = session.execute(_OLD, {"before": before.isoformat(), "most": _AT_ONCE}).all()
    for row in rows:
        session.execute(_STORE, {"id": row.arxiv_id, "packed": packed(row.abstract)})
    return len(rows)
