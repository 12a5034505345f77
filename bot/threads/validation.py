"""What a curator may write: the one place that refuses or tidies a note and a link.

This module owns the rules and the messages about broken ones. It never shortens what a curator wrote.
"""

import re
import unicodedata
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bot.domain.channel_sections import ThreadStyle
from bot.domain.errors import PicksError, UsageError
from bot.threads.addresses import find_links
from bot.threads.measure import grapheme_length

_LONGEST_LINK: Final = 2000
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u2060\ufeff]")
_UNWANTED: Final = re.compile("[\ud800-\udfff\u202a-\u202e\ufffe\uffff]")
_NOT_IN_LINKS: Final = re.compile(r'[\s<>"\\^`{|}\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')


class NoteError(PicksError):
    """The note cannot be taken as it is."""


class LinkError(UsageError):
    """The link cannot be taken as it is."""


def check_note(note: str, style: ThreadStyle) -> str:
    """Return the note in NFC, with tidy line ends and at most one blank line in a row; an empty one stays empty.

    Raises NoteError when it holds control characters or more graphemes than the channel allows.
    """
    tidy = _tidied(unicodedata.normalize("NFC", note))
    for place, character in enumerate(tidy, start=1):
        if _is_control(character):
            raise NoteError(f"the note holds U+{ord(character):04X}, a control character, at {place}: take it out")
    length = grapheme_length(tidy)
    if length > style.note_limit:
        excess = length - style.note_limit
        raise NoteError(f"the note has {length} characters, the channel allows {style.note_limit}: take out {excess}")
    return tidy


def _tidied(note: str) -> str:
    one_kind_of_end = _INVISIBLE.sub("", note.replace("\r\n", "\n").replace("\r", "\n"))
    lines = [line.replace("\t", " ").rstrip() for line in one_kind_of_end.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_control(character: str) -> bool:
    return (unicodedata.category(character) == "Cc" and character != "\n") or bool(_UNWANTED.match(character))


def check_link(url: str) -> str:
    """Return the address without white space, brackets, quotes and punctuation around it.

    It ends where the address would end in a note. Raises LinkError, naming the link and the reason, unless it is an
    http or https address with a host, without a user name or password, without spaces, of at most 2,000 characters.
    """
    link = _trimmed(url.strip())
    reason = _objection_to_number(link) or _objection(link) or _objection_to_rest(link)
    if reason is not None:
        shown = link if len(link) <= 80 else link[:79] + "…"  # noqa: PLR2004
        raise LinkError(
            f"{shown!r} cannot be used as a link: {reason}; give an address such as https://example.org/page"
        )
    return link


def _trimmed(link: str) -> str:
    found = find_links(link)
    if len(found) != 1:
        return link
    around = link[: found[0].start] + link[found[0].end :]
    return link if any(map(str.isalnum, around)) else found[0].url


def _objection_to_number(link: str) -> str | None:
    return "it holds more than one address" if len(find_links(link)) > 1 else None


def _objection_to_rest(link: str) -> str | None:
    found = next(iter(find_links(link)), None)
    if found is None:
        return "readers see no address in it"
    around = link[: found.start] + link[found.end :]
    return f"{around!r} is no part of the address in it (percent-encode it if it is)" if around else None


def _objection(link: str) -> str | None:
    if len(link) > _LONGEST_LINK:
        return f"it has {len(link)} characters, more than {_LONGEST_LINK}"
    unfit = next((mark for mark in link if _NOT_IN_LINKS.match(mark) or _is_control(mark)), None)
    if unfit is not None:
        return "it holds a space" if unfit == " " else f"it holds U+{ord(unfit):04X}, which no address may hold"
    try:
        parts = urlsplit(link)
        return _objection_to_parts(parts, port=parts.port)
    except ValueError as error:
        return f"it is no address ({error})"


def _objection_to_parts(parts: SplitResult, *, port: int | None) -> str | None:
    if parts.scheme not in {"http", "https"}:
        return "it begins with neither https:// nor http://"
    if "@" in parts.netloc:
        return "it names a user or a password"
    if not parts.hostname or not re.search(r"\w", parts.hostname):
        return "it names no host"
    return "its port is 0" if port == 0 else None
