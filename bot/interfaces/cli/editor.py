"""The person's own editor, on a text of theirs. What they saved is never thrown away before it was taken over."""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.errors import PicksError
from bot.interfaces.cli import interrupts
from bot.interfaces.commands.note_sheet import Sheet


@contextmanager
def edited(sheet: Sheet) -> Iterator[str]:
    """Give the note that a person makes of the sheet in their editor.

    Raises PicksError when they leave without saving, or without a word where there was none before. Where the block
    ends with an error the file is kept, with their own words alone, and a PicksError names it.
    """
    command = _command()
    file = _lay_out(sheet.text)
    _run(command, file)
    text = sheet.written(_read(file))
    if not text.strip() and not sheet.seen:
        shutil.rmtree(file.parent)
        raise PicksError("the note is empty: nothing is changed")
    try:
        yield text
    except PicksError as error:
        file.write_text(text, "utf-8")
        raise PicksError(f"{error}; your text is kept in {file}") from error
    shutil.rmtree(file.parent)


def _command() -> list[str]:
    given = os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip() or "vi"
    try:
        return shlex.split(given)
    except ValueError as error:
        raise PicksError(f"cannot read the editor's name {given!r} ({error}); mend EDITOR or VISUAL") from error


def _lay_out(text: str) -> Path:
    try:
        file = Path(tempfile.mkdtemp(prefix="picks-")) / "note.txt"
        file.write_text(text, "utf-8")
    except OSError as error:
        raise PicksError(
            f"cannot make a file for the editor: {error.strerror}; set TMPDIR to another folder"
        ) from error
    os.utime(file, ns=(0, 0))  # a clock may stand still while a script is quick; this one shows every saving
    return file


def _run(command: list[str], file: Path) -> None:
    """Wait for the editor; raise PicksError where it could not start, saved nothing, or ended with an error."""
    try:
        with interrupts.for_the_child():
            left = subprocess.run([*command, str(file)], check=False).returncode  # noqa: S603  # the person's own editor
    except OSError as error:
        shutil.rmtree(file.parent)
        raise PicksError(f"cannot start the editor {command[0]!r}: {error.strerror}; set EDITOR") from error
    if not file.exists() or file.stat().st_mtime_ns == 0:
        shutil.rmtree(file.parent)
        if left == -signal.SIGINT:
            raise KeyboardInterrupt
        raise PicksError("the note was not saved in the editor: nothing is changed")
    if left != 0:
        raise PicksError(f"the editor ended with an error: nothing is changed; your text is kept in {file}")


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise PicksError(f"the file is not text in UTF-8; your text is kept in {file}") from error
