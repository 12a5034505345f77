"""Judge a ranker on days that stand in files.

Reads the files and chooses who scores; ``ranking.backtest`` works out the ranks. It never touches the database, and
never lets weights be judged on a day that they have seen.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from bot.domain.channel_sections import Ranking
from bot.domain.errors import PicksError
from bot.domain.papers import ArxivId, Paper
from bot.intake.listings import read_listings, read_named
from bot.ranking.backtest import Progress, Ranked, Scorer, by_day, judge
from bot.ranking.examples import Listed
from bot.ranking.model import DEFAULT, WORDS_ALONE, Model, load, load_default
from bot.ranking.ranker import Ranker

SHIPPED: Final = "default"
WORDS: Final = "words"

_NO_WORDS: Final = Ranking.model_construct()
_EXCLUDED: Final = -1_000.0  # behind every other paper; no sum of weights comes near


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
        return Judge("the channel's words alone", scorer(ranking, WORDS_ALONE))
    model = load_default() if name == SHIPPED else load(Path(name))
    return Judge(f"the shipped {DEFAULT}" if name == SHIPPED else name, scorer(ranking, model), model)


def scorer(ranking: Ranking | None, model: Model) -> Scorer:
    """Return a score by weights and a channel's rules, which puts what the channel excludes behind all others."""
    ranker = Ranker(ranking or _NO_WORDS, model)
    return lambda paper: max(ranker.log_odds(paper), _EXCLUDED)  # JSON has no infinity


def backtest(material: Material, judged_by: Judge, *, progress: Progress) -> tuple[Ranked, ...]:
    """Return the rank of each chosen paper.

    Raises BacktestError when there is nothing to judge, or when the weights have seen one of the days.
    """
    return judge(
        material.days,
        judged_by.score,
        picks=material.picks,
        related=material.related,
        trained_until=judged_by.trained_until,
        progress=progress,
    )


def write_ranks(ranks: Iterable[Ranked], file: Path) -> None:
    """Write one line of JSON a chosen paper; raise PicksError when that cannot be done."""
    lines = "".join(json.dumps(_as_data(item)) + "\n" for item in ranks)
    try:
        file.write_text(lines, "utf-8")
    except OSError as error:
        raise PicksError(
            f"cannot write {file}: {error.strerror or error}; name another file for --ranks-out"
        ) from error


def _as_data(item: Ranked) -> dict[str, object]:
    return {
        "arxiv_id": str(item.arxiv_id),
        "day": item.day.isoformat(),
        "label": item.label.value,
        "rank": item.rank,
        "papers": item.papers,
        "score": item.score,
    }
