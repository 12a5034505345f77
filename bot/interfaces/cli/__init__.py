"""The shell's mouth: ``picks``.

It owns how commands look on the command line and nothing of what they do: the curator's verbs come from ``commands``,
the operator's commands call the use cases. ``entry`` is loaded first, ``program`` knows all commands by name, and
what a command works with is imported when it runs: help, completion and wrong usage load no database.
"""

from bot.interfaces.cli.entry import main

__all__ = ["main"]
