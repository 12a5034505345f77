"""What changed between two texts, word by word: pure, for every mouth."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

_WORDS: Final = re.compile(r"\s+|\S+")


class Change(StrEnum):
    """What became of a stretch of words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that stayed, went or came; its ``str`` is as git writes it, so that no colour is needed."""

    change: Change
    words: str

    def __str__(self) -> str:
        before, after = {Change.KEPT: ("", ""), Change.REMOVED: ("[-", "-]"), Change.ADDED: ("{+", "+}")}[self.change]
        return f"{before}{self.words}{after}"


def difference(before: str, after: str) -> tuple[Stretch, ...]:
    """Return the stretches of both texts in order; equal words stand once."""
    return tuple(_stretches(_WORDS.findall(before), _WORDS.findall(after)))


def _stretches(old: list[str], new: list[str]) -> Iterator[Stretch]:
    for tag, start, end, other, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Stretch(Change.KEPT, "".join(old[start:end]))
            continue
        if start < end:
            yield Stretch(Change.REMOVED, "".join(old[start:end]))
        if other < other_end:
            yield Stretch(Change.ADDED, "".join(new[other:other_end]))
