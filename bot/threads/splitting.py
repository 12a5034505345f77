"""A note cut into posts: as few as possible, broken at the best places, none of only a few words.

This module owns the choice among the breaks that ``sentences`` finds. It never changes a character: a post is a stretch
of the text.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from bot.threads.measure import Measure, graphemes
from bot.threads.sentences import Break, Strength, find_breaks

AT_SENTENCES: Final = (Strength.SENTENCE, Strength.WORD, Strength.GLUE)
AT_CLAUSES: Final = (Strength.COMMA, Strength.WORD, Strength.GLUE)
"""Which breaks are offered: the first everywhere, each further one only inside what is still too long for a post."""

COST_OF_POST: Final = 100.0
COST_OF_ROOM_LEFT: Final = 100.0
"""Of an empty post; it grows with the square of the room, so that equal posts are cheapest."""
COST_OF_FEW_WORDS: Final = 500.0
_COST_OF_BREAK: Final = {
    Strength.PARAGRAPH: -10.0,
    Strength.SENTENCE: 0.0,
    Strength.CLAUSE: 10.0,
    Strength.COMMA: 25.0,
    Strength.PHRASE: 200.0,
    Strength.WORD: 230.0,
    Strength.GLUE: 700.0,
    Strength.GRAPHEME: 1500.0,
    Strength.CODE_POINT: 4000.0,
}

FEW_CHARACTERS: Final = 40
_FEW_WORDS: Final = 5
_CRUMBS: Final = 10
"""A word too long for a post is cut into tenths of a post, so that the posts can be balanced."""


@dataclass(frozen=True, order=True, slots=True)
class Stretch:
    """A part of a text by its offsets in characters, end excluded."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """What is never broken again, its size, the gap before it and the cost of a break after it."""

    stretch: Stretch
    size: int
    gap: int
    cost_after: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """Posts for the rest of the text, and what they cost."""

    cost: float
    posts: tuple[Stretch, ...]


def split(text: str, measure: Measure) -> tuple[Stretch, ...]:
    """Cut the text into stretches that each fit into a post; between them only white space is left out.

    A sentence that fits is broken only to spare a post of a few words, and then at a clause. Blank text gives none.
    """
    if measure.fits(text.strip()):
        return _all_of(text)
    layout = Layout(text, measure)
    plain = layout.cheapest(AT_SENTENCES)
    if not any(map(layout.has_few_words, plain)):
        return plain
    finer = layout.cheapest(AT_CLAUSES)
    return plain if len(finer) > len(plain) or any(map(layout.has_few_words, finer)) else finer


def _all_of(text: str) -> tuple[Stretch, ...]:
    start = len(text) - len(text.lstrip())
    return (Stretch(start, len(text.rstrip())),) if text.strip() else ()


def is_short(text: str, size: int) -> bool:
    """Say whether words of this size would be too few to stand alone."""
    if size < FEW_CHARACTERS:
        return True
    return size < 2 * FEW_CHARACTERS and len(text.split()) < _FEW_WORDS


class Layout:
    """The search for the posts of least cost of one text."""

    def __init__(self, text: str, measure: Measure) -> None:
        self.whole = Stretch(len(text) - len(text.lstrip()), len(text.rstrip()))
        self._text = text
        self._measure = measure
        self._breaks = find_breaks(text)
        self._pieces: dict[Sequence[Strength], tuple[Piece, ...]] = {}

    def cheapest(self, levels: Sequence[Strength]) -> tuple[Stretch, ...]:
        """Return the posts of least cost that the breaks of these levels allow, planned from the end backwards."""
        pieces = self.pieces(levels)
        plans = {len(pieces): _Plan(0.0, ())}
        for first in reversed(range(len(pieces))):
            options = sorted(self._options(pieces, first, plans))
            plans[first] = next(
                _Plan(cost, (post, *plans[after].posts)) for cost, after, post in options if self._fits(post)
            )
        return plans[0].posts

    def sentence_ends(self) -> tuple[int, ...]:
        """Return where a sentence or a paragraph ends, the last one too."""
        return (
            *(at.end for at in self._breaks if at.strength >= Strength.SENTENCE),
            max(self.whole.start, self.whole.end),
        )

    def has_few_words(self, post: Stretch) -> bool:
        """Say whether a post would be too short to stand alone."""
        return self.is_short(post, self._measure.size(self.cut(post)))

    def _options(
        self, pieces: Sequence[Piece], first: int, plans: Mapping[int, _Plan]
    ) -> Iterator[tuple[float, int, Stretch]]:
        """Yield each post that may start at a piece: the cost with all that follows, the piece after it, the post.

        Sizes are summed up here, which is quick and nearly exact; whoever takes an option measures its post.
        """
        size = -pieces[first].gap
        for after in range(first + 1, len(pieces) + 1):
            last = pieces[after - 1]
            size += last.gap + last.size
            if size > self._measure.limit and after > first + 1:
                return
            post = Stretch(pieces[first].stretch.start, last.stretch.end)
            yield self._cost(post, size) + last.cost_after + plans[after].cost, after, post

    def _cost(self, post: Stretch, size: int) -> float:
        room = 1 - size / self._measure.limit
        few_words = COST_OF_FEW_WORDS if self.is_short(post, size) else 0.0
        return COST_OF_POST + COST_OF_ROOM_LEFT * room * room + few_words

    def is_short(self, post: Stretch, size: int) -> bool:
        """Say whether a post of this size would be too short to stand alone."""
        return is_short(self.cut(post), size)

    def pieces(self, levels: Sequence[Strength]) -> tuple[Piece, ...]:
        """Return what the breaks of these levels leave whole; nothing of a blank text."""
        if levels not in self._pieces:
            self._pieces[levels] = tuple(self._left_whole(levels))
        return self._pieces[levels]

    def _left_whole(self, levels: Sequence[Strength]) -> Iterator[Piece]:
        if self.whole.start >= self.whole.end:
            return
        breaks = list(self._offered(self.whole, levels))
        end = self.whole.start
        for stretch, at in zip_longest(_between(self.whole, breaks), breaks):
            cost = _COST_OF_BREAK[at.strength] if at is not None else 0.0
            yield Piece(stretch, self._measure.size(self.cut(stretch)), stretch.start - end, cost)
            end = stretch.end

    def _offered(self, stretch: Stretch, levels: Sequence[Strength]) -> Iterator[Break]:
        if not levels:
            yield from self._crumbled(stretch)
            return
        breaks = [at for at in self._breaks if stretch.start < at.end and at.start < stretch.end]
        breaks = [at for at in breaks if at.strength >= levels[0]]
        for part, at in zip_longest(_between(stretch, breaks), breaks):
            if not self._fits(part):
                yield from self._offered(part, levels[1:])
            if at is not None:
                yield at

    def _crumbled(self, stretch: Stretch) -> Iterator[Break]:
        """Yield breaks inside a word: between graphemes, or code points where one grapheme is longer than a post."""
        crumb = self._measure.divided(_CRUMBS)
        start = at = stretch.start
        for grapheme in graphemes(self.cut(stretch)):
            whole = self._measure.fits(grapheme)
            for offset, unit in enumerate([grapheme] if whole else grapheme):
                if start < at and not crumb.fits(self._text[start:at] + unit):
                    yield Break(at, at, Strength.CODE_POINT if offset else Strength.GRAPHEME)
                    start = at
                at += len(unit)

    def _fits(self, stretch: Stretch) -> bool:
        return self._measure.fits(self.cut(stretch))

    def cut(self, stretch: Stretch) -> str:
        """Return the words of a stretch."""
        return self._text[stretch.start : stretch.end]


def _between(whole: Stretch, breaks: Sequence[Break]) -> Iterator[Stretch]:
    starts = [whole.start, *(at.start for at in breaks)]
    ends = [*(at.end for at in breaks), whole.end]
    return (Stretch(start, end) for start, end in zip(starts, ends, strict=True))
