"""The command line as a whole: all commands, and what becomes of an error."""

import errno
import os
import sys
from contextlib import suppress
from typing import Final

from typer.main import get_command

from bot.domain.errors import PicksError
from bot.interfaces.cli import environment_file, root, terminal
from bot.interfaces.cli.invocation import exit_code
from bot.interfaces.cli.lean import make_lean
from bot.interfaces.cli.options import cli

# isort: split
from bot.interfaces.cli import desk, verbs

# isort: split
from bot.interfaces.cli import people_commands, sharing_commands

# isort: split
from bot.interfaces.cli import operating

__all__ = ["cli", "desk", "operating", "people_commands", "root", "run", "sharing_commands", "verbs"]

_OUTPUT_LOST: Final = {errno.ENOSPC, errno.EBADF}
"""A full disk, and a standard output that the caller has closed."""


def run() -> int:
    """Carry out the words of the command line; return the exit code."""
    try:
        terminal.prepare(sys.argv[1:])
        if "_PICKS_COMPLETE" in os.environ:  # no command runs that would read the file
            with suppress(PicksError):
                environment_file.load(None)
        make_lean(get_command(cli))()
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):  # a reader that has seen enough, such as head
            terminal.give_up_output()
            return 0
        if end.code is not None and not isinstance(end.code, int):
            raise
        return end.code or 0
    except PicksError as error:
        terminal.complain(error)
        return exit_code(error)
    except PermissionError as error:
        if error.filename is None:
            raise
        terminal.complain(PicksError(f"{error.filename} is closed to this user: let it in, or name another place"))
        return 1
    except OSError as error:
        if error.errno not in _OUTPUT_LOST:
            raise
        terminal.complain(terminal.cannot_write(error))
    return 1
