"""Stored papers are judged anew for withdrawals, old ids lose their subject class, stored addresses their tokens.

What an earlier version took for a notice has no sentence with it. Comments were not kept: a paper that was marked for
its comment alone is in doubt now, so it stays, and curators see why. A paper whose mark changes has its days chosen
again. https://info.arxiv.org/help/arxiv_identifier_for_services.html has math.CA/0611800 as math/0611800.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.arxiv.withdrawals import find_notice, marks
from bot.domain.redaction import redact, redact_address

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_EARLIER = re.compile(
    r"""\W*(?:arXiv\ admin\ note:\ )?
        (?: (?:this|the|our)\ (?:paper|article|manuscript|preprint|submission|work|version)\b
            [^.]{0,40}?\b(?:has\ been|have\ been|is|was)\ (?:temporarily\ |now\ )?
            (?: withdrawn\b(?!\ from\b) | removed\ by\ arXiv\b )
          | (?:the\ )?authors?\ (?:has|have)\ withdrawn\b(?!\ from\b)
          | (?:(?:paper|article|submission)\ )?withdrawn(?= [.;:,] | \ by\b | \ due\b | \ because\b | \s*\Z ) )""",
    re.IGNORECASE | re.VERBOSE,
)
"""What the version before 0013 took for a notice, at the beginning of an abstract or a comment."""

_COMMENT = "its comment at arXiv speaks of a withdrawal; it was not kept, and the paper's page shows it"
_FIELDS = ("version", "title", "abstract", "authors", "categories", "license", "withdrawn", "notice")
_WITH_SUBJECT = re.compile(r"(?P<archive>[a-z-]+)\.[A-Za-z-]+(?P<number>/\d{7})")
_BELONGING = {"paper_texts": "arxiv_id", "announcements": "arxiv_id", "candidates": "arxiv_id", "messages": "about"}
_WITH_ADDRESSES = {
    "feeds": ("error",),
    "feed_days": ("reason", "repaired", "error"),
    "accounts": ("error",),
    "deliveries": ("error",),
    "delivery_changes": ("detail",),
    "lessons": ("error",),
}
_IN_PORTIONS = {"yield_per": 1000}

_Row = dict[str, Any]


def _table(name: str, *more: sa.ColumnClause[Any]) -> sa.TableClause:
    text, lists = ("title", "abstract", "license", "notice"), ("authors", "categories")
    return sa.table(
        name,
        sa.column("arxiv_id", sa.String),
        sa.column("version", sa.Integer),
        sa.column("text_day", sa.Date),
        sa.column("withdrawn", sa.Boolean),
        *(sa.column(item, sa.Text) for item in text),
        *(sa.column(item, sa.JSON) for item in lists),
        *more,
    )


_papers = _table("papers")
_texts = _table("paper_texts", sa.column("digest", sa.String))
_announcements = sa.table("announcements", sa.column("batch_id", sa.Integer), sa.column("arxiv_id", sa.String))
_batches = sa.table("batches", sa.column("id", sa.Integer), sa.column("day", sa.Date))
_days = sa.table("ranked_days", sa.column("day", sa.Date), sa.column("batches", sa.Integer))
_known = sa.table("known_picks", sa.column("channel", sa.String), sa.column("arxiv_id", sa.String))


def upgrade() -> None:
    """Judge the texts of papers anew; give ids of the old scheme their preferred form; take tokens out of addresses."""
    judged = _judge_papers()
    for name in sorted(judged | _judge_texts()):
        _choose_text(name)
    _choose_days_again(judged)
    _mend_known_picks()
    for old, new in _papers_to_rename().items():
        _rename_paper(old, new)
    if op.get_bind().dialect.name == "sqlite":
        op.execute("PRAGMA secure_delete = ON")  # else the old words stay in the file's free pages
    _take_tokens_out("batches", "source", redact_address)
    for name, columns in _WITH_ADDRESSES.items():
        for column in columns:
            _take_tokens_out(name, column, redact)


def _judge_papers() -> set[str]:
    """Give the papers the marks of today; return which changed."""
    connection, changed = op.get_bind(), dict[str, _Row]()
    query = sa.select(_papers).where(_papers.c.notice.is_(None))
    for row in _rows(query):
        if mended := _judged(row):
            changed[row["arxiv_id"]] = mended
    for name, values in changed.items():
        connection.execute(sa.update(_papers).where(_papers.c.arxiv_id == name).values(**values))
    return set(changed)


def _judge_texts() -> set[str]:
    """Give the kept texts the marks of today, with which their digest changes; return of which papers any did."""
    changed = [(row, mended) for row in _rows(sa.select(_texts)) if row["notice"] is None and (mended := _judged(row))]
    for row, mended in changed:
        _drop_text(row)
        _keep_text({**row, **mended})
    return {row["arxiv_id"] for row, _ in changed}


def _rows(query: sa.Select[Any]) -> Iterator[_Row]:
    return map(dict, op.get_bind().execute(query, execution_options=_IN_PORTIONS).mappings())


def _judged(row: _Row) -> _Row | None:
    """Return the marks that a text has today, None where they are those that it has."""
    withdrawn, notice = marks(find_notice(title=row["title"], abstract=row["abstract"], version=row["version"]))
    if notice is None and row["withdrawn"] and not _EARLIER.match(row["abstract"]):
        notice = _COMMENT
    if (withdrawn, notice) == (row["withdrawn"], row["notice"]):
        return None
    return {"withdrawn": withdrawn, "notice": notice}


def _choose_text(name: str) -> None:
    """Make the text the paper's that comes first by today's marks, as every batch does that lists it."""
    connection = op.get_bind()
    [paper] = _rows(sa.select(_papers).where(_papers.c.arxiv_id == name))
    best = max([paper, *_rows(sa.select(_texts).where(_texts.c.arxiv_id == name))], key=_rank)
    if best is not paper:
        values = {field: best[field] for field in (*_FIELDS, "text_day")}
        connection.execute(sa.update(_papers).where(_papers.c.arxiv_id == name).values(**values))
        _keep_text(paper)
    _drop_text({**best, "digest": _digest(best)})


def _keep_text(row: _Row) -> None:
    connection, digest = op.get_bind(), _digest(row)
    here = sa.and_(_texts.c.arxiv_id == row["arxiv_id"], _texts.c.digest == digest)
    if connection.scalar(sa.select(sa.func.count()).select_from(_texts).where(here)):
        return
    values = {field: row[field] for field in ("arxiv_id", "text_day", *_FIELDS)}
    connection.execute(sa.insert(_texts).values(**values, digest=digest))


def _drop_text(row: _Row) -> None:
    here = sa.and_(_texts.c.arxiv_id == row["arxiv_id"], _texts.c.digest == row["digest"])
    op.get_bind().execute(sa.delete(_texts).where(here))


def _rank(row: _Row) -> tuple[object, ...]:
    has_notice = row["notice"] is not None
    licensed = row["license"] is not None
    return (row["version"], has_notice and row["withdrawn"], has_notice, row["text_day"], licensed, _digest(row))


def _digest(row: _Row) -> str:
    fields = [row[field] for field in _FIELDS if field != "notice" or row[field] is not None]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


def _choose_days_again(papers: Collection[str]) -> None:
    connection = op.get_bind()
    listed = sa.select(_batches.c.day).join(_announcements, _announcements.c.batch_id == _batches.c.id)
    days = {day for name in papers for day in connection.scalars(listed.where(_announcements.c.arxiv_id == name))}
    for day in sorted(days):
        connection.execute(sa.update(_days).where(_days.c.day == day).values(batches=-1))


def _plain(arxiv_id: str) -> str:
    return _WITH_SUBJECT.sub(r"\g<archive>\g<number>", arxiv_id)


def _mend_known_picks() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(_known).where(_known.c.arxiv_id.contains("."), _known.c.arxiv_id.contains("/")))
    for channel, old in rows.all():
        here = sa.and_(_known.c.channel == channel, _known.c.arxiv_id == old)
        there = sa.and_(_known.c.channel == channel, _known.c.arxiv_id == _plain(old))
        if connection.scalar(sa.select(sa.func.count()).select_from(_known).where(there)):
            connection.execute(sa.delete(_known).where(here))
        else:
            connection.execute(sa.update(_known).where(here).values(arxiv_id=_plain(old)))


def _papers_to_rename() -> dict[str, str]:
    """Return the papers with a subject class in their id; not those that are stored under the other id as well."""
    connection = op.get_bind()
    query = sa.select(_papers.c.arxiv_id).where(_papers.c.arxiv_id.contains("/"))
    stored = set(connection.scalars(query))
    return {name: _plain(name) for name in sorted(stored) if _plain(name) not in stored}


def _rename_paper(old: str, new: str) -> None:
    """Give a paper and all that belongs to it another id."""
    connection = op.get_bind()
    papers = sa.Table("papers", sa.MetaData(), autoload_with=connection)
    row = dict(connection.execute(sa.select(papers).where(papers.c.arxiv_id == old)).mappings().one())
    connection.execute(sa.insert(papers).values(**{**row, "arxiv_id": new}))
    for name, column in _BELONGING.items():
        table = sa.table(name, sa.column(column, sa.String))
        connection.execute(sa.update(table).where(table.c[column] == old).values({column: new}))
    connection.execute(sa.delete(papers).where(papers.c.arxiv_id == old))


def _take_tokens_out(name: str, column: str, shown: Callable[[str], str]) -> None:
    """Give a column's different values, not its rows, to ``shown``: most batches have the same source."""
    connection = op.get_bind()
    table = sa.table(name, sa.column(column, sa.Text))
    field = table.c[column]
    for value in connection.scalars(sa.select(field).where(field.contains("://")).distinct()).all():
        if shown(value) != value:
            connection.execute(sa.update(table).where(field == value).values({column: shown(value)}))
