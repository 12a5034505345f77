"""A feed's bytes taken apart at its entries, each with what tells it from any other.

A feed repeats what it said before: a stale one nearly all of yesterday's entries, one category's those of another. What
was read once need not be parsed again, nor what nobody reads. This module owns where an entry begins and ends and which
of its bytes say nothing of the paper; it only moves bytes, as ``cutting`` does, and takes apart what it is sure of.
"""

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

_HEAD: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)? <\?xml \b [^<>]*? \b encoding= (?P<quote>['"]) (?i:utf-8|us-ascii) (?P=quote) [^<>]* \?> \s*
         (?P<root> <(?P<format>rss|feed) \b [^<>]*> )""",
    re.VERBOSE,
)
_ENTRIES: Final = {b"rss": b"item", b"feed": b"entry"}
"""RSS 1.0 is no more: its entries were written differently for each feed, and arXiv ended it in February 2024."""

_UNREAD: Final = re.compile(
    rb"<(?:pubDate>[^<]*</pubDate|published>[^<]*</published|updated>[^<]*</updated|link>[^<]*</link|link\s[^<>]*/)>"
)
"""An entry's day is that of its feed, and its address follows from its id."""

_HIDING: Final = (b"<!", b"<?")
"""A comment, CDATA or an instruction could hold what looks like an entry and is none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A body whose entries, but for the first, hold only what is read.

    ``spans`` are where they stand in it, begin and end in bytes, and ``fingerprints`` theirs, in order.
    """

    body: bytes
    spans: tuple[tuple[int, int], ...]
    fingerprints: tuple[str, ...]

    def without(self, positions: Collection[int]) -> bytes:
        """Return the body without the entries at these positions, counted from 0."""
        kept, last = [], 0
        for position in sorted(positions):
            begin, end = self.spans[position]
            kept.append(self.body[last:begin])
            last = end
        return b"".join([*kept, self.body[last:]])


def take_apart(body: bytes) -> Parts | None:
    """Return the entries of a whole XML document that is RSS 2.0 or Atom; None where their bytes are not certain.

    Two entries with one fingerprint announce the same paper in the same words, whatever day they name.
    """
    head = _HEAD.match(body)
    if head is None or any(body.find(mark, head.end()) >= 0 for mark in _HIDING):
        return None
    name = _ENTRIES[head["format"]]
    # The first stays as it is: an Atom feed states its own date there alone.
    first = next(_spans(body, name, head.end()), (0, len(body)))[1]
    body = body[:first] + _UNREAD.sub(b"", body[first:])
    spans = tuple(_spans(body, name, head.end()))
    # Namespaces and language are declared at the root, and an entry means what it means under these.
    root = hashlib.blake2b(head["root"], digest_size=16)
    return Parts(body, spans, tuple(_fingerprint(root, body[begin:end]) for begin, end in spans))


def _spans(body: bytes, name: bytes, begin: int) -> Iterator[tuple[int, int]]:
    opening, closing = b"<" + name, b"</" + name + b">"
    while (begin := body.find(opening, begin)) >= 0:
        end = body.find(closing, begin) + len(closing)
        if end < begin:
            return
        yield begin, end
        begin = end


def _fingerprint(root: "hashlib.blake2b", entry: bytes) -> str:
    digest = root.copy()
    digest.update(_UNREAD.sub(b"", entry))
    return digest.hexdigest()
