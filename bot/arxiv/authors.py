"""Turn an author list, which arXiv writes into one string, into plain names.

This module owns where one name ends and the next begins. It never looks a name up and never reorders its parts.
"""

import html
import re
from collections.abc import Iterator
from typing import Final

from bot.arxiv import tex
from bot.domain.text import sanitize

_TAG: Final = re.compile(r"<[^<>]*>")
_INNERMOST: Final = re.compile(r"\([^()]*\)")
_MAX_NESTING: Final = 8
_NICKNAME: Final = re.compile(
    r"(?P<before>^\s*|,\s{2,})(?P<given>[^\s,()]+)\s\([^()]*\),\s{2,}(?P<family>[^\s,()]+)(?=\s*(?:,|$))"
)
"""arXiv takes the nickname in "Given (Nick) Family" for an affiliation and writes ",  Given (Nick),  Family": two names
that each have one word only, which is what the second space betrays (2024-03-15, cs.AI)."""

_SUFFIX: Final = re.compile(r"(?:Jr|Sr)\.?|II|III|IV", re.IGNORECASE)
_TEAM: Final = re.compile(r"\b(?:team|collaboration|consortium|group|project|lab|initiative)\b", re.IGNORECASE)
_PLAIN: Final = re.compile(r" ?(?!and\b|et\b|[oO]thers\b)[A-Za-z]+\.?(?:[ -](?!and\b|et\b|others\b)[A-Za-z]+\.?)* ?")
"""What most names are: nothing in them has to be looked at twice."""

_AND: Final = re.compile(r"^(?:and|&)\s+|\s+(?:and|&)\s+|\s+(?:and|&)$")
_OTHERS: Final = re.compile(r"(?:^|\s)(?:et\.? al\.?|others)$", re.IGNORECASE)
_RAISED: Final = re.compile(r"\$?(?<!\\)\^\{[^{}]*\}\$?|\\textsuperscript\{[^{}]*\}")
_FOOTNOTE: Final = re.compile(r"(?:\^?[*∗⋆†‡§¶#\u00b9\u00b2\u00b3\u2070-\u207f]|\^\(?[\d,*∗†‡]+\)?|\s)+")
"""Marks of affiliations and of equal contribution, before or behind a name."""


def split_authors(creator: str) -> tuple[str, ...]:
    """Return the names in a ``dc:creator`` string, in order: plain text without affiliations and markup.

    Teams stay, as names before those of their members; "Jr." and "III" stay with their name.
    """
    names: list[str] = []
    for part in _without_affiliations(_RAISED.sub("", _without_markup(creator))).split(","):
        for name in _names_in(part):
            if names and _SUFFIX.fullmatch(name):
                names[-1] = f"{names[-1]} {name}"
            else:
                names.append(name)
    return tuple(names)


def _without_markup(creator: str) -> str:
    """Take out the anchors of RSS 1.0 and the second layer of entities within them."""
    return html.unescape(_TAG.sub("", creator)) if "<" in creator or "&" in creator else creator


def _without_affiliations(creator: str) -> str:
    if "(" not in creator:
        return creator.replace(")", "")
    text = _NICKNAME.sub(r"\g<before>\g<given> \g<family>", creator)
    for _ in range(_MAX_NESTING):
        text, count = _INNERMOST.subn("", text)
        if not count:
            break
    # A bracket that nobody closed must not swallow the authors after it: it ends at the next comma.
    return re.sub(r"\([^,]*", "", text).replace(")", "")


def _names_in(part: str) -> Iterator[str]:
    if _PLAIN.fullmatch(part):
        yield part.strip()
        return
    text = " ".join(sanitize(tex.plain(part)).split())
    for piece in text.split(":"):
        for name in [piece] if _TEAM.search(piece) else _AND.split(piece):
            person = _OTHERS.sub("", _without_footnotes(name))
            if _is_name(person, after_colon=part.lstrip().startswith(":")):
                yield person


def _without_footnotes(name: str) -> str:
    start = _FOOTNOTE.match(name)
    name = name[start.end() :] if start else name
    end = next((mark for mark in _FOOTNOTE.finditer(name) if mark.end() == len(name)), None)
    return name[: end.start()] if end else name


def _is_name(text: str, *, after_colon: bool) -> bool:
    """Say whether there is a name at all; a list that begins with a team has a lone ":" or ":Mark" after it."""
    if not any(char.isalpha() for char in text):
        return False
    return not after_colon or " " in text
