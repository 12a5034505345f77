"""Where the names of the authors stand in a post that has a line of them.

A name is looked for nowhere else: a title or a note may hold the same words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.threads.heading import byline
from bot.threads.plain import one_line


@dataclass(frozen=True, slots=True)
class PlacedName:
    """An author's name in a post, by its offsets in characters, end excluded; ``index`` counts the visible names."""

    index: int
    start: int
    end: int


def visible_names(authors: Sequence[str]) -> list[str]:
    """Return the names as threads show them; a name of which nothing is visible is left out."""
    return [name for name in map(one_line, authors) if name]


def placed_names(
    text: str, names: Sequence[str], *, authors_shown: int, written: Callable[[str], str] = str
) -> tuple[PlacedName, ...]:
    """Return where the first names stand in the line of authors; none where a post has no such line, or a cut one.

    ``written`` is how the platform writes strangers' text. The first line is never that of the authors.
    """
    start = text.find("\n") + 1
    for line in text.splitlines()[1:]:
        for shown in dict.fromkeys((authors_shown, 1)):
            if line and line == written(byline(names, shown=shown)):
                return tuple(_placed(names[:shown], start, written))
        start += len(line) + 1
    return ()


def _placed(names: Sequence[str], start: int, written: Callable[[str], str]) -> list[PlacedName]:
    found = []
    for index, name in enumerate(names):
        end = start + len(written(name))
        found.append(PlacedName(index, start, end))
        start = end + len(", ")
    return found
