"""The shell's mouth: ``picks``.

It owns how commands look on the command line and nothing of what they do: the curator's verbs come from ``commands``,
the operator's commands call the use cases. What takes long to load (Alembic, the platforms' libraries) is imported when
a command runs.
"""

import errno
import sys

from bot.domain.errors import PicksError
from bot.interfaces.cli import (  # importing a module adds its commands, and the help lists them in this order
    root,
    terminal,
    verbs,
)
from bot.interfaces.cli.options import cli

# isort: split
from bot.interfaces.cli import intake, sending

# isort: split
from bot.interfaces.cli import judging, learning

# isort: split
from bot.interfaces.cli import running

__all__ = ["cli", "intake", "judging", "learning", "main", "root", "running", "sending", "verbs"]


def main() -> None:
    """Run the command line."""
    try:
        terminal.prepare(sys.argv[1:])
        cli()
    except PicksError as error:
        terminal.complain(error)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        terminal.complain(terminal.cannot_write(error))
        sys.exit(1)
