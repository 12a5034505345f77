"""The index of words: which stored papers may have some words, the newest first.

The triggers of migration 0029 keep it, inside the transaction that writes a paper, whoever writes. They file ASCII
words alone; ``read_odd`` files what the folding makes of the rest of a text. A paper that is not read so far counts as
one that may have any words. What is found here is never fewer than what there is, and may be more: an index of
SQLite knows beginnings of some lengths only. Whoever asks must look at the texts.
"""

import heapq
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Final, NamedTuple

from sqlalchemy import text
from sqlmodel import Session

from bot.domain.folding import folded
from bot.store.database import Database
from bot.store.packing import unpacked

_LENGTHS: Final = (5, 3, 1)
"""Lengths of the beginnings that SQLite's indexes know at once; the migration names them, and each takes room."""

_LONGEST: Final = 200  # characters of a word; databases bound them, and nobody types more
_TRIED: Final = 150  # papers that are tried by a shorter beginning, before all words with the whole one are gathered
_AT_ONCE: Final = 50  # rows
_RUN: Final = re.compile(r"[^\W_]+")
_ON_SQLITE: Final = re.compile(r"[0-9A-Za-z\x80-\U0010ffff]+")
_ON_POSTGRES: Final = re.compile(r"[0-9A-Za-z]+")
"""What each takes for a word of a text as it stands."""


_READ: Final = "papers.arxiv_id, papers.title, papers.abstract, papers.authors, papers.announced"
EVERYTHING: Final = (
    "papers.title || ' ' || papers.abstract || ' ' || CAST(papers.authors AS text) || ' ' || papers.arxiv_id"
)
"""What PostgreSQL's index of all words is over: it is used where a question has the same expression."""

_ODD: Final = f"SELECT {_READ} FROM search_papers JOIN papers ON papers.arxiv_id = search_papers.arxiv_id"


_UNPACK: Final = text("UPDATE papers SET abstract = :abstract WHERE arxiv_id = :id AND abstract <> :abstract")


class Filed(NamedTuple):
    """A paper that may have the words; ``authors`` are its names."""

    arxiv_id: str
    title: str
    abstract: str
    authors: Sequence[str]
    announced: date | None

    @property
    def age(self) -> tuple[bool, int, str]:
        """Return what sorts the newest first when it is reversed."""
        return (self.announced is not None, self.announced.toordinal() if self.announced else 0, self.arxiv_id)


class _Run(NamedTuple):
    """A run of letters and digits; a word begins with it, or it is a whole one."""

    letters: str
    whole: bool


def is_indexed(session: Session) -> bool:
    """Say whether there is an index: SQLite can be built without."""
    if not _on_sqlite(session):
        return True
    return session.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'search_texts'")).first() is not None


def may_have(session: Session, words: Sequence[str], *, in_title: bool) -> Iterator[Filed] | None:
    """Return the papers that may have all these folded words, the newest first; None where the index cannot tell.

    It cannot where the words have neither a letter nor a digit, or where there is no index.
    """
    runs = [run for word in words for run in _runs(word)]
    if not runs or not is_indexed(session):
        return None
    unread = _rows(session, f"{_ODD} WHERE unread {_newest(session)}")
    if _on_sqlite(session):
        found = _in_order(_on_sqlite_filed(session, runs, in_title=in_title))
    else:
        found = _on_postgres_filed(session, runs, in_title=in_title)
    return _each_once(heapq.merge(unread, found, key=_age, reverse=True))


def all_papers(session: Session) -> Iterator[Filed]:
    """Return all stored papers, the newest first."""
    return _rows(session, f"SELECT {_READ} FROM papers {_newest(session)}")


def read_odd(session: Session, *, most: int) -> int:
    """File the words of some papers that have other characters than ASCII's; return of how many."""
    if not is_indexed(session):
        return 0
    rows = list(_rows(session, f"{_ODD} WHERE unread LIMIT :most", most=most))
    for row in rows:
        whole = " ".join([row.title, row.abstract, ", ".join(row.authors)])
        filed = " ".join([row.title, row.abstract, json.dumps(row.authors)])
        session.execute(_UNPACK, {"id": row.arxiv_id, "abstract": row.abstract})
        as_it_stands = _ON_SQLITE if _on_sqlite(session) else _ON_POSTGRES
        title, words = _more(row.title, as_it_stands, row.title), _more(whole, as_it_stands, filed)
        _file(session, row.arxiv_id, title=title, words=words)
    return len(rows)


def read_all_odd(database: Database, *, say: Callable[[str], None] | None = None, portion: int = 2_000) -> None:
    """File the words of all papers that are not read so far, in short transactions: others want to write, too."""
    done = 0
    while True:
        with database.transaction() as session:
            read = read_odd(session, most=portion)
        done += read
        if read < portion:
            return
        if say is not None:
            say(f"read for search: {done:,} papers with other letters than ASCII's")


