"""What a command says of itself while it works, on standard error: a line that moves, or one now and then in a log."""

import sys
import time
from types import TracebackType
from typing import Final, Self

from rich.text import Text

from bot.interfaces.cli import terminal

_SECONDS: Final = 5.0  # between two lines where no terminal shows the first one moving


class Progress:
    """The state of a long piece of work, in words."""

    def __init__(self) -> None:
        self._status = terminal.make_console(stderr=True).status("") if sys.stderr.isatty() else None
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if self._status:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status:
            self._status.stop()

    def say(self, words: str) -> None:
        """Show what is being done now."""
        if self._status:
            self._status.update(Text(words))
        elif time.monotonic() - self._said >= _SECONDS:
            self._said = time.monotonic()
            terminal.mention(words)
