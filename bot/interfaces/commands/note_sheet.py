"""What an editor starts with: the note, and below it, in lines that are left out again, what it is about.

For every mouth that has an editor. Titles, names and abstracts are strangers' text: they stand in comment lines alone,
and never become a part of the note.
"""

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.domain.text import sanitize

if TYPE_CHECKING:
    from bot.curation.context import Context
    from bot.interfaces.views.candidates import Shown

_MARKS: Final = ("#", ";", "%", "//", "--", "##")
"""What a comment line may begin with; the first one that begins no line of the note."""

_WIDTH: Final = 78
_AUTHORS: Final = 12


@dataclass(frozen=True, slots=True)
class Sheet:
    """The text for the editor; ``seen`` is the note in it, and ``mark`` begins the lines that are left out."""

    seen: str
    mark: str
    text: str

    def written(self, text: str) -> str:
        """Return the note in what came back from the editor: all lines but those of the mark alone, or mark and blank.

        A line that begins with a hashtag, such as ``#NLP``, is a line of the note.
        """
        lines = text.replace("\r\n", "\n").split("\n")
        return "\n".join(line for line in lines if not _is_comment(line, self.mark)).strip("\n")


def note_sheet(context: "Context", paper: str) -> Sheet:
    """Return the sheet for a paper's note; raise UnknownPaperError when the ID names nothing."""
    from bot.curation.decisions import draft_note
    from bot.interfaces.views import candidates as views

    seen = draft_note(context, paper)
    shown = views.show(context.database, context.channel, paper)
    mark = _mark_for(seen)
    about = _about(shown, limit=context.channel.thread.note_limit, mark=mark)
    comments = "\n".join(f"{mark} {line}".rstrip() for line in about)
    return Sheet(seen, mark, f"{seen}\n\n{comments}\n")


def _mark_for(note: str) -> str:
    lines = note.split("\n")
    unused = (mark for mark in _MARKS if not any(_is_comment(line, mark) for line in lines))
    return next(unused, _MARKS[-1])


def _is_comment(line: str, mark: str) -> bool:
    return line.rstrip() == mark or line.startswith(f"{mark} ")


def _about(shown: "Shown", *, limit: int, mark: str) -> Iterator[str]:
    """Yield the lines that say what the note is about, and the rules."""
    more = len(shown.authors) - _AUTHORS
    people = ", ".join(shown.authors[:_AUTHORS]) + (f" and {more} more" if more > 0 else "")
    for part in (shown.title, people, shown.url):
        yield from _wrapped(part)
    yield ""
    yield from _wrapped(shown.abstract)
    yield ""
    yield from _wrapped(
        f"At most {limit} characters. Lines that begin with {mark!r} and a blank are left out; a hashtag such as #NLP "
        "stays. Leave without saving, and nothing is changed."
    )


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(sanitize(text), _WIDTH, break_long_words=False, break_on_hyphens=False)
