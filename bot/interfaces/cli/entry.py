"""Where ``picks`` begins, before anything is loaded that takes time."""

import gc
import sys
from typing import Final, NoReturn

from bot.interfaces.cli import interrupts, streams

_NEW_OBJECTS: Final = 50_000
"""Between two searches for garbage: loading modules makes many objects and hardly any garbage."""


def main() -> NoReturn:
    """Run the command line and end the process with its exit code."""
    interrupts.end_at_once()
    streams.occupy()
    gc.set_threshold(_NEW_OBJECTS)
    try:
        from bot.interfaces.cli.program import run

        code = run()
        interrupts.finish()
    finally:
        interrupts.end_if_interrupted()
    gc.freeze()  # the last search for garbage, at the very end, would take longer than many a command
    sys.exit(code)
