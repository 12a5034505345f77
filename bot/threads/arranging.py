"""A note laid out between what stands above it in the first post of a thread and below it in the last.

This module owns the choice: fewest posts first, none of only a few words; then as much as has room in the first post,
and the rest evenly. A sentence is broken as ``splitting`` breaks one. It never changes a character.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.threads.measure import Measure
from bot.threads.sentences import Strength
from bot.threads.splitting import (
    AT_CLAUSES,
    AT_SENTENCES,
    COST_OF_FEW_WORDS,
    COST_OF_POST,
    COST_OF_ROOM_LEFT,
    FEW_CHARACTERS,
    Layout,
    Stretch,
    is_short,
)

GAP: Final = "\n\n"
"""What stands between a note and the words around it."""

_COST_OF_NO_NOTE: Final = 80.0
"""Of a first post in which no sentence of the note has room."""
_COST_OF_LINKS_ALONE: Final = 60.0
_COST_OF_FEW_WORDS_ABOVE_LINKS: Final = 50.0
"""These three are less than a post costs: none is worth another post."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a note, in its finished words, and how these are counted.

    ``note`` counts what becomes of the note's own words. ``below`` is empty where nothing follows the last of them.
    """

    measure: Measure
    note: Measure
    above: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The stretch of the note in each post, empty where a post has none of it, and what the choice costs."""

    posts: tuple[Stretch, ...]
    cost: float

    @property
    def flaws(self) -> float:
        """Return what it costs beside the number of posts."""
        return self.cost - COST_OF_POST * len(self.posts)

    @property
    def begins_with_note(self) -> bool:
        """Say whether some of the note stands in the first post."""
        return self.posts[0].start < self.posts[0].end

    def reads_better_than(self, other: "Arrangement") -> bool:
        """Say whether it has fewer posts, or as many with words of the note in the first where the other has none."""
        more_of_note = self.begins_with_note and not other.begins_with_note
        return len(self.posts) < len(other.posts) or (len(self.posts) == len(other.posts) and more_of_note)

    @property
    def has_links_alone(self) -> bool:
        """Say whether what is below the note has a post of its own."""
        return len(self.posts) > 1 and self.posts[-1].start == self.posts[-1].end


def arrange(layout: Layout, frame: Frame) -> Arrangement:
    """Choose which sentences stand in which post; a blank note gives the words around it alone.

    The ``layout`` is that of the note, by what becomes of its words.
    """
    plain = _Arranging(layout, frame, AT_SENTENCES).best()
    if plain.flaws < COST_OF_FEW_WORDS:
        return plain
    finer = _Arranging(layout, frame, AT_CLAUSES).best()
    is_better = len(finer.posts) <= len(plain.posts) and finer.flaws + COST_OF_FEW_WORDS / 2 < plain.flaws
    return finer if is_better else plain


def beginning(layout: Layout, room: Measure) -> Stretch:
    """Return as much of the beginning of a note as has room in whole sentences."""
    start = end = layout.whole.start
    for at in layout.sentence_ends():
        if at > end and room.fits(layout.cut(Stretch(start, at))):
            end = at
    return Stretch(start, end)


@dataclass(frozen=True, slots=True)
class _Plan:
    """Posts for the rest of a note: what they cost, and that with what uneven posts cost."""

    cost: float
    total: float
    posts: tuple[Stretch, ...]

    def behind(self, post: Stretch, *, cost: float, unevenness: float) -> "_Plan":
        return _Plan(self.cost + cost, self.total + cost + unevenness, (post, *self.posts))


@dataclass(frozen=True, slots=True)
class _Option:
    """One way to go on: what it comes to with all that follows, and the post that must fit for it."""

    plan: _Plan
    post: Stretch
    measure: Measure


_NOTHING: Final = _Plan(0.0, 0.0, ())


