"""Picks as JSON objects: what ``picks export`` writes and ``picks import`` reads, so nothing is lost on the way.

Fields may be added, never renamed.
"""

import json
from collections.abc import Iterable
from datetime import datetime

from bot.archive.entries import Entry
from bot.domain.papers import ArxivId

Record = dict[str, object]


def record(entry: Entry) -> Record:
    """Return everything that the public knows of a pick."""
    return {
        "arxiv_id": entry.arxiv_id,
        "title": entry.title,
        "authors": list(entry.authors),
        "abstract": entry.abstract,
        "categories": list(entry.categories),
        "topics": list(entry.topics),
        "note": entry.note,
        "thread_url": entry.thread_url,
        "code_url": entry.code_url,
        "announced": entry.announced.isoformat() if entry.announced else None,
        "picked_at": _moment(entry.picked_at),
        "published_at": _moment(entry.published_at),
        "posts": [{"platform": post.platform, "url": post.url} for post in entry.posts],
        "retracted_at": _moment(entry.retracted_at) if entry.retracted_at else None,
        "corrected_at": _moment(entry.corrected_at) if entry.corrected_at else None,
        "withdrawn": entry.withdrawn,
        "url": ArxivId(entry.arxiv_id).abs_url,
    }


def json_document(entries: Iterable[Entry]) -> str:
    """Return the picks as one list."""
    return json.dumps([record(entry) for entry in entries], ensure_ascii=False, indent=2) + "\n"


def json_lines(entries: Iterable[Entry]) -> str:
    """Return the picks one a line."""
    return "".join(json.dumps(record(entry), ensure_ascii=False) + "\n" for entry in entries)


def _moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
