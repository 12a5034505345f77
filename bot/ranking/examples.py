"""What the trainer learns from: papers with what became of them, and when. Plain values, no I/O."""

import calendar
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.papers import ArxivId, Paper
from bot.ranking.listings import Listed, Named


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


_LATE: Final = timedelta(days=31)
"""So long after the month that its id names a paper may be announced; of those listed as new in 2024 none was later."""


def from_lists(
    listed: Iterable[Listed], *, picks: Sequence[Named], related: Sequence[Named] = (), until: date | None = None
) -> Iterator[Example]:
    """Yield every listed paper with its label, then the picks that no listing holds, which teach by their titles.

    A list says what was chosen and not when, so a paper counts as chosen on the day it was announced. A pick without a
    day is taken for announced at the end of the month that its arXiv id names, and left out where it may have been
    announced after ``until`` or the last listed day: weights must not know a title of the days they are judged on.
    """
    chosen = {**dict.fromkeys((named.arxiv_id for named in related), Label.RELATED)}
    chosen.update(dict.fromkeys((named.arxiv_id for named in picks), Label.PICK))
    seen: set[ArxivId] = set()
    known_until = date.min
    for item in listed:
        known_until = max(known_until, item.day)
        if item.paper.arxiv_id not in seen:
            seen.add(item.paper.arxiv_id)
            yield Example(item.paper, item.day, chosen.get(item.paper.arxiv_id, Label.UNLABELLED))
    limit = min(until or date.max, known_until if seen else date.max)
    for named in picks:
        day = named.day or _end_of_month(named.arxiv_id)
        certain = named.day is not None or day + _LATE <= limit
        if named.arxiv_id not in seen and named.title and certain:
            yield Example(Paper(named.arxiv_id, 1, named.title, "", (), ()), day, Label.PICK)


def _end_of_month(arxiv_id: ArxivId) -> date:
    digits = arxiv_id.value.rpartition("/")[2][:4]
    year, month = int(digits[:2]), int(digits[2:])
    year += 1900 if year > 90 else 2000  # noqa: PLR2004 - arXiv opened in August 1991
    return date(year, month, calendar.monthrange(year, month)[1])
