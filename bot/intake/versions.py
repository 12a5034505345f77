"""The texts of papers: the newest version is stored with the paper, every other one is kept beside it.

Which text is the paper's depends on the set of texts alone: the one of the highest version, of these one with a notice
of withdrawal (the API knows the comments, feeds do not), of these the one seen last, of these one that names a licence
(feeds do, the API does not). Between equals the digest decides.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import Session, col, insert, select

from bot.domain.papers import Announcement, ArxivId, Batch, Paper
from bot.store.tables import PaperRow, PaperText

_FIELDS: Final = ("version", "title", "abstract", "authors", "categories", "license", "withdrawn", "notice")

_Key = tuple[int, bool, bool, date, bool, str]


def take_over(session: Session, batch: Batch, *, now: datetime) -> tuple[int, int, set[str]]:
    """Store the texts of a batch; return how many papers are new, how many changed, and which must be ranked again.

    Ranked again are papers that were withdrawn or are so no longer, and those of which an earlier text became known.
    """
    ids = [str(item.arxiv_id) for item in batch.announcements]
    stored = {row.arxiv_id: row for row in session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(ids)))}
    fresh = [item for item in batch.announcements if str(item.arxiv_id) not in stored]
    if fresh:
        session.execute(insert(PaperRow), [_new_paper(item, batch.day, now) for item in fresh])
    earlier = _earlier(session, stored)
    updated, changed = 0, set[str]()
    for item in batch.announcements:
        row = stored.get(str(item.arxiv_id))
        if row is None:
            continue
        text = _text(item)
        if _is(row, text):
            row.text_day = max(row.text_day, batch.day)
            continue
        kept = earlier[row.arxiv_id]
        before = (row.withdrawn, _first(row, kept))
        updated += _merge(session, row, text, batch.day, kept)
        if before != (row.withdrawn, _first(row, kept)):
            changed.add(row.arxiv_id)
    return len(fresh), updated, changed


def first_texts(session: Session, rows: Collection[PaperRow]) -> list[Paper]:
    """Return the papers with the text with which they were announced, as far as it is known."""
    known = {row.arxiv_id: row for row in rows}
    earlier = _earlier(session, known)
    return [
        to_paper(min(_all(row, earlier[name]), key=_seniority) if name in earlier else row)
        for name, row in known.items()
    ]


def to_paper(row: PaperRow | PaperText) -> Paper:
    """Return the stored text as a value."""
    return Paper(ArxivId(row.arxiv_id), row.version, row.title, row.abstract, tuple(row.authors), tuple(row.categories))


def _earlier(session: Session, ids: Collection[str]) -> dict[str, dict[str, PaperText]]:
    """Return the kept texts of these papers, by id and digest."""
    found: dict[str, dict[str, PaperText]] = defaultdict(dict)
    for text in session.exec(select(PaperText).where(col(PaperText.arxiv_id).in_(list(ids)))):
        found[text.arxiv_id][text.digest] = text
    return found


def _first(row: PaperRow, kept: Mapping[str, PaperText]) -> tuple[int, str]:
    return min(map(_seniority, _all(row, kept)))


def _all(row: PaperRow, kept: Mapping[str, PaperText]) -> list[PaperRow | PaperText]:
    return [row, *kept.values()]


def _is(row: PaperRow, text: dict[str, Any]) -> bool:
    return all(getattr(row, field) == text[field] for field in _FIELDS)


def _new_paper(item: Announcement, day: date, now: datetime) -> dict[str, object]:
    return {
        "arxiv_id": str(item.arxiv_id),
        **_text(item),
        "announced": day if item.type.first_seen else None,
        "text_day": day,
        "first_seen_at": now,
        "backfilled": False,
    }


def _text(item: Announcement) -> dict[str, Any]:
    return {
        "version": item.version,
        "title": item.title,
        "abstract": item.abstract,
        "authors": list(item.authors),
        "categories": list(item.categories),
        "license": item.license,
        "withdrawn": item.withdrawn,
        "notice": item.notice,
    }


def _merge(session: Session, row: PaperRow, text: dict[str, Any], day: date, kept: dict[str, PaperText]) -> bool:
    """Make a text the paper's or keep it beside it; say whether the paper has another text now."""
    digest = _digest(text)
    known = kept.get(digest)
    day = max(day, known.text_day) if known else day
    if _key(text, day, digest) < _rank(row):
        _keep(session, kept, row.arxiv_id, text, day)
        return False
    _keep(session, kept, row.arxiv_id, {field: getattr(row, field) for field in _FIELDS}, row.text_day)
    if known:
        del kept[digest]
        session.delete(known)
    for field in _FIELDS:
        setattr(row, field, text[field])
    row.text_day = day
    return True


def _keep(session: Session, kept: dict[str, PaperText], arxiv_id: str, text: dict[str, Any], day: date) -> None:
    digest = _digest(text)
    row = kept.setdefault(digest, PaperText(arxiv_id=arxiv_id, digest=digest, text_day=day, **text))
    row.text_day = day
    session.add(row)


def _seniority(row: PaperRow | PaperText) -> tuple[int, str]:
    """Return what sorts the texts of a paper by age. The day does not, because an old text may be seen again."""
    return (row.version, _digest({field: getattr(row, field) for field in _FIELDS}))


def _rank(row: PaperRow | PaperText) -> _Key:
    text = {field: getattr(row, field) for field in _FIELDS}
    return _key(text, row.text_day, _digest(text))


def _key(text: dict[str, Any], day: date, digest: str) -> _Key:
    has_notice = text["notice"] is not None
    return (text["version"], has_notice and text["withdrawn"], has_notice, day, text["license"] is not None, digest)


def _digest(text: dict[str, Any]) -> str:
    # A notice is left out where there is none: so a text has the digest that it had before notices were kept.
    fields = [text[field] for field in _FIELDS if field != "notice" or text[field] is not None]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
