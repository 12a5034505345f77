"""What came of a training, and of taking over earlier picks.

The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.curation.training_job import ImportReport
from bot.ranking.model import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """New weights: ``file`` is None where the channel keeps them, ``weights`` and ``authors`` are numbers of them."""

    file: str | None
    digest: str
    created: date
    trained_until: date
    data: Mapping[str, int]
    weights: int
    authors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Picks taken over; ``errors`` are the entries that were left out, in words."""

    channel: str
    named: int
    new: int
    known: int
    errors: tuple[str, ...]


def trained(model: Model, file: Path | None) -> Trained:
    """Return what a training has made."""
    return Trained(
        file=str(file) if file else None,
        digest=model.digest,
        created=model.created,
        trained_until=model.trained_until,
        data=model.data.model_dump(),
        weights=len(model.vocabulary),
        authors=len(model.authors),
    )


def imported(channel: str, report: ImportReport) -> Imported:
    """Return what an import has brought."""
    return Imported(
        channel=channel,
        named=report.named,
        new=report.new,
        known=report.named - report.new,
        errors=tuple(str(error) for error in report.wrong),
    )
