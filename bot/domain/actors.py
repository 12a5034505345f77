"""Who does something: a curator, or the machine itself. A value that the logs keep."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides, and through which mouth: ``shell``, ``chat``, or ``worker`` for the machine itself."""

    name: str
    mouth: str


WORKER: Final = Actor("worker", "worker")
"""The machine itself, for what the clock does."""
