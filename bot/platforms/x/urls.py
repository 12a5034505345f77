"""The addresses that X finds in a text.

This module owns what X takes for a URL: where one begins, which names count, where one ends. The rules are those of
twitter-text 3.1.0 (https://github.com/twitter/twitter-text); none are invented here. Patterns read text that
``fold_case`` has folded, so their letters are capitals. It never changes a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.platforms.x.tlds import COUNTED, PUNYCODE
from bot.platforms.x.utf16 import Utf16Text, fold_case, join_pairs


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text that X marks; ``start`` and ``end`` count code points, end excluded.

    ``text`` is the stretch, but for one oddity: an address without protocol loses what stands between its ASCII domain
    and its path, as ``x.com日.みんな/a`` does.
    """

    start: int
    end: int
    text: str


SPACES: Final = r"\x09-\x0D\x20\x85\xA0\u1680\u180E\u2000-\u200A\u2028\u2029\u202F\u205F\u3000"
PUNCTUATION: Final = r"!'#%&()*+,\\\-./:;<=>?@\[\]\^_{|}~$"
INVALID: Final = r"\uFEFF\uFFFE\uFFFF"
ACCENTED: Final = (
    r"\xC0-\xD6\xD8-\xF6\xF8-\u024F\u0253\u0254\u0256\u0257\u0259\u025B\u0263\u0268\u026F\u0272\u0289\u028B\u02BB"
    r"\u0300-\u036F\u1E00-\u1EFF"
)
_DIRECTION_MARKS: Final = r"\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069"

# The last four are capitals of accented letters (U+0345, U+023F, U+0240, U+019B) and lie outside the ranges.
_LETTER: Final = rf"A-Z0-9{ACCENTED}\u0399\u2C7E\u2C7F\uA7DC"
NAME_CHAR: Final = rf"[^{PUNCTUATION}{SPACES}{INVALID}{_DIRECTION_MARKS}]"
_LABEL: Final = rf"{NAME_CHAR}++(?:[\-_]++{NAME_CHAR}++)*+"
_BEFORE: Final = rf"(?:[^A-Z0-9@＠$#＃{INVALID}]|\A)"

_DOTTED: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*+")
_OPENING: Final = re.compile(rf"{_BEFORE}(?={NAME_CHAR})")
_PROTOCOL: Final = re.compile(rf"{_BEFORE}(?P<protocol>HTTPS?://)\Z")
_ASCII_LABELS: Final = re.compile(rf"(?:[\-{_LETTER}]++\.)++")

# Each part is "inner characters, then one that may end it", all possessive: nothing is ever tried twice.
_INNER: Final = r"!*';:,.$%\[\]\u2013~@|&"
_ENDING: Final = rf"{_LETTER}\u0400-\u04FF+\-=_\#/"
_INSIDE: Final = rf"[{_INNER}{_ENDING}]"
_GROUP: Final = rf"\( (?!\)) {_INSIDE}*+ (?: \( {_INSIDE}++ \) {_INSIDE}*+ )?+ \)"
_QUERY: Final = r"\? (?: [!?*'@();:+$%\[\].,~|]*+ [A-Z0-9\-_&=\#/]++ )++"
_REST: Final = re.compile(
    rf"""
    (?= [:/?] )
    (?: : [0-9]++ )?+
    (?P<path> / (?: [{_INNER}]*+ (?: [{_ENDING}]++ | {_GROUP} ) )*+ )?+
    (?: {_QUERY} )?+
    """,
    re.VERBOSE,
)
_SHORTENED: Final = re.compile(rf"HTTPS?://T\.CO/ (?P<slug> [A-Z0-9]++ ) (?: {_QUERY} )?+", re.VERBOSE)

_DEFAULT_PROTOCOL: Final = "https://"
_MAX_OPENING: Final = 1 + len(_DEFAULT_PROTOCOL)
_NO_BARE_DOMAIN_AFTER: Final = frozenset("-_./")
_MAX_URL: Final = 4096
_MAX_LABEL: Final = 63
_MAX_SLUG: Final = 40
_LABEL_STOPS: Final = re.compile(r"[\u3002\uFF0E\uFF61]")


@dataclass(frozen=True, slots=True)
class _Match:
    """One place that looks like an address; positions in units of the whole text.

    The domain is ``domain:tail``, ``before`` the character that stands before an address without protocol.
    """

    start: int
    domain: int
    tail: int
    end: int
    before: str
    has_path: bool

    @property
    def has_protocol(self) -> bool:
        return self.start < self.domain


def find_urls(text: str) -> tuple[Span, ...]:
    """Return what X takes for URLs, in order, whatever the text.

    Source: twitter-text's conformance file extract.yml, groups ``urls*`` and ``tco_urls_with_params``.
    """
    source = Utf16Text.of(text)
    spans = find_urls_in_units(source.units)
    return tuple(Span(source.point(span.start), source.point(span.end), join_pairs(span.text)) for span in spans)


