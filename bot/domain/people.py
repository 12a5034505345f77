"""Whom the bot may mention: people by name with their handles, as ``people.toml`` beside the channel files lists them.

The file is read strictly: what is wrong is said with its line. A name is read as those of papers are, so that it can be
found among them. This module never asks whether anybody has a handle.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bot.domain.config_files import PEOPLE_FILE
from bot.domain.errors import PicksError
from bot.domain.handles import HANDLES
from bot.domain.ranking_entries import name as read_name
from bot.domain.ranking_entries import name_key
from bot.domain.text import decoded

_KNOWN: Final = ", ".join(HANDLES)

Lines = Mapping[tuple[str, str | None], int]
"""The line of each person (with None) and of each of their keys."""


class PeopleError(PicksError):
    """The file of people cannot be read, or says something that cannot be."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a handle on at least one platform; ``line`` is where the file names them."""

    name: str
    handles: Mapping[str, str]
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> str:
        """Return what is the same in every spelling of the name."""
        return name_key(self.name)


@dataclass(frozen=True, slots=True)
class Mention:
    """An author of a paper whom a thread mentions on one platform.

    ``author`` is the name as the paper has it. ``account`` is what the platform itself calls the person for good, where
    a mention there needs it.
    """

    author: str
    handle: str
    account: str | None = None


def load_people(folder: Path) -> tuple[Person, ...]:
    """Read the people of a folder, none where it has no such file; raise PeopleError naming the line."""
    file = folder / PEOPLE_FILE
    text = read_file(file)
    return people_in(text, file=file) if text is not None else ()


def read_file(file: Path) -> str | None:
    """Return what a file says, None where there is none; raise PeopleError when it cannot be read."""
    try:
        return decoded(file.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise PeopleError(
            f"cannot read {file}: {error.strerror}; make it readable, or move it away to mention nobody"
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PeopleError(f"{file}, line {line}: it is not in UTF-8; save the file in that encoding") from error


def people_in(text: str, *, file: Path) -> tuple[Person, ...]:
    """Read the text of the file; raise PeopleError naming line and key, the reason and what to write instead."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        if twice := _named_twice(text):
            raise PeopleError(
                f"{file}, line {twice[1]}: {twice[0]} stands there already; keep one of the two"
            ) from error
        raise PeopleError(f'{file} is not valid TOML: {error}; write ["NAME"], and below it bluesky = "…"') from error
    lines = lines_of(text)
    found: dict[str, Person] = {}
    for name, entry in data.items():
        person = _person(name, entry, lines=lines, file=file)
        if other := found.get(person.key):
            raise PeopleError(
                f"{_place(file, lines, name)}: {name} is the same name as {other.name} in line {other.line}; "
                "keep one of the two"
            )
        found[person.key] = person
    return tuple(found.values())


def lines_of(text: str) -> Lines:
    """Return where people and their keys stand: each line that is a header, or a key, is read by itself."""
    found: dict[tuple[str, str | None], int] = {}
    person = ""
    for number, line in enumerate(text.splitlines(), start=1):
        for name, entry in _table(line).items():
            if line.lstrip().startswith("["):
                person = name
                found.setdefault((name, None), number)
            elif person:
                found.setdefault((person, name), number)
            else:
                found.update({(name, key): number for key in (None, *(entry if isinstance(entry, dict) else ()))})
    return found


def _named_twice(text: str) -> tuple[str, int] | None:
    """Return the first name that has a second header, and the line of that: TOML allows one."""
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        for name in _table(line) if line.lstrip().startswith("[") else ():
            if name in seen:
                return name, number
            seen.add(name)
    return None


def _table(line: str) -> dict[str, Any]:
    try:
        return tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return {}  # part of something longer


def _person(name: str, entry: object, *, lines: Lines, file: Path) -> Person:
    if not isinstance(entry, dict):
        raise PeopleError(f'{_place(file, lines, name)}: {name} is no person; write ["{name}"], and handles below it')
    try:
        person = read_name(name)
    except ValueError as error:
        raise PeopleError(f"{_place(file, lines, name)}: {error}") from error
    if not entry:
        raise PeopleError(
            f'{_place(file, lines, name)}: {name} has no handle; write at least one, such as x = "{HANDLES["x"][1]}"'
        )
    handles = {key: _handle(name, key, value, lines=lines, file=file) for key, value in entry.items()}
    return Person(person, handles, lines.get((name, None), 0))


def _handle(name: str, key: str, value: object, *, lines: Lines, file: Path) -> str:
    place = _place(file, lines, name, key)
    if key not in HANDLES:
        raise PeopleError(f"{place}: {name}.{key} is not a known key; known there: {_KNOWN}")
    try:
        return checked_handle(key, value)
    except ValueError as error:
        raise PeopleError(f"{place}: {name}.{key}: {error}, in quotes") from error


def checked_handle(platform: str, value: object) -> str:
    """Return a handle as it is kept; raise ValueError, with an example, when it is none."""
    read, example = HANDLES[platform]
    handle = read(value) if isinstance(value, str) else None
    if handle is None:
        raise ValueError(f"{value!r} is no handle on {platform}; write one such as {example}")
    return handle


def _place(file: Path, lines: Lines, name: str, key: str | None = None) -> str:
    line = lines.get((name, key)) or lines.get((name, None))
    return f"{file}, line {line}" if line else str(file)
