"""Picks as Markdown, for a page, a wiki or an issue: everybody's words are text in it, whatever stands in them.

Source: https://spec.commonmark.org and https://github.github.com/gfm, which also makes links of bare addresses.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from bot.archive.entries import Entry
from bot.archive.words import is_web
from bot.domain.papers import ArxivId

_MARKS: Final = re.compile(r"[\\`*_{}\[\]<>#~|&!$@^=+]|:(?=\S)|(?<=www)\.|^-", re.IGNORECASE)
"""What makes markup or a link, and a dash at the beginning; without square brackets round ones mean nothing."""
_NUMBER: Final = re.compile(r"^(\d+)([.)])")
_SPACES: Final = re.compile(r"\s+")
_NOT_IN_TARGET: Final = str.maketrans({mark: f"%{ord(mark):02X}" for mark in "<>()[]{}\\`|\"' "})


def markdown(entries: Iterable[Entry], *, title: str) -> str:
    """Return a document with the picks, the newest first, a heading a month."""
    parts = [f"# {text(title)}\n"]
    for (year, month), group in groupby(entries, key=lambda entry: (entry.day.year, entry.day.month)):
        parts.append(f"\n## {year}-{month:02}\n\n")
        parts += [f"{markdown_item(entry)}\n" for entry in group]
    return "".join(parts)


def markdown_item(entry: Entry) -> str:
    """Return one pick as an item of a list."""
    head = f"- **{link(entry.title, ArxivId(entry.arxiv_id).abs_url)}**"
    names = text(", ".join(entry.authors))
    lines = [f"{head}, {names}" if names else head, text(entry.note), " · ".join(_links(entry))]
    return "  \n  ".join(filter(None, lines))


def link(words: str, url: str) -> str:
    """Return a link, or the words alone where the address may not be one."""
    return f"[{text(words)}](<{url.translate(_NOT_IN_TARGET)}>)" if is_web(url) else text(words)


def text(words: str) -> str:
    """Return the words on one line, without a mark that Markdown would obey."""
    plain = _MARKS.sub(lambda mark: f"\\{mark[0]}", _SPACES.sub(" ", words).strip())
    return _NUMBER.sub(r"\1\\\2", plain)


def _links(entry: Entry) -> Iterator[str]:
    yield f"picked {entry.day.isoformat()}"
    for name, url in (("code", entry.code_url), ("the authors' thread", entry.thread_url)):
        if url:
            yield link(name, url) if is_web(url) else f"{text(name)}: {text(url)}"
    for post in entry.posts:
        yield link(f"on {post.platform}", post.url)
