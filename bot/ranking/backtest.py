"""How well a ranker would have done: the rank of each pick among the papers of its day.

Pure: days of papers, what was chosen, and a scorer go in, ranks and figures come out. A scorer is asked about one day
at a time and is never told what was chosen; weights that have seen a day they are judged on are refused.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from bot.domain.errors import PermanentError
from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Label, Listed

Scorer = Callable[[Paper], float]
Progress = Callable[[date], None]


def silent(_: date) -> None:
    """Report no progress."""


class BacktestError(PermanentError):
    """The figures would mean nothing: there is nothing to judge, or the weights have seen it."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """Where one chosen paper came out: ``rank`` from 1, among ``papers`` of its day, with the ranker's ``score``."""

    arxiv_id: ArxivId
    day: date
    label: Label
    rank: int
    papers: int
    score: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures over the ranks of ``n`` papers; a recall is the share in a day's first 5, 10 and 20."""

    n: int
    median_rank: float
    recall_at_5: float
    recall_at_10: float
    recall_at_20: float
    mrr: float

    @classmethod
    def of(cls, ranks: Collection[int]) -> "Figures | None":
        """Return the figures to four places, None when there are no ranks."""
        if not ranks:
            return None
        return cls(
            n=len(ranks),
            median_rank=float(median(ranks)),
            recall_at_5=_recall(ranks, 5),
            recall_at_10=_recall(ranks, 10),
            recall_at_20=_recall(ranks, 20),
            mrr=round(sum(1 / rank for rank in ranks) / len(ranks), 4),
        )


def _recall(ranks: Collection[int], first: int) -> float:
    return round(sum(rank <= first for rank in ranks) / len(ranks), 4)


def by_day(listed: Iterable[Listed], *, first: date | None = None, last: date | None = None) -> dict[date, list[Paper]]:
    """Return the papers of each day, oldest day first; a paper that is listed again stands on its first day alone."""
    days: dict[date, list[Paper]] = {}
    seen: set[ArxivId] = set()
    for item in sorted(listed, key=lambda item: (item.day, item.paper.arxiv_id)):
        if item.paper.arxiv_id in seen:
            continue
        seen.add(item.paper.arxiv_id)
        if (first is None or item.day >= first) and (last is None or item.day <= last):
            days.setdefault(item.day, []).append(item.paper)
    return days


def judge(
    days: Mapping[date, Sequence[Paper]],
    score: Scorer,
    *,
    picks: Collection[ArxivId],
    related: Collection[ArxivId] = (),
    trained_until: date | None = None,
    progress: Progress = silent,
) -> tuple[Ranked, ...]:
    """Return where the chosen papers come out on each day that has one; equal scores are ordered by arXiv id.

    Raises BacktestError when no chosen paper is listed, or when a day is not later than ``trained_until``.
    """
    labels = {**dict.fromkeys(related, Label.RELATED), **dict.fromkeys(picks, Label.PICK)}
    ranks: list[Ranked] = []
    for day, papers in sorted(days.items()):
        if not any(paper.arxiv_id in labels for paper in papers):
            continue
        if trained_until is not None and day <= trained_until:
            raise BacktestError(_seen(day, trained_until))
        progress(day)
        ranks.extend(ranks_of(day, papers, score, labels))
    if not ranks:
        raise BacktestError("no listed paper is a pick or a related paper; name the listings of days that have one")
    return tuple(ranks)


def _seen(day: date, trained_until: date) -> str:
    return (
        f"the weights were trained until {trained_until} and have seen {day}: judge later days (--from), or train on"
        f" earlier ones (picks train --until)"
    )


def ranks_of(day: date, papers: Sequence[Paper], score: Scorer, labels: Mapping[ArxivId, Label]) -> Iterator[Ranked]:
    """Yield where the labelled papers of a day come out, the best first; equal scores are ordered by arXiv id."""
    scores = {paper.arxiv_id: score(paper) for paper in papers}
    order = sorted(scores, key=lambda arxiv_id: (-scores[arxiv_id], arxiv_id))
    for rank, arxiv_id in enumerate(order, start=1):
        if arxiv_id in labels:
            yield Ranked(arxiv_id, day, labels[arxiv_id], rank, len(papers), scores[arxiv_id])
