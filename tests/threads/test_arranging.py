"""The posts that are chosen, beside all that could be: notes of few sentences, so that every choice can be tried."""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.threads.arranging import GAP, Frame, arrange
from bot.threads.measure import Measure
from bot.threads.splitting import Layout, is_short

LIMIT = 200
MEASURE = Measure(len, LIMIT)
BELOW = ["", "#tag #tags", "Paper: https://example.org/paper-of-today", "Paper: https://example.org/" + "a" * 80]

Groups = tuple[tuple[int, int], ...]
"""Which sentences stand in which post, from the first one to the one after the last; equal ones where none do."""


def sentence(length: int) -> str:
    """Return a sentence of so many characters that nothing but its end may break."""
    return ("Word" + " word" * length)[: length - 1].rstrip().ljust(length - 1, "d") + "."


def choices(count: int, *, has_links: bool) -> Iterator[Groups]:
    """Yield every way to share sentences out: none or some in the first post, links below the last or alone."""
    for cuts in product((False, True), repeat=max(count - 1, 0)):
        edges = [0, *(place for place, cut in enumerate(cuts, 1) if cut), count]
        groups = tuple(pairwise(edges)) if count else ()
        for first, last in product((False, True), (False, True) if has_links else (False,)):
            chosen = ((0, 0),) * first + groups + ((count, count),) * last
            if chosen:
                yield chosen


class Trial:
    """A note between words above and below it."""

    def __init__(self, sizes: Sequence[int], above: str, below: str) -> None:
        self.sentences, self.above, self.below = [sentence(size) for size in sizes], above, below
        self.note = " ".join(self.sentences)

    def words(self, groups: Groups) -> list[str]:
        """Return the note's part of each post."""
        return [" ".join(self.sentences[start:end]) for start, end in groups]

    def posts(self, words: Sequence[str]) -> list[str]:
        """Return the whole posts around the note's parts."""
        above = [self.above, *[""] * (len(words) - 1)]
        below = [*[""] * (len(words) - 1), self.below]
        return [GAP.join(filter(None, parts)) for parts in zip(above, words, below, strict=True)]

    def rank(self, words: Sequence[str]) -> tuple[int, int, bool]:
        """Return how many posts have a few words alone, how many there are, and whether the first has no note."""
        whole = self.posts(words)
        few = [is_short(post, len(post)) for post in whole[1:]]
        if len(words) > 1 and not words[-1]:
            few[-1] = len(self.below) < 40  # links are words that readers do not count
        return sum(few), len(words), bool(self.note and not words[0])

    def place(self, words: Sequence[str]) -> tuple[object, ...]:
        """Return what is chosen before evenness: what the first post has, and what stands above the links."""
        last = words[-1]
        return self.rank(words), len(words[0]), not last, is_short(last, len(last)) and len(words) > 1

    def unevenness(self, words: Sequence[str]) -> float:
        return sum((1 - len(post) / LIMIT) ** 2 for post in self.posts(words)[1:])


SIZES = st.lists(st.sampled_from([12, 25, 45, 90, 140]), max_size=6)


@given(SIZES, st.sampled_from([30, 90, 150, 198]).map(sentence), st.sampled_from(BELOW))
@settings(deadline=None, max_examples=150)
def test_no_other_choice_has_fewer_posts_a_hook_where_this_has_none_or_evener_posts(
    sizes: list[int], above: str, below: str
) -> None:
    trial = Trial(sizes, above, below)
    chosen = arrange(Layout(trial.note, MEASURE), Frame(MEASURE, MEASURE, above, below)).posts
    ours = [trial.note[post.start : post.end] for post in chosen]
    all_words = [trial.words(groups) for groups in choices(len(sizes), has_links=bool(below))]
    fitting = [words for words in all_words if all(map(MEASURE.fits, trial.posts(words)))]
    assert ours in fitting
    assert trial.rank(ours) == min(map(trial.rank, fitting))
    alike = [trial.unevenness(words) for words in fitting if trial.place(words) == trial.place(ours)]
    assert trial.unevenness(ours) <= min(alike) + 1e-9