def _file(session: Session, arxiv_id: str, *, title: list[str], words: list[str]) -> None:
    if _on_sqlite(session):
        change = text("UPDATE search_papers SET more_title = :title, more = :words, unread = 0 WHERE arxiv_id = :id")
        kept = {"title": "".join(f" {word}" for word in title), "words": "".join(f" {word}" for word in words)}
        session.execute(change, {"id": arxiv_id, **kept})
        return
    change = text(
        "UPDATE search_papers SET unread = false, "
        "title = picks_words(papers.title) || array_to_tsvector(CAST(:title AS text[])), "
        f"words = picks_words({EVERYTHING}) || array_to_tsvector(CAST(:words AS text[])) "
        "FROM papers WHERE papers.arxiv_id = search_papers.arxiv_id AND papers.arxiv_id = :id"
    )
    session.execute(change, {"id": arxiv_id, "title": title, "words": words})


def _more(shown: str, as_it_stands: re.Pattern[str], filed: str) -> list[str]:
    """Return the words that a text has once it is folded, and that are not filed as they stand."""
    known = {word.encode(errors="replace").lower().decode() for word in as_it_stands.findall(filed)}  # ASCII alone
    return sorted({word[:_LONGEST] for word in _RUN.findall(folded(shown))} - known)


def _runs(word: str) -> list[_Run]:
    """Return the runs of letters and digits in what a word begins with; all but one at its very end are whole."""
    return [
        _Run(match[0][:_LONGEST], whole=match.end() < len(word) and len(match[0]) <= _LONGEST)
        for match in _RUN.finditer(word)
    ]


def _on_sqlite_filed(session: Session, runs: Sequence[_Run], *, in_title: bool) -> Iterator[Filed]:
    """Yield papers as the index has them, the newest first, without reading on before the next one is asked for.

    A beginning of a length that the index knows is a list that can be read from its newest end. Others are gathered
    first from all words that begin so, which takes long where these are common; then a shorter one soon finds enough.
    """
    whole = " AND ".join(f'"{run.letters}"' if run.whole else f'"{run.letters}" *' for run in runs)
    table = "search_titles" if in_title else "search_texts"
    known = " AND ".join(f'"{run.letters}"' if run.whole else f'"{_known(run.letters)}" *' for run in runs)
    asked = text(
        f"SELECT {_READ}, number FROM {table} JOIN search_papers ON number = {table}.rowid "
        f"JOIN papers ON papers.arxiv_id = search_papers.arxiv_id WHERE {table} MATCH :words "
        f"AND {table}.rowid < :before ORDER BY {table}.rowid DESC LIMIT :most"
    )
    before = 2**62
    if known != whole:
        tried = 0
        with session.execute(asked, {"words": known, "before": before, "most": _TRIED}) as found:
            for row in found:
                tried, before = tried + 1, row.number
                yield _filed(*row[:5])
        if tried < _TRIED:
            return
    values = {"words": whole, "before": before, "most": -1}
    with session.execute(asked, values, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            yield _filed(*row[:5])


def _on_postgres_filed(session: Session, runs: Sequence[_Run], *, in_title: bool) -> Iterator[Filed]:
    """Yield papers as the two indexes have them, the newest first; a paper may come twice."""
    words = " & ".join(f"'{run.letters}'" if run.whole else f"'{run.letters}':*" for run in runs)
    filed = "papers.title" if in_title else EVERYTHING
    plain = f"SELECT {_READ} FROM papers WHERE picks_words({filed}) @@ CAST(:words AS tsquery)"
    odd = f"{_ODD} WHERE search_papers.{'title' if in_title else 'words'} @@ CAST(:words AS tsquery)"
    newest = _newest(session)
    found = (_rows(session, f"{query} {newest}", words=words) for query in (plain, odd))
    return heapq.merge(*found, key=_age, reverse=True)


def _in_order(rows: Iterable[Filed]) -> Iterator[Filed]:
    """Yield papers of one day by their ids: those whose ids are no plain numbers were numbered as they came."""
    for _, equals in groupby(rows, key=lambda row: (row.announced, "/" in row.arxiv_id or row.arxiv_id)):
        yield from sorted(equals, key=_age, reverse=True)


def _known(letters: str) -> str:
    """Return the longest beginning of a length that the indexes know."""
    return next(letters[:length] for length in _LENGTHS if length <= len(letters))


def _rows(session: Session, query: str, **values: object) -> Iterator[Filed]:
    with session.execute(text(query), values, execution_options={"yield_per": _AT_ONCE}) as found:
        for row in found:
            yield _filed(*row)


def _filed(
    arxiv_id: str, title: str, abstract: str | bytes, authors: Sequence[str] | str, announced: date | str | None
) -> Filed:
    """Return a row, of which SQLite gives the names and the day as it stores them."""
    names = json.loads(authors) if isinstance(authors, str) else authors
    day = date.fromisoformat(announced) if isinstance(announced, str) else announced
    return Filed(arxiv_id, title, unpacked(abstract) or "", names, day)


def _newest(session: Session) -> str:
    order = "papers.arxiv_id" if _on_sqlite(session) else 'papers.arxiv_id COLLATE "C"'
    return f"ORDER BY papers.announced DESC NULLS LAST, {order} DESC"


def _age(row: Filed) -> tuple[bool, int, str]:
    return row.age


def _each_once(rows: Iterable[Filed]) -> Iterator[Filed]:
    """Yield each paper once; the same ones stand side by side."""
    last = None
    for row in rows:
        if row.arxiv_id != last:
            yield row
        last = row.arxiv_id


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
