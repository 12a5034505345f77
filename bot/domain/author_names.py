"""Where one name ends and the next begins in a list of authors, and what around a name is no part of it.

Feeds and channel files are read the same way here, so that a name in a channel file is the name that a feed's paper
has. This module never looks a name up and never reorders its parts. It reads no TeX; the feeds' reader does.
"""

import html
import re
from collections.abc import Callable, Iterator
from typing import Final

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
_FOOTNOTE: Final = re.compile(
    r"(?:\^?[*∗⋆†‡§¶#\u00b9\u00b2\u00b3\u2070-\u207f]|\^\(?[\d,*∗†‡]+\)?|(?<=[^\W\d_])\d{1,2}$|\\$|\s)+"
)
"""Marks of affiliations and of equal contribution, before or behind a name."""

_TEX: Final = re.compile(r"[\\{}$^~]")
_NO_NAME: Final = re.compile(r"[;|@\[\]<>=+!?%_]|\s\d[\d,]*$")
"""What stands in none of the 108,000 names of two years of feeds, but for a ``|`` in a broken one."""
_FULL_STOP: Final = re.compile(r"(?<=[^\W\d_]{3})\.$")  # that of an initial or of "Jr." belongs to the name


def names_in(creator: str, *, plain: Callable[[str], str] = str) -> tuple[str, ...]:
    """Return the names in a list of authors, in order, without affiliations and markup.

    ``plain`` makes one stretch of TeX plain text. Teams stay, as names before those of their members; "Jr." and "III"
    stay with their name.
    """
    names: list[str] = []
    for part in _without_affiliations(_RAISED.sub("", _without_markup(creator))).split(","):
        for name in _names_in_part(part, plain):
            if names and _SUFFIX.fullmatch(name):
                names[-1] = f"{names[-1]} {name}"
            else:
                names.append(name)
    return tuple(names)


def only_name(text: str) -> str:
    """Return the one name that somebody wrote, as feeds have it; raise ValueError, with the reason, when it is none."""
    names = names_in(text)
    if not names or _SUFFIX.fullmatch(names[0]):
        raise ValueError(f"{text!r} holds no name")
    if len(names) > 1:
        found = " and ".join(map(repr, names))
        raise ValueError(f"{text!r} would be {found}; write one name an entry, with the given name first")
    if _TEX.search(names[0]):
        raise ValueError(f"{text!r} holds TeX; write the name as people read it, such as José")
    if found_odd := _NO_NAME.search(names[0]):
        raise ValueError(f"{text!r} holds {found_odd[0].strip()!r}, which no name has; write one plain name an entry")
    return names[0]


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


def _names_in_part(part: str, plain: Callable[[str], str]) -> Iterator[str]:
    if _PLAIN.fullmatch(part):
        yield _FULL_STOP.sub("", part.strip())
        return
    text = " ".join(plain(part).split())
    for piece in text.split(":"):
        for name in [piece] if _TEAM.search(piece) else _AND.split(piece):
            person = _FULL_STOP.sub("", _OTHERS.sub("", _without_footnotes(name)))
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
