"""Play a curator who starts from the words of a channel file alone, to see how soon learning pays.

A day is judged before anything of it is learned, so no weights are judged on a day that they have seen.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.curation.evaluation import Material, scorer
from bot.curation.training_job import FIRST_PICKS
from bot.curation.training_process import load_trainer
from bot.domain.channel_sections import Ranking
from bot.domain.papers import ArxivId, Paper
from bot.ranking.backtest import Progress, Ranked, Scorer, judge, ranks_of, silent
from bot.ranking.examples import Example, Label
from bot.ranking.model import WORDS_ALONE

Trainer = Callable[[Sequence[Example], date], Scorer]

_UNLABELLED: Final = 8_000
_EVERY: Final = 4  # days with an approval between two trainings


@dataclass(frozen=True, slots=True)
class SimulatedDay:
    """One day of a simulated curator, judged before its decisions were learned from.

    ``picked`` counts all picks until then; ``ranks`` are those of the day's picks and related papers.
    """

    day: date
    picked: int
    ranks: tuple[Ranked, ...]


def play(
    material: Material, ranking: Ranking | None, *, every: int = _EVERY, progress: Progress
) -> tuple[list[SimulatedDay], tuple[Ranked, ...]]:
    """Play the curator; return each day that has a chosen paper, and the ranks by the channel's words alone.

    Weights are trained anew after every ``every``-th day with a pick. Raises BacktestError when there is nothing to
    judge, TrainingError when scikit-learn is missing.
    """
    train = load_trainer()

    def teach(examples: Sequence[Example], day: date) -> Scorer:
        return scorer(ranking, train(_newest(examples), until=day, ranking=ranking, base=WORDS_ALONE))

    start = scorer(ranking, WORDS_ALONE)
    picks, related = material.picks, material.related
    alone = judge(material.days, start, picks=picks, related=related)
    days = learn(material.days, teach, start, picks=picks, related=related, every=every, progress=progress)
    return list(days), alone


def _newest(examples: Sequence[Example]) -> list[Example]:
    """Return all decisions with the newest of the other papers: many trainings on all of them take an hour."""
    others = [example for example in examples if example.label is Label.UNLABELLED][-_UNLABELLED:]
    return [*others, *(example for example in examples if example.label is not Label.UNLABELLED)]


def learn(
    days: Mapping[date, Sequence[Paper]],
    train: Trainer,
    start: Scorer,
    *,
    picks: Collection[ArxivId],
    related: Collection[ArxivId] = (),
    shown: int = 10,
    every: int = 1,
    least: int = FIRST_PICKS,
    progress: Progress = silent,
) -> Iterator[SimulatedDay]:
    """Play a curator day by day, and yield each day that has a chosen paper.

    The curator is shown the ``shown`` best papers of each day, approves those of them that were picked in truth and
    rejects the others; a pick that was not shown is found in another way and approved too. After days with an approval,
    every ``every``-th time, ``train`` makes a new scorer from all that was decided until then, as soon as there are
    ``least`` picks.
    """
    labels = {**dict.fromkeys(related, Label.RELATED), **dict.fromkeys(picks, Label.PICK)}
    wanted = frozenset(picks)
    decided: list[Example] = []
    score, approving, picked = start, 0, 0
    for day, papers in sorted(days.items()):
        if any(paper.arxiv_id in labels for paper in papers):
            progress(day)
            yield SimulatedDay(day, picked, tuple(ranks_of(day, papers, score, labels)))
        best = sorted(papers, key=lambda paper: (-score(paper), paper.arxiv_id))[:shown]
        decided.extend(_decide(day, papers, {paper.arxiv_id for paper in best}, wanted))
        today = sum(paper.arxiv_id in wanted for paper in papers)
        picked += today
        if today:
            approving += 1
            if approving % every == 0 and picked >= least:
                score = train(tuple(decided), day)


def _decide(
    day: date, papers: Sequence[Paper], shown: Collection[ArxivId], wanted: Collection[ArxivId]
) -> Iterator[Example]:
    for paper in papers:
        if paper.arxiv_id in wanted:
            yield Example(paper, day, Label.APPROVED)
        else:
            yield Example(paper, day, Label.REJECTED if paper.arxiv_id in shown else Label.UNLABELLED)
