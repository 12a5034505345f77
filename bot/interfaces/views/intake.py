"""What came in with one ``picks fetch``.

The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.intake.backfill import BackfillReport
from bot.intake.ingest import BatchReport


@dataclass(frozen=True, slots=True)
class FetchReport:
    """A row a batch, a row a day asked of the API, how many papers joined each channel's queue, and what went wrong."""

    batches: tuple[BatchReport, ...]
    backfilled: tuple[BackfillReport, ...]
    queued: Mapping[str, int]
    errors: tuple[str, ...]


def intake(
    batches: Iterable[BatchReport],
    *,
    queued: Mapping[str, int],
    errors: Sequence[str] = (),
    backfilled: Iterable[BackfillReport] = (),
) -> FetchReport:
    """Return what came in."""
    return FetchReport(tuple(batches), tuple(backfilled), queued, tuple(errors))
