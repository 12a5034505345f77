"""The parts of an author's name, as bibliographies want them.

arXiv writes names as people say them, "Ludwig van Beethoven"; who sorts by family names needs the parts. A team is one
name that must not be taken apart. This module reads names and never writes them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_SUFFIX: Final = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV", re.IGNORECASE)
_TEAM: Final = re.compile(
    r"\b(?:teams?|collaborations?|consortium|groups?|projects?|labs?|laboratory|initiative|community|institute|"
    r"universit(?:y|à|é|ät)|foundation|inc|llc|gmbh|authors|contributors|workshop|alliance|(?-i:AI))\b",
    re.IGNORECASE,
)
_NO_PERSON: Final = re.compile(r"[()\[\]{}:;&/@\\]|\d|\band\b|\bet al\b")


@dataclass(frozen=True, slots=True)
class Name:
    """A name; ``particle`` is what stands before the family name and does not count in its order, such as "van".

    A team, and a person of one name, has nothing but ``literal``.
    """

    literal: str
    given: str = ""
    particle: str = ""
    family: str = ""
    suffix: str = ""

    @property
    def is_person(self) -> bool:
        """Say whether the parts are known."""
        return bool(self.family)

    @property
    def sorted(self) -> str:
        """Return the name with the family name first, as catalogues write it."""
        if not self.is_person:
            return self.literal
        family = f"{self.particle} {self.family}".strip()
        return ", ".join(part for part in (family, self.suffix, self.given) if part)


def split_name(name: str) -> Name:
    """Return the parts of a name; what cannot be a person's stays whole."""
    whole = " ".join(name.split())
    if _NO_PERSON.search(whole) or _TEAM.search(whole):
        return Name(whole)
    family, comma, given = whole.partition(", ")
    if comma and not _SUFFIX.fullmatch(given):
        return Name(whole, *_parted(given, family.split()))
    words, suffix = whole.replace(",", "").split(), ""
    if len(words) > 2 and _SUFFIX.fullmatch(words[-1]):  # noqa: PLR2004 - a given name, a family name, and the suffix
        suffix = words.pop()
    if len(words) < 2:  # noqa: PLR2004
        return Name(whole)
    start = _family_start(words)
    given, particle, family = _parted(" ".join(words[:start]), words[start:])
    return Name(whole, given, particle, family, suffix)


def _family_start(words: Sequence[str]) -> int:
    """Return where the family name begins: with its particles, which are written small, else with the last word."""
    small = (place for place in range(1, len(words) - 1) if words[place][0].islower())
    return next(small, len(words) - 1)


def _parted(given: str, family: Sequence[str]) -> tuple[str, str, str]:
    """Return given name, particles and family name."""
    place = next((place for place, word in enumerate(family) if not word[0].islower()), len(family) - 1)
    return given, " ".join(family[:place]), " ".join(family[place:])
