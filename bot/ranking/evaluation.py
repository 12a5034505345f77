"""Judge a ranker on days that stand in files, or play a curator who starts from nothing.

Reads the files, chooses who scores, and puts the figures together; ``ranking.backtest`` works them out. It never
touches the database, and never lets weights be judged on a day that they have seen.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from bot.domain.channels import Ranking
from bot.domain.errors import PicksError
from bot.domain.papers import ArxivId, Paper
from bot.ranking.backtest import Progress, Ranked, Scorer, by_day, judge, learn
from bot.ranking.backtest_report import Backtest, KnownWeights, Simulation, learning_curve, report, simulation
from bot.ranking.examples import Example, Label
from bot.ranking.keywords import WordRanker
from bot.ranking.listings import Listed, read_listings, read_named
from bot.ranking.model import DEFAULT, Model, load, load_default
from bot.ranking.ranker import Ranker
from bot.ranking.training import train

SHIPPED: Final = "default"
WORDS: Final = "words"

_NO_WORDS: Final = Ranking.model_construct()
_EXCLUDED: Final = -1_000.0  # behind every other paper; no sum of weights comes near
_UNLABELLED: Final = 8_000
_EVERY: Final = 4  # days with an approval between two trainings


@dataclass(frozen=True, slots=True)
class Material:
    """The papers of each day and what was chosen of them; ``unlisted`` were chosen and stand in no listing."""

    days: Mapping[date, Sequence[Paper]]
    picks: frozenset[ArxivId]
    related: frozenset[ArxivId]
    unlisted: tuple[ArxivId, ...]

    @property
    def judged(self) -> tuple[date, ...]:
        """Return the days that have a chosen paper."""
        chosen = self.picks | self.related
        return tuple(day for day, papers in self.days.items() if any(paper.arxiv_id in chosen for paper in papers))


@dataclass(frozen=True, slots=True)
class Judge:
    """Who scores, in words and as a function; ``model`` is None where the channel's words judge alone."""

    name: str
    score: Scorer
    model: Model | None = None

    @property
    def trained_until(self) -> date | None:
        """Return the last day that the weights have seen."""
        return self.model.trained_until if self.model else None


def read(
    listings: Sequence[Path],
    *,
    picks: Path,
    related: Path | None = None,
    first: date | None = None,
    last: date | None = None,
    opened: Callable[[Path], None] = lambda _: None,
) -> Material:
    """Read listings and what was chosen, and keep the days from ``first`` to ``last``.

    ``opened`` is told of every file before it is read. Raises ListingError naming file and line, and PicksError when
    the days are turned around, or when no paper was chosen or listed.
    """
    if first and last and first > last:
        raise PicksError(f"--from {first} is later than --to {last}; turn them around")
    chosen = [item.arxiv_id for item in _named(picks, opened)]
    named = [item.arxiv_id for item in _named(related, opened)] if related else []
    if not chosen and not named:
        raise PicksError(f"{picks} names no paper, so there is nothing to judge; each line names one by its arxiv_id")
    listed = list(_listed(listings, opened))
    present = {item.paper.arxiv_id for item in listed}
    days = by_day(listed, first=first, last=last)
    if not days:
        raise PicksError(_no_days(listed))
    return Material(
        days,
        frozenset(chosen),
        frozenset(named) - frozenset(chosen),
        tuple(sorted({*chosen, *named} - present)),
    )


def _no_days(listed: Sequence[Listed]) -> str:
    if not listed:
        return "the listings hold no new paper; name others"
    first, last = (choose(item.day for item in listed) for choose in (min, max))
    return f"the listings go from {first} to {last}, and no paper was listed on the days that are asked for"


def _named(file: Path, opened: Callable[[Path], None]) -> Iterable[Any]:
    opened(file)
    return read_named(file)


def _listed(files: Sequence[Path], opened: Callable[[Path], None]) -> Iterator[Listed]:
    for file in files:
        opened(file)
        yield from read_listings([file])


def choose(name: str, ranking: Ranking | None) -> Judge:
    """Return who is meant: ``default``, ``words``, or the path of a weights file.

    ``ranking`` is the channel's own, None where no channel is meant. Raises ModelError when the weights cannot be read
    or were changed, and PicksError when there are no words to judge by.
    """
    if name == WORDS:
        if ranking is None:
            raise PicksError("there is no channel file whose words could judge; name its folder with --config")
        return Judge("the channel's words alone", _by_words(ranking))
    model = load_default() if name == SHIPPED else load(Path(name))
    return Judge(f"the shipped {DEFAULT}" if name == SHIPPED else name, _by_weights(ranking, model), model)


def _by_words(ranking: Ranking) -> Scorer:
    channel = WordRanker(ranking)
    return lambda paper: _EXCLUDED if channel.excluded_by(paper) else channel.points(paper)


def _by_weights(ranking: Ranking | None, model: Model | None) -> Scorer:
    ranker = Ranker(ranking or _NO_WORDS, model)
    return lambda paper: max(ranker.log_odds(paper), _EXCLUDED)  # JSON has no infinity


def backtest(material: Material, judged_by: Judge, *, progress: Progress) -> tuple[Backtest, tuple[Ranked, ...]]:
    """Return the figures, and the rank of each chosen paper.

    Raises BacktestError when there is nothing to judge, or when the weights have seen one of the days.
    """
    result = judge(
        material.days,
        judged_by.score,
        picks=material.picks,
        related=material.related,
        trained_until=judged_by.trained_until,
        progress=progress,
    )
    model = judged_by.model
    weights = KnownWeights(model.trained_until, model.digest) if model else None
    return report(result.ranks, material.days, material.unlisted, model=judged_by.name, weights=weights), result.ranks


def play(
    material: Material, ranking: Ranking | None, *, every: int = _EVERY, progress: Progress
) -> tuple[Simulation, tuple[Ranked, ...]]:
    """Play a curator who starts with the channel's words alone; return the learning curve, and all ranks.

    A day is judged before anything of it is learned, and weights are trained anew after every ``every``-th day with a
    pick. Raises BacktestError when there is nothing to judge, TrainingError when scikit-learn is missing.
    """

    def teach(examples: Sequence[Example], day: date) -> Scorer:
        return _by_weights(ranking, train(_newest(examples), created=day, until=day, ranking=ranking))

    start = _by_weights(ranking, None)
    picks, related = material.picks, material.related
    lessons = list(learn(material.days, teach, start, picks=picks, related=related, every=every, progress=progress))
    ranks = tuple(item for lesson in lessons for item in lesson.ranks)
    alone = judge(material.days, start, picks=picks, related=related).ranks
    figures = report(ranks, material.days, material.unlisted, model="a curator who starts from nothing")
    return simulation(figures, learning_curve(lessons, alone)), ranks


def _newest(examples: Sequence[Example]) -> list[Example]:
    """Return all decisions with the newest of the other papers: many trainings on all of them take an hour."""
    others = [example for example in examples if example.label is Label.UNLABELLED][-_UNLABELLED:]
    return [*others, *(example for example in examples if example.label is not Label.UNLABELLED)]


def write_ranks(ranks: Iterable[Ranked], file: Path) -> None:
    """Write one line of JSON a chosen paper; raise PicksError when that cannot be done."""
    lines = "".join(json.dumps(item.as_data()) + "\n" for item in ranks)
    try:
        file.write_text(lines, "utf-8")
    except OSError as error:
        raise PicksError(
            f"cannot write {file}: {error.strerror or error}; name another file for --ranks-out"
        ) from error
