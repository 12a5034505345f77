"""What may stand as a word or as a name in a channel file's ranking: nothing that could never match.

This module owns how an entry is read. Papers' text has its TeX turned into plain text and their names are cleaned, so
an entry is read the same way, or refused with the reason. ``ranking.keywords`` finds the words in papers.
"""

import html
import re
import string
from typing import Final

from bot.domain.author_names import names_in, only_name
from bot.domain.folding import folded, word_form
from bot.domain.text import sanitize

_SPACE: Final = re.compile(r"[\s-]+")
_FORMULA: Final = re.compile(r"\$([^$]*)\$")
_SCRIPT: Final = re.compile(r"([_^])\{([^{}]*)\}")
_TEX: Final = re.compile(r"[\\{}]|``|''|(?<=\S)~(?=\S)")
_ENTITY: Final = re.compile(r"&(?:#\d+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]+);")
_STAR_ALONE: Final = re.compile(r"\s\*$")
_LIST: Final = re.compile(r",(?=\s|[^\W\d_a-z])")


def word(entry: str) -> str:
    """Return a word as it is looked for, its star at the end; raise ValueError, with the reason, when it cannot match.

    The signs of an exponent or an index mean nothing: CO$_2$ and CO_2 are CO2.
    """
    _require_star_at_end(entry)
    found = _SCRIPT.sub(r"\1\2", _FORMULA.sub(r"\1", sanitize(entry))).strip()
    if not word_form(found).strip(string.punctuation + string.whitespace):
        raise ValueError(f"{entry!r} holds no word")
    if _STAR_ALONE.search(found):
        raise ValueError(f"{entry!r} has a blank before its star; for any ending of a word write the star behind it")
    if _TEX.search(found):
        raise ValueError(f"{entry!r} holds TeX; write it as people read it, such as CO2 for CO$_2$ or α for $\\alpha$")
    if _ENTITY.search(found):
        raise ValueError(f"{entry!r} is written for web pages; write {html.unescape(found)!r}")
    return found


def name(entry: str) -> str:
    """Return an author's name as feeds have it; raise ValueError, with the reason, when no author can have it."""
    if "*" in entry:
        raise ValueError(f"{entry!r} has a star, but names are whole")
    return only_name(sanitize(entry))


def word_or_name(entry: str) -> str:
    """Return an entry that may be either; raise ValueError, with the reason, when it can be neither."""
    if len(names_in(entry)) > 1 and _LIST.search(entry):
        raise ValueError(f"{entry!r} has a comma; write one word or name an entry, a name with the given name first")
    return word(entry)


def word_key(entry: str) -> str:
    """Return what two words have in common that match the same."""
    return _SPACE.sub(" ", word_form(entry)).strip()


def name_key(entry: str) -> str:
    """Return what two names have in common that match the same; a hyphen makes another name."""
    return " ".join(folded(entry).split())


def _require_star_at_end(entry: str) -> None:
    if "*" in entry.strip()[:-1]:
        raise ValueError(f"{entry!r} has a star elsewhere than at its end, where one stands for any ending")
