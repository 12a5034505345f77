"""A feed's bytes taken apart at its entries, each with what tells it from any other.

A feed repeats what it said before: a stale one nearly all of yesterday's entries, one category's those of another. What
was read once need not be parsed again. This module owns where an entry begins and ends and which of its bytes say
nothing of the paper; it only moves bytes, as ``cutting`` does, and takes apart what it is sure of.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_HEAD: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)? <\?xml \b [^<>]*? \b encoding= (?P<quote>['"]) (?i:utf-8|us-ascii) (?P=quote) [^<>]* \?> \s*
         (?P<root> <(?:rss|feed) \b [^<>]*> )""",
    re.VERBOSE,
)
"""RSS 1.0 is no more: its entries were written differently for each feed, and arXiv ended it in February 2024."""

_ENTRY: Final = re.compile(rb"<(?P<name>item|entry)(?=[\s>]).*?</(?P=name)\s*>", re.DOTALL)
_DATE: Final = re.compile(rb"<(?P<name>pubDate|published|updated)>[^<]*</(?P=name)>")
_HIDING: Final = (b"<!", b"<?")
"""A comment, CDATA or an instruction could hold what looks like an entry and is none."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A body, where its entries stand in it (begin and end in bytes), and their fingerprints, in order."""

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
    found = list(_ENTRY.finditer(body, head.end()))
    # Namespaces and language are declared there, and an entry means what it means under these.
    begun = hashlib.blake2b(head["root"], digest_size=16)
    prints = []
    for entry in found:
        digest = begun.copy()
        digest.update(_DATE.sub(b"", entry[0]))
        prints.append(digest.hexdigest())
    return Parts(body, tuple(entry.span() for entry in found), tuple(prints))
