"""What a ranker says of a paper: a probability and its parts in words. Plain values; nothing here computes a score."""

from dataclasses import dataclass
from typing import Final

REST: Final = "other words"
"""The key of the part that sums up what is too small to tell apart."""

_REASONS: Final = 6
_TELLING: Final = 0.3
_WORTH_SAYING: Final = 0.05  # what a part must weigh not to read "+0.0"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, in log-odds: +0.7 doubles the odds that the paper is picked.

    ``key`` says which parts are about the same thing, for instance a word of the channel and one that was learned.
    """

    weight: float
    label: str
    key: str = ""

    @property
    def is_phrase(self) -> bool:
        """Say whether the part is about words of the paper: not an author, a category, a decision or the rest."""
        return self.key != REST and ":" not in self.key

    @property
    def speaks_for(self) -> bool:
        """Say whether the part raises the odds by a third or more."""
        return self.weight >= _TELLING

    def __str__(self) -> str:
        return f"{self.label} {self.weight:+.1f}"


@dataclass(frozen=True, slots=True)
class Score:
    """How likely it is that a paper is picked.

    ``value`` is that probability. ``log_odds`` is the sum of ``base``, which every paper has, and of the ``parts``,
    the weightiest first. ``excluded`` names the channel file's entry that rules the paper out; its value is 0 then.
    ``always`` names the author because of whom the channel shows the paper whatever its score.
    """

    value: float
    log_odds: float
    base: float
    parts: tuple[Part, ...]
    excluded: str | None = None
    always: str | None = None

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return a handful of parts in words, the weightiest first."""
        if self.excluded is not None:
            return (f"excluded: {self.excluded}",)
        always = () if self.always is None else (f"always shown: {self.always}",)
        told = (part for part in self.parts if part.key != REST and abs(part.weight) >= _WORTH_SAYING)
        return (*always, *map(str, told))[:_REASONS]
