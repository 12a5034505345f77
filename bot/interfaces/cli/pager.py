"""Long output goes through a pager, as git's does: on a terminal alone, and where it does not fit there.

The first screen shows the beginning: the best of a list. ``PICKS_PAGER`` names the pager, else ``PAGER``, else it is
``less``; an empty name, or ``cat``, means none.
"""

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING, Final

from bot.interfaces.cli import interrupts, terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_USUAL: Final = "less"
_HOW: Final = {"LESS": "FRX", "LV": "-c"}
"""As git tells them: end where one screen is enough, obey colours, leave the text on the screen."""


def show(*things: "RenderableType") -> None:
    """Print things below each other, through the pager where the terminal is too small for them."""
    text = terminal.rendered(*things)
    if not (_is_too_long(text) and _through_pager(text)):
        terminal.write(text)


def _is_too_long(text: str) -> bool:
    """Say whether the beginning would be gone before anybody has read it."""
    return (
        sys.stdout.isatty()
        and os.environ.get("TERM", "dumb") != "dumb"
        and text.count("\n") >= shutil.get_terminal_size().lines
    )


def _through_pager(text: str) -> bool:
    """Show the text in the pager until the person leaves it; say False, without a trace, where there is none."""
    import subprocess

    command = _command()
    if not command:
        return False
    with interrupts.for_the_child():
        try:
            child = subprocess.Popen(command, stdin=subprocess.PIPE, env={**_HOW, **os.environ})  # noqa: S603  # the person's own pager
        except OSError as error:
            terminal.mention(f"cannot start the pager {command[0]!r}: {error.strerror}; set PICKS_PAGER or PAGER")
            return False
        child.communicate(text.encode(sys.stdout.encoding, errors="backslashreplace"))
    return True


def _command() -> list[str]:
    named = os.environ.get("PICKS_PAGER", os.environ.get("PAGER"))
    if named is None:
        return [_USUAL] if shutil.which(_USUAL) else []
    try:
        command = shlex.split(named)
    except ValueError as error:
        terminal.mention(f"cannot read the pager's name {named!r} ({error}); mend PICKS_PAGER or PAGER")
        return []
    return [] if command == ["cat"] else command
