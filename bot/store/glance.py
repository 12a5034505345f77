"""A glance at the queue, for a shell that completes a word: with the database's own driver.

SQLAlchemy takes longer to load than anybody waits for a completion. Reads only, briefly, and never fails: what cannot
be read gives no words, and the command itself says what is wrong with the database.
"""

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from bot.domain.states import CandidateState

_SECONDS: Final = 1
_MOST: Final = 500
_BEGINNING: Final = re.compile(r"[\w./-]*")
_NAME: Final = re.compile(r":(\w+)")
_QUERY: Final = """
    SELECT candidates.id, candidates.arxiv_id, papers.title
    FROM candidates JOIN papers ON papers.arxiv_id = candidates.arxiv_id
    WHERE candidates.state IN ({states}) AND :channel IN ('', candidates.channel)
      AND (CAST(candidates.id AS TEXT) LIKE :beginning OR candidates.arxiv_id LIKE :beginning)
    ORDER BY candidates.score DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class Glimpse:
    """A candidate as a completion shows it."""

    id: int
    arxiv_id: str
    title: str


def glance(address: str, *, channel: str | None, states: Collection[CandidateState], beginning: str) -> list[Glimpse]:
    """Return the candidates in some states whose number or arXiv id begins so, best first; none where it fails.

    ``address`` is that of ``DATABASE_URL``; without a ``channel`` those of all are meant.
    """
    kind, _, rest = address.partition("://")
    if not rest or not _BEGINNING.fullmatch(beginning):
        return []
    named = {f"state{number}": str(state) for number, state in enumerate(states)}
    query = _QUERY.format(states=", ".join(f":{name}" for name in named))
    values = {**named, "channel": channel or "", "beginning": f"{beginning}%", "most": _MOST}
    rows = _on_sqlite(rest, query, values) if kind.startswith("sqlite") else _on_postgres(rest, query, values)
    return [Glimpse(*row) for row in rows]


def _on_sqlite(rest: str, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
    file = quote(rest.removeprefix("/").partition("?")[0])
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=_SECONDS)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.Error:
        return []


def _on_postgres(rest: str, query: str, values: Mapping[str, Any]) -> Sequence[Any]:
    import psycopg  # noqa: PLC0415  # whoever keeps to SQLite does not load it

    try:
        with psycopg.connect(f"postgresql://{rest}", connect_timeout=_SECONDS, autocommit=True) as connection:
            connection.execute(f"SET statement_timeout = {_SECONDS * 1000}".encode())
            return connection.execute(_NAME.sub(r"%(\1)s", query).encode(), values).fetchall()
    except (psycopg.Error, UnicodeError):
        return []
