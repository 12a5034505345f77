"""How words reach the terminal: as wide as it is, in what its encoding can say, in whole lines.

Everything that goes to standard output goes through ``write``, so that a full disk or a reader that has gone is dealt
with once. What is written is none of this module's business.
"""

import codecs
import io
import os
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Final

import typer

from bot.domain.errors import PicksError, UsageError
from bot.domain.text import sanitize

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

_NARROWEST: Final = 40
_PADDING: Final = re.compile(r" +$", re.MULTILINE)


def prepare(words: Sequence[str]) -> None:
    """Make standard output take every character; raise UsageError when a word of the command line is not text.

    Bytes that cannot be decoded arrive as lone surrogates, on the command line as on standard input; see ``is_text``.
    """
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    for word in words:
        if not is_text(word):
            raise UsageError(f"{word!a} on the command line is not text in the terminal's encoding; write it anew")


def is_text(words: str) -> bool:
    """Say whether the words can be stored: lone surrogates cannot."""
    return words.encode(errors="ignore").decode() == words


def speaks_utf8() -> bool:
    """Say whether standard output takes every character as it is."""
    return codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"


def make_console(*, stderr: bool = False) -> "Console":
    """Return a console as wide as the terminal, 80 columns where the output is piped, never too narrow for words."""
    from rich.console import Console

    columns, lines = shutil.get_terminal_size()
    return Console(stderr=stderr, highlight=False, width=max(_NARROWEST, columns), height=lines)


def show(*things: "RenderableType") -> None:
    """Print things below each other, without the blanks with which lines are filled up; strings are no markup."""
    write(rendered(*things))


def rendered(*things: "RenderableType") -> str:
    """Return what ``show`` prints."""
    console = make_console()
    with console.capture() as captured:
        for thing in things:
            console.print(thing, markup=False)
    return _PADDING.sub("", captured.get())


def busy(words: str) -> AbstractContextManager[object]:
    """Show on the terminal, if there is one, that something takes its time."""
    return make_console(stderr=True).status(words) if sys.stderr.isatty() else nullcontext()


def write(text: str) -> None:
    """Write to standard output, at once; a reader that has seen enough, such as head, ends the command.

    Raises PicksError when it cannot be written.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        give_up_output()
        raise typer.Exit(0) from None
    except OSError as error:
        raise cannot_write(error) from error


def cannot_write(error: OSError) -> PicksError:
    """Return what to say of a write that failed; what is still in the buffer is dropped."""
    give_up_output()
    return PicksError(f"cannot write the output: {error.strerror}")


def complain(error: PicksError) -> None:
    """Say in one line on standard error what could not be done."""
    line = " ".join(sanitize(str(error)).splitlines())
    with suppress(OSError):  # where nothing can be said the exit code says it
        sys.stderr.write(f"picks: {line}\n")


def mention(text: str) -> None:
    """Say in one line on standard error what a person should know."""
    complain(PicksError(text))


def give_up_output() -> None:
    """Let whatever is still written to standard output go nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
