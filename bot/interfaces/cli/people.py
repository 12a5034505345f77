"""The people whom the bot may mention, in the shell: ``picks people``, ``people add`` and ``people find``.

The file is a person's: a new line is put into it, nothing that stands there is changed, and comments stay.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.config_files import PEOPLE_FILE
from bot.domain.errors import PicksError, UsageError
from bot.domain.known_authors import Acquainted, known_authors
from bot.domain.people import Person, checked_handle, load_people, people_in, read_file
from bot.domain.ranking_entries import name as read_name
from bot.domain.ranking_entries import name_key
from bot.domain.text import sanitize
from bot.replacing import replace

if TYPE_CHECKING:
    from bot.interfaces.cli.invocation import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """One person of the file."""

    name: str
    handles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundView:
    """One author who is in the file, or may be: then ``doubt`` says why that is not sure."""

    author: str
    people: tuple[PersonView, ...]
    doubt: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AmongAuthors:
    """Which authors of a paper are in the file; ``mentions`` says whether the channel mentions people."""

    arxiv_id: str
    title: str
    mentions: bool
    found: tuple[FoundView, ...]


def list_people(opened: "Shell") -> None:
    """Show everybody whom the file has."""
    people = load_people(opened.settings.config)
    lines = [f"{person.name}: {_handles(person)}" for person in people]
    opened.say([_view(person) for person in people], "\n".join(lines) or _nobody(opened.settings.config))


def find_people(opened: "Shell", paper: str) -> None:
    """Show who of the file is among the authors of a paper."""
    from bot.curation.context import locate

    channel, people = opened.channel, load_people(opened.settings.config)
    with opened.app.database.reading() as session:
        row, _ = locate(session, channel, paper)
        arxiv_id, title, authors = row.arxiv_id, row.title, tuple(row.authors)
    among = known_authors(authors, people)
    found = AmongAuthors(arxiv_id=arxiv_id, title=title, mentions=channel.thread.mentions, found=_found(among, people))
    opened.say(found, _in_words(found, config=opened.settings.config, anybody=bool(people)))


def add_person(opened: "Shell", name: str, handles: Mapping[str, str | None]) -> None:
    """Write a person, or another handle of one, into the file, after reading the new text as it will be read."""
    given = {platform: _checked(platform, handle) for platform, handle in handles.items() if handle is not None}
    if not given:
        raise UsageError("give at least one handle: --bluesky, --x or --mastodon")
    try:
        person = read_name(name)
    except ValueError as error:
        raise UsageError(str(error)) from error
    file = opened.settings.config / PEOPLE_FILE
    text = read_file(file) or ""
    there = next((item for item in people_in(text, file=file) if item.key == name_key(person)), None)
    news = _news(there, given, file=file)
    shown = there.name if there else person
    if news:
        _write(file, _with(text, there, person, news, file=file), old=text)
    known = next(item for item in load_people(opened.settings.config) if item.key == name_key(person))
    said = f"{shown} is in {file}: {_handles(known)}"
    opened.say(_view(known), said if news else f"nothing changed: {said}")


def _checked(platform: str, handle: str) -> str:
    try:
        return checked_handle(platform, handle)
    except ValueError as error:
        raise UsageError(f"--{platform}: {error}") from error


def _news(there: Person | None, given: Mapping[str, str], *, file: Path) -> dict[str, str]:
    """Return the handles that the file does not have; raise PicksError where it has another one."""
    known = there.handles if there else {}
    for platform, handle in given.items():
        if there and platform in known and known[platform] != handle:
            raise PicksError(
                f"{there.name} is @{known[platform]} on {platform} in {file}, below line {there.line}, and not "
                f"@{handle}; change it there if it is wrong"
            )
    return {platform: handle for platform, handle in given.items() if platform not in known}


def _with(text: str, there: Person | None, name: str, news: Mapping[str, str], *, file: Path) -> str:
    """Return the file's text with new handles: below the line that names the person, else at the end.

    Raises PicksError where that line is no header, so that nothing can stand below it.
    """
    lines = [f"{platform} = {_quoted(handle)}" for platform, handle in news.items()]
    if there is None:
        gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
        return f"{text}{gap}[{_quoted(name)}]\n" + "\n".join(lines) + "\n"
    before = text.splitlines(keepends=True)
    if not before[there.line - 1].lstrip().startswith("["):
        raise PicksError(f"{file}, line {there.line}: {there.name} is no header there; add {', '.join(lines)} by hand")
    return "".join([*before[: there.line], *(f"{line}\n" for line in lines), *before[there.line :]])


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # TOML's basic strings escape as JSON's do


def _write(file: Path, text: str, *, old: str) -> None:
    """Put the new text in the place of the old one at once; raise PicksError where it would not be read as meant."""
    try:
        people_in(text, file=file)
        if (read_file(file) or "") != old:
            raise PicksError(f"{file} was changed by somebody else at this moment; run the command again")
        replace(file, text, mode=file.stat().st_mode if file.exists() else 0o644)
    except OSError as error:
        raise PicksError(f"cannot write {file}: {error.strerror}; make its folder writable") from error


def _found(among: Acquainted, people: Sequence[Person]) -> tuple[FoundView, ...]:
    by_name = {person.name: person for person in people}
    sure = [FoundView(author=item.author, people=(_view(item.person),), doubt=None) for item in among.known]
    doubtful = [
        FoundView(author=item.author, people=tuple(_view(by_name[name]) for name in item.people), doubt=item.why)
        for item in among.doubtful
    ]
    return (*sure, *doubtful)


def _view(person: Person) -> PersonView:
    return PersonView(name=person.name, handles=dict(person.handles))


def _handles(person: Person | PersonView) -> str:
    return ", ".join(f"@{handle} on {platform}" for platform, handle in person.handles.items())


def _nobody(config: Path) -> str:
    return f'{config / PEOPLE_FILE} has nobody; picks people add "Ana Example" --bluesky ana.example.com adds somebody'


def _in_words(shown: AmongAuthors, *, config: Path, anybody: bool) -> str:
    head = f"{shown.arxiv_id}: {' '.join(sanitize(shown.title).split())}"
    if not anybody:
        return f"{head}\n{_nobody(config)}"
    lines = [_line(item) for item in shown.found] or [f"nobody of {config / PEOPLE_FILE} is among its authors"]
    off = [] if shown.mentions else ["the channel mentions nobody; mentions = true under [thread] of its file does"]
    return "\n".join([head, *lines, *off])


def _line(item: FoundView) -> str:
    author = sanitize(item.author)
    if item.doubt is None:
        return f"{author}: {_handles(item.people[0])}"
    return f"{author} may be {' or '.join(person.name for person in item.people)}: {item.doubt}; not mentioned"
