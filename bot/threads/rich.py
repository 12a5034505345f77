"""Words with marks: which stretches of a text are links, hashtags or mentions.

This module owns how marked words are cut and joined; their offsets count characters. It never finds a mark.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.posts import FacetKind


@dataclass(frozen=True, slots=True)
class Mark:
    """A facet before its offsets are bytes: ``start`` and ``end`` count characters."""

    start: int
    end: int
    kind: FacetKind
    value: str

    def moved(self, by: int) -> "Mark":
        """Return the mark so many characters further on."""
        return Mark(self.start + by, self.end + by, self.kind, self.value)


@dataclass(frozen=True, slots=True)
class Words:
    """A text and its marks, in order; none overlaps another."""

    text: str = ""
    marks: tuple[Mark, ...] = ()


def joined(parts: Iterable[Words], *, gap: str) -> Words:
    """Put words behind each other with a gap between them; what is empty is left out."""
    text, marks = "", list[Mark]()
    for part in parts:
        if not part.text:
            continue
        text += gap if text else ""
        marks += [mark.moved(len(text)) for mark in part.marks]
        text += part.text
    return Words(text, tuple(marks))


def marks_within(marks: Sequence[Mark], start: int, end: int) -> tuple[Mark, ...]:
    """Return the marks of a stretch, counted from its start; each part of a mark cut in two keeps the whole value."""
    inside = (mark for mark in marks if mark.start < end and mark.end > start)
    return tuple(
        Mark(max(mark.start, start) - start, min(mark.end, end) - start, mark.kind, mark.value) for mark in inside
    )
