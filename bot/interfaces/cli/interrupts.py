"""What Ctrl-C does: it ends the program with exit code 130 and without a word, at any moment.

- At the start the process ends at once. Nothing is open yet, and an exception in the middle of an import would be
  printed or swallowed by whoever imports.
- While a command works, Ctrl-C is a KeyboardInterrupt: the command puts away what it made, such as a child process, a
  folder or a hidden cursor. The process ends at once at a second Ctrl-C, and after a second in any case: SQLite that
  waits for a lock and the resolver that looks up a name do not hear an exception.
- A program that the command has started and waits for, such as an editor, has Ctrl-C for itself.

The transactions of a process that ended at once are rolled back by the database. SIGINT that was ignored from the
start, as in the background of a script, stays ignored.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Final, NoReturn

from bot.interfaces.cli.entry import INTERRUPTED, end_at_once

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_SECONDS: Final = 1.0  # what a command has for putting away


def unwind() -> None:
    """Let Ctrl-C be a KeyboardInterrupt from now on; do nothing in a program that has its own mind about SIGINT."""
    if signal.getsignal(signal.SIGINT) is not end_at_once:
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    threading.Thread(target=_watch, args=(reader,), daemon=True).start()
    sys.unraisablehook = _report
    signal.signal(signal.SIGINT, _interrupt)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)


def end_if_interrupted() -> None:
    """End the process if a command was interrupted, whatever it made of the exception."""
    if signal.getsignal(signal.SIGINT) is _end_again:
        os._exit(INTERRUPTED)


def hand_over() -> None:
    """Leave SIGINT to whoever installs a handler next."""
    signal.set_wakeup_fd(-1)


@contextmanager
def for_the_child() -> Iterator[None]:
    """Leave Ctrl-C to a child process that has the terminal meanwhile."""
    if signal.getsignal(signal.SIGINT) is not _interrupt:
        yield
        return
    watched = signal.set_wakeup_fd(-1)
    # Not SIG_IGN: the child would inherit that.
    signal.signal(signal.SIGINT, _leave_it)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, _interrupt)
        signal.set_wakeup_fd(watched, warn_on_full_buffer=False)


def finish() -> None:
    """Let Ctrl-C change nothing any more: all is done, and the process is ending with an exit code of its own."""
    if signal.getsignal(signal.SIGINT) is not _end_again:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_again(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(INTERRUPTED)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    signal.signal(signal.SIGINT, _end_again)
    raise KeyboardInterrupt


def _leave_it(_number: int, _frame: FrameType | None) -> None:
    pass


def _watch(reader: int) -> NoReturn:
    """End the process a while after SIGINT came, whatever the main thread waits for."""
    while os.read(reader, 1) != bytes([signal.SIGINT]):
        pass
    time.sleep(_SECONDS)
    os._exit(INTERRUPTED)


def _report(problem: "UnraisableHookArgs") -> None:
    """Report an exception that cannot be raised, as Python does; an interrupt among them is ``_watch``'s business."""
    if not issubclass(problem.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(problem)