def find_urls_in_units(units: str) -> tuple[Span, ...]:
    """Return the same for a text in UTF-16 code units; the spans count units."""
    if "." not in units:
        return ()
    folded = fold_case(units)
    return tuple(span for match in _matches(folded) for span in _urls(units, folded, match))


def _matches(folded: str) -> Iterator[_Match]:
    """Go through the dotted names from left to right; what one match covers, no later one may use."""
    floor = 0
    for dotted in _DOTTED.finditer(folded):
        for first, dot, tail in _domains(folded, *dotted.span()):
            if (match := _match(folded, first, dot, tail, floor)) is not None:
                floor = match.end
                yield match


def _domains(folded: str, start: int, end: int) -> list[tuple[int, int, int]]:
    """Return the domains in a dotted name that can win: where each may begin at the earliest, its last dot, its end.

    The last dot before a top-level domain wins. The label before that dot holds no underscore: where it seems to, the
    domain begins after it.
    """
    found: list[tuple[int, int, int]] = []
    label = start
    while (dot := folded.find(".", label, end)) >= 0:
        underscore = folded.rfind("_", label, dot)
        if (tail := COUNTED.end(folded, dot + 1)) is not None:
            if underscore < 0:
                found.clear()
            found.append((underscore + 1 or start, dot, tail))
        label = dot + 1
    return found


def _match(folded: str, first: int, dot: int, tail: int, floor: int) -> _Match | None:
    protocol = _PROTOCOL.search(folded, max(first - _MAX_OPENING, floor), first)
    opening = protocol or _OPENING.search(folded, max(first - 1, floor), dot)
    if opening is None:
        return None
    domain = opening.end()
    start = protocol.start("protocol") if protocol else domain
    rest = _REST.match(folded, tail)
    end = rest.end() if rest else tail
    return _Match(start, domain, tail, end, opening[0], has_path=bool(rest and rest["path"]))


def _urls(units: str, folded: str, match: _Match) -> Iterator[Span]:
    if not _fits(units, match):
        return
    if match.has_protocol:
        yield from _with_protocol(units, folded, match)
    elif match.before not in _NO_BARE_DOMAIN_AFTER:
        yield from _bare(units, folded, match)


def _with_protocol(units: str, folded: str, match: _Match) -> Iterator[Span]:
    """Yield the address; X's own short links end after their slug and query."""
    end = match.end
    if (shortened := _SHORTENED.match(folded, match.start, end)) is not None:
        if len(shortened["slug"]) > _MAX_SLUG:
            return
        end = shortened.end()
    yield Span(match.start, end, units[match.start : end])


def _bare(units: str, folded: str, match: _Match) -> Iterator[Span]:
    """Yield every ASCII domain in the domain; only the last one keeps a path and what follows it."""
    found = list(_ascii_domains(units[match.domain : match.tail], folded[match.domain : match.tail]))
    for number, span in enumerate(found, start=1):
        start, end, text = match.domain + span.start, match.domain + span.end, span.text
        if match.has_path and number == len(found):
            end, text = match.end, text + units[match.tail : match.end]
        yield Span(start, end, text)


def _ascii_domains(domain: str, folded: str) -> Iterator[Span]:
    end = 0
    for labels in _ASCII_LABELS.finditer(folded):
        dots = (index for index in range(labels.end() - 1, labels.start(), -1) if folded[index] == ".")
        tail = next(filter(None, (COUNTED.end(folded, dot + 1) for dot in dots)), None)
        if tail is not None:
            text = domain[labels.start() : tail]
            start = domain.index(text, end)  # as X does: an earlier copy of the same words is taken for it
            end = start + len(text)
            yield Span(start, end, text)


def _fits(units: str, match: _Match) -> bool:
    """Say whether address and labels keep X's limits of length."""
    protocol = match.domain - match.start or len(_DEFAULT_PROTOCOL)
    if protocol + match.end - match.start > _MAX_URL:
        return False
    domain = units[match.domain : match.tail]
    if domain.startswith(PUNYCODE) and not any(_ascii_domains(domain, fold_case(domain))):
        return False
    return all(_ascii_length(label) <= _MAX_LABEL for label in domain.split("."))


def _ascii_length(label: str) -> int:
    """Return how long a label is in ASCII; X encodes the parts between other scripts' full stops one by one."""
    if label.isascii() or len(label) > 2 * _MAX_LABEL:
        return len(label)
    parts = _LABEL_STOPS.split(join_pairs(label))
    return len(parts) - 1 + sum(map(_encoded_length, parts))


def _encoded_length(part: str) -> int:
    return len(part) if part.isascii() else len(PUNYCODE) + len(part.encode("punycode"))
