"""Where ``picks`` begins: Ctrl-C and the standard streams are taken care of before anything is loaded.

Loads as little as can be, because Ctrl-C before that is Python's own business.
"""

import gc
import os
import signal
import sys

INTERRUPTED = 130
"""The exit code after Ctrl-C: 128 and the number of SIGINT, as shells have it."""

_NEW_OBJECTS = 50_000
"""Between two searches for garbage: loading modules makes many objects and hardly any garbage."""


def main() -> None:
    """Run the command line and end the process with its exit code."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, end_at_once)
    gc.set_threshold(_NEW_OBJECTS)
    from bot.interfaces.cli import interrupts, streams

    streams.occupy()
    try:
        from bot.interfaces.cli.program import run

        code = run()
        interrupts.finish()
    finally:
        interrupts.end_if_interrupted()
    gc.freeze()  # the last search for garbage, at the very end, would take longer than many a command
    sys.exit(code)


def end_at_once(_number: int, _frame: object) -> None:
    """Answer SIGINT where nothing is to be put away."""
    os._exit(INTERRUPTED)