class _Arranging:
    """The search of one arrangement, planned from the end of the note backwards."""

    def __init__(self, layout: Layout, frame: Frame, levels: Sequence[Strength]) -> None:
        self._layout = layout
        self._frame = frame
        self._pieces = layout.pieces(levels)
        self._end = layout.whole.end if self._pieces else 0
        self._above = frame.measure.size(frame.above + GAP)
        self._below = frame.measure.size(GAP + frame.below) if frame.below else 0
        self._plans = {len(self._pieces): self._links_alone() if frame.below else _NOTHING}

    def best(self) -> Arrangement:
        for first in reversed(range(len(self._pieces))):
            options = sorted(self._options(first), key=lambda option: option.plan.total)
            self._plans[first] = next(option.plan for option in options if self._fits(option))
        options = sorted(self._first_options(), key=lambda option: (option.plan.cost, -option.post.end))
        plan = next(option.plan for option in options if self._fits(option))
        return Arrangement(plan.posts, plan.cost)

    def _fits(self, option: _Option) -> bool:
        return option.post.start == option.post.end or option.measure.fits(self._layout.cut(option.post))

    def _links_alone(self) -> _Plan:
        size = self._frame.measure.size(self._frame.below)
        few = COST_OF_FEW_WORDS if size < FEW_CHARACTERS else 0.0  # links are words that readers do not count
        cost = COST_OF_POST + _COST_OF_LINKS_ALONE + few
        return _Plan(cost, cost + self._unevenness(size), (Stretch(self._end, self._end),))

    def _options(self, first: int) -> Iterator[_Option]:
        """Yield each post, but the first, that may begin at a piece; sizes are summed up, which is nearly exact."""
        for after, post, size in self._posts(first, above=0):
            few = COST_OF_FEW_WORDS if self._layout.is_short(post, size) else 0.0
            cost = COST_OF_POST + few + self._pieces[after - 1].cost_after
            plan = self._plans[after].behind(post, cost=cost, unevenness=self._unevenness(size))
            yield _Option(plan, post, self._frame.note)
            if self._frame.below and after == len(self._pieces):
                yield self._last(post, size=size, few_words=bool(few), above="")

    def _first_options(self) -> Iterator[_Option]:
        """Yield each first post: the words above the note alone, or with so many pieces of it."""
        none = _COST_OF_NO_NOTE if self._pieces else 0.0
        nothing = Stretch(0, 0)
        alone = self._plans[0].behind(nothing, cost=COST_OF_POST + none, unevenness=0.0)
        yield _Option(alone, nothing, self._frame.note)
        if not self._pieces:
            yield from self._without_note()
        above = self._frame.above + GAP
        for after, post, size in self._posts(0, above=self._above):
            last = after == len(self._pieces)
            # A paragraph's end is no reason to leave out of the first post what has room there.
            cost = COST_OF_POST + max(0.0, self._pieces[after - 1].cost_after)
            plan = self._plans[after].behind(post, cost=cost, unevenness=0.0)
            yield _Option(plan, post, self._beside(above))
            if self._frame.below and last:
                yield self._last(post, size=size, few_words=False, above=above)

    def _without_note(self) -> Iterator[_Option]:
        both = self._frame.above + GAP + self._frame.below
        if self._frame.below and self._frame.measure.fits(both):
            nothing = Stretch(0, 0)
            yield _Option(_NOTHING.behind(nothing, cost=COST_OF_POST, unevenness=0.0), nothing, self._frame.note)

    def _last(self, post: Stretch, *, size: int, few_words: bool, above: str) -> _Option:
        """Return the option that what is below the note shares the post with its end."""
        together = size + self._below
        few = 0.0
        if few_words:
            few = COST_OF_FEW_WORDS if self._is_short_with_links(post, together) else _COST_OF_FEW_WORDS_ABOVE_LINKS
        plan = _NOTHING.behind(post, cost=COST_OF_POST + few, unevenness=self._unevenness(together))
        return _Option(plan, post, self._beside(above, GAP + self._frame.below))

    def _is_short_with_links(self, post: Stretch, size: int) -> bool:
        return is_short(self._layout.cut(post) + GAP + self._frame.below, size)

    def _posts(self, first: int, *, above: int) -> Iterator[tuple[int, Stretch, int]]:
        """Yield the piece after each post that may begin at a piece, the post, and its size with what is above."""
        size = above - self._pieces[first].gap if self._pieces else 0
        for after in range(first + 1, len(self._pieces) + 1):
            last = self._pieces[after - 1]
            size += last.gap + last.size
            if size > self._frame.note.limit and after > first + 1:
                return
            yield after, Stretch(self._pieces[first].stretch.start, last.stretch.end), size

    def _beside(self, *texts: str) -> Measure:
        taken = "".join(texts)
        return self._frame.note.reduced(self._frame.measure.length(taken), in_bytes=len(taken.encode()))

    def _unevenness(self, size: int) -> float:
        room = 1 - size / self._frame.note.limit
        return COST_OF_ROOM_LEFT * room * room
