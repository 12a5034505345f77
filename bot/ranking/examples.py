"""What the trainer learns from: papers with what became of them, and when. Plain values, no I/O."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.domain.errors import PermanentError
from bot.domain.papers import ArxivId, Paper


class TrainingError(PermanentError):
    """There is nothing to learn from, or nothing to learn with."""


class Label(StrEnum):
    """What became of a paper in a channel."""

    PICK = "pick"
    RELATED = "related"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    UNLABELLED = "unlabelled"

    @property
    def wanted(self) -> bool:
        """Say whether a curator, or another curated list, chose such papers."""
        return self in {Label.PICK, Label.RELATED, Label.APPROVED}


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper and the day on which arXiv announced it first."""

    paper: Paper
    day: date


@dataclass(frozen=True, slots=True)
class Named:
    """A paper that somebody chose: a curator's pick, or an entry of another curated list; ``day`` when it is known."""

    arxiv_id: ArxivId
    title: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A paper, announced on ``day``, with its label, known since ``decided``; ``reason`` is why it was rejected."""

    paper: Paper
    day: date
    label: Label = Label.UNLABELLED
    decided: date | None = None
    reason: str | None = None

    @property
    def known_since(self) -> date:
        """Return the day since which the label is known."""
        return self.decided or self.day

    def as_of(self, until: date | None) -> "Example | None":
        """Return what was known at the end of a day: None for a later paper, no label where it was decided later."""
        if until is None:
            return self
        if self.day > until:
            return None
        if self.known_since > until:
            return Example(self.paper, self.day)
        return self
