"""A pick as a BibTeX entry, which LaTeX, Zotero and JabRef read.

Letters stay as they are, in UTF-8, as biber and every LaTeX since 2018 take them; what TeX would obey is written so
that it prints. Only strangers' and curators' words are in it, so nothing in them may end a field.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Final

from bot.archive.entries import Entry
from bot.archive.names import Name, split_name
from bot.domain.papers import ArxivId

_SPECIAL: Final = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}
"""What TeX obeys: https://www.tug.org/texinfohtml/latex2e.html#Reserved-characters"""
_NAMED_BRACES: Final = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
"""Braces without their partners: BibTeX counts them even behind a backslash, so they are named."""

_PATTERN: Final = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_NOT_IN_KEY: Final = re.compile(r"[^a-z0-9.-]+")
_CENTURY: Final = 90


def bibtex(entry: Entry) -> str:
    """Return the entry of one pick, ending with a line break; the same pick always has the same key."""
    fields = "".join(f"  {name} = {{{value}}},\n" for name, value in _fields(entry) if value)
    return f"@misc{{{bibtex_key(entry)},\n{fields}}}\n"


def bibtex_file(entries: Iterable[Entry]) -> str:
    """Return the entries of several picks."""
    return "\n".join(map(bibtex, entries))


def bibtex_key(entry: Entry) -> str:
    """Return the name of the entry: the first author's family name and the paper's id, in plain letters."""
    first = next(map(split_name, entry.authors), Name(""))
    letters = unicodedata.normalize("NFKD", first.family or first.literal).lower()
    family = _NOT_IN_KEY.sub("", "".join(letter for letter in letters if letter.isascii()))
    return f"{family.strip('.-')[:40] or 'arxiv'}-{entry.arxiv_id.lower().replace('/', '-')}"


def _fields(entry: Entry) -> Iterator[tuple[str, str]]:
    year, month = year_and_month(entry)
    yield "title", f"{{{escaped(entry.title)}}}"  # the second pair keeps capitals
    yield "author", " and ".join(_author(split_name(name)) for name in entry.authors)
    yield "year", str(year)
    yield "month", str(month)
    yield "eprint", entry.arxiv_id
    yield "archivePrefix", "arXiv"
    yield "primaryClass", escaped(next(iter(entry.categories), ""))
    yield "url", ArxivId(entry.arxiv_id).abs_url
    yield "keywords", escaped(", ".join(entry.tags))
    yield "note", escaped(entry.note)


def _author(name: Name) -> str:
    """Return a name as BibTeX reads it: "von Last, Jr, First", and whole in braces where it is not to be parted."""
    if not name.is_person:
        return f"{{{escaped(name.literal)}}}"
    if not name.given:
        return f"{{{escaped(name.sorted)}}}"
    return escaped(name.sorted)


def escaped(text: str) -> str:
    """Return the text on one line, so that TeX prints it as it is."""
    marks = _SPECIAL if _is_balanced(text) else {**_SPECIAL, **_NAMED_BRACES}
    return _PATTERN.sub(lambda match: marks[match[0]], " ".join(text.split()))


def _is_balanced(text: str) -> bool:
    depths = list(accumulate((mark == "{") - (mark == "}") for mark in text if mark in "{}"))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)


def year_and_month(entry: Entry) -> tuple[int, int]:
    """Return when the paper came out: when arXiv announced it, else the month that its id names."""
    if entry.announced:
        return entry.announced.year, entry.announced.month
    digits = entry.arxiv_id.rpartition("/")[2]
    year = int(digits[:2])
    return year + (1900 if year > _CENTURY else 2000), int(digits[2:4])
