"""Picks as CSL-JSON, which pandoc, Zotero and citeproc read.

Source: https://github.com/citation-style-language/schema/blob/master/schemas/input/csl-data.json
"""

from collections.abc import Iterable

from bot.archive.bibtex import bibtex_key, year_and_month
from bot.archive.entries import Entry
from bot.archive.names import Name, split_name
from bot.domain.papers import ArxivId

Csl = dict[str, object]


def csl(entries: Iterable[Entry]) -> list[Csl]:
    """Return the picks as the items of one file."""
    return [_item(entry) for entry in entries]


def _item(entry: Entry) -> Csl:
    found: Csl = {
        "id": bibtex_key(entry),
        "type": "article",
        "genre": "preprint",
        "title": entry.title,
        "author": [_name(split_name(name)) for name in entry.authors],
        "issued": {"date-parts": [_date(entry)]},
        "publisher": "arXiv",
        "number": f"arXiv:{entry.arxiv_id}",
        "archive": "arXiv",
        "URL": ArxivId(entry.arxiv_id).abs_url,
        "abstract": entry.abstract,
        "keyword": ", ".join(entry.tags),
        "note": entry.note,
    }
    return {name: value for name, value in found.items() if value}


def _date(entry: Entry) -> list[int]:
    if entry.announced:
        return [entry.announced.year, entry.announced.month, entry.announced.day]
    return list(year_and_month(entry))


def _name(name: Name) -> Csl:
    if not name.is_person:
        return {"literal": name.literal}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: value for part, value in parts.items() if value}
