"""How well a ranker would have done: the rank of each pick among the papers of its day, and a learning curve.

Pure: days of papers, what was chosen, and a scorer go in, ranks and figures come out. A scorer is asked about one day
at a time and is never told what was chosen; weights that have seen a day they are judged on are refused.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from bot.domain.errors import PermanentError
from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Example, Label
from bot.ranking.listings import Listed

Scorer = Callable[[Paper], float]
Trainer = Callable[[Sequence[Example], date], Scorer]
Progress = Callable[[date], None]


def _silent(_: date) -> None:
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

    def as_data(self) -> dict[str, object]:
        """Return plain JSON data."""
        return {
            "arxiv_id": str(self.arxiv_id),
            "day": self.day.isoformat(),
            "label": self.label.value,
            "rank": self.rank,
            "papers": self.papers,
            "score": self.score,
        }


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


@dataclass(frozen=True, slots=True)
class Result:
    """The ranks of all chosen papers, by day; ``missing`` were chosen and stand in no listing."""

    ranks: tuple[Ranked, ...]
    missing: tuple[ArxivId, ...] = ()

    def figures(self, label: Label) -> Figures | None:
        """Return the figures of the picks, or of the related papers; None when there were none."""
        return Figures.of([item.rank for item in self.ranks if item.label is label])


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
    progress: Progress = _silent,
) -> Result:
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
        ranks.extend(_rank(day, papers, score, labels))
    if not ranks:
        raise BacktestError("no listed paper is a pick or a related paper; name the listings of days that have one")
    found = {item.arxiv_id for item in ranks}
    return Result(tuple(ranks), tuple(sorted(arxiv_id for arxiv_id in labels if arxiv_id not in found)))


def _seen(day: date, trained_until: date) -> str:
    return (
        f"the weights were trained until {trained_until} and have seen {day}: judge later days (--from), or train on"
        f" earlier ones (picks train --until)"
    )


def _rank(day: date, papers: Sequence[Paper], score: Scorer, labels: Mapping[ArxivId, Label]) -> Iterator[Ranked]:
    scores = {paper.arxiv_id: score(paper) for paper in papers}
    order = sorted(scores, key=lambda arxiv_id: (-scores[arxiv_id], arxiv_id))
    for rank, arxiv_id in enumerate(order, start=1):
        if arxiv_id in labels:
            yield Ranked(arxiv_id, day, labels[arxiv_id], rank, len(papers), scores[arxiv_id])


@dataclass(frozen=True, slots=True)
class Lesson:
    """One day of a simulated curator, judged before its decisions were learned from.

    ``picked`` counts all picks until then; ``ranks`` are those of the day's picks and related papers.
    """

    day: date
    picked: int
    ranks: tuple[Ranked, ...]


def learn(
    days: Mapping[date, Sequence[Paper]],
    train: Trainer,
    start: Scorer,
    *,
    picks: Collection[ArxivId],
    related: Collection[ArxivId] = (),
    shown: int = 10,
    every: int = 1,
    progress: Progress = _silent,
) -> Iterator[Lesson]:
    """Play a curator from an empty start, day by day, and yield each day that has a chosen paper.

    The curator is shown the ``shown`` best papers of each day, approves those of them that were picked in truth and
    rejects the others; a pick that was not shown is found in another way and approved too. After days with an approval,
    every ``every``-th time, ``train`` makes a new scorer from all that was decided until then.
    """
    labels = {**dict.fromkeys(related, Label.RELATED), **dict.fromkeys(picks, Label.PICK)}
    wanted = frozenset(picks)
    decided: list[Example] = []
    score, lessons, picked = start, 0, 0
    for day, papers in sorted(days.items()):
        if any(paper.arxiv_id in labels for paper in papers):
            progress(day)
            yield Lesson(day, picked, tuple(_rank(day, papers, score, labels)))
        best = sorted(papers, key=lambda paper: (-score(paper), paper.arxiv_id))[:shown]
        decided.extend(_decide(day, papers, {paper.arxiv_id for paper in best}, wanted))
        today = sum(paper.arxiv_id in wanted for paper in papers)
        picked += today
        if today:
            lessons += 1
            if lessons % every == 0:
                score = train(tuple(decided), day)


def _decide(
    day: date, papers: Sequence[Paper], shown: Collection[ArxivId], wanted: Collection[ArxivId]
) -> Iterator[Example]:
    for paper in papers:
        if paper.arxiv_id in wanted:
            yield Example(paper, day, Label.APPROVED)
        else:
            yield Example(paper, day, Label.REJECTED if paper.arxiv_id in shown else Label.UNLABELLED)
