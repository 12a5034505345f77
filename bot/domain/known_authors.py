"""Which authors of a paper are people whom the bot knows.

Names are compared as everywhere: without case and accents. A name is no proof of a person, so whatever leaves a doubt
is said, and nobody is mentioned for it: an initial, a middle name that only one of the two has, a name that stands
twice.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.people import Person
from bot.domain.ranking_entries import name_key


@dataclass(frozen=True, slots=True)
class KnownAuthor:
    """An author, by the name that the paper has, and who it is."""

    author: str
    person: Person


@dataclass(frozen=True, slots=True)
class DoubtfulAuthor:
    """An author who may be one of these people, and why that is not sure."""

    author: str
    people: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Acquainted:
    """Whom the bot knows among the authors of a paper, in the order of the paper."""

    known: tuple[KnownAuthor, ...] = ()
    doubtful: tuple[DoubtfulAuthor, ...] = ()


def known_authors(authors: Sequence[str], people: Sequence[Person]) -> Acquainted:
    """Find the people among the authors."""
    keys = Counter(map(name_key, authors))
    by_key = {person.key: person for person in people}
    known: list[KnownAuthor] = []
    doubtful: list[DoubtfulAuthor] = []
    for author in authors:
        key = name_key(author)
        same, alike = by_key.get(key), [person for person in people if _may_be(key, person.key)]
        if same is None and not alike:
            continue
        names = tuple(person.name for person in ([same] if same else []) + alike)
        if why := _doubt(author, key, same, alike, times=keys[key]):
            doubtful.append(DoubtfulAuthor(author, names, why))
        elif same is not None:
            known.append(KnownAuthor(author, same))
    return Acquainted(tuple(known), tuple(dict.fromkeys(doubtful)))


def _doubt(author: str, key: str, same: Person | None, alike: Sequence[Person], *, times: int) -> str:
    """Return why it is not sure who an author is, empty when it is."""
    if times > 1:
        return f"{times} authors of the paper are called {author}"
    if same is None:
        return "the names differ in a given name or an initial"
    if alike and len(_given(key)[0]) == 1:
        return "the initial fits several people"
    return ""


def _may_be(key: str, other: str) -> bool:
    """Say whether two different names may be one person's: the same family name, and first names that agree."""
    if key == other or _family(key) != _family(other):
        return False
    first, theirs = _first_given(key), _first_given(other)
    short, long = sorted((first, theirs), key=len)
    return first == theirs or (len(short) == 1 and long.startswith(short))


def _parts(key: str) -> list[str]:
    return key.replace(".", " ").split() or [key]


def _family(key: str) -> str:
    return _parts(key)[-1]


def _given(key: str) -> list[str]:
    return _parts(key)[:-1] or [key]


def _first_given(key: str) -> str:
    """Return the first given name; of a double name, which some write with a hyphen, its first half."""
    return _given(key)[0].partition("-")[0]
