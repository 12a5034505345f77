"""What a backtest comes to: the figures of picks and related papers, and those of a learning curve.

Pure: ranks go in, figures come out. The fields are those of the JSON that ``picks backtest`` prints, see
docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from bot.domain.papers import ArxivId, Paper
from bot.ranking.backtest import Figures, Lesson, Ranked, Result
from bot.ranking.examples import Label

_STAGES: Final = (0, 5, 10, 20, 40)  # picks that the simulated curator has made when a row of the curve begins


@dataclass(frozen=True, slots=True)
class KnownWeights:
    """Which weights were judged."""

    trained_until: date
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The figures of the picks and of the related papers, None where there were none."""

    picks: Figures | None
    related: Figures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How good a ranker would have been.

    ``days`` counts those with a chosen paper and ``papers`` those of these days; ``unlisted`` are the chosen papers
    that no listing holds. ``weights`` are None where the channel's words judged alone.
    """

    model: str
    weights: KnownWeights | None
    first_day: date | None
    last_day: date | None
    days: int
    papers: int
    picks: Figures | None
    related: Figures | None
    unlisted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage of the learning curve: how many picks had been made before, at least and at most."""

    picks_before: tuple[int, int | None]
    first_day: date
    picks: Figures | None
    related: Figures | None
    words_alone: Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """How a curator fared who started from nothing: what a backtest has, without weights, and the learning curve."""

    model: str
    first_day: date | None
    last_day: date | None
    days: int
    papers: int
    picks: Figures | None
    related: Figures | None
    unlisted: tuple[str, ...]
    curve: tuple[Stage, ...]


def report(
    ranks: Sequence[Ranked],
    days: Mapping[date, Sequence[Paper]],
    unlisted: Iterable[ArxivId],
    *,
    model: str,
    weights: KnownWeights | None = None,
) -> Backtest:
    """Put the figures of the ranks together; ``days`` are the papers of each day, ``model`` says who judged."""
    judged, by_label = sorted({item.day for item in ranks}), _by_label(ranks)
    return Backtest(
        model=model,
        weights=weights,
        first_day=judged[0] if judged else None,
        last_day=judged[-1] if judged else None,
        days=len(judged),
        papers=sum(len(days[day]) for day in judged),
        picks=by_label.picks,
        related=by_label.related,
        unlisted=tuple(str(arxiv_id) for arxiv_id in unlisted),
    )


def simulation(figures: Backtest, curve: Iterable[Stage]) -> Simulation:
    """Put the figures of a simulated curator and the learning curve together."""
    return Simulation(
        model=figures.model,
        first_day=figures.first_day,
        last_day=figures.last_day,
        days=figures.days,
        papers=figures.papers,
        picks=figures.picks,
        related=figures.related,
        unlisted=figures.unlisted,
        curve=tuple(curve),
    )


def learning_curve(lessons: Sequence[Lesson], alone: Sequence[Ranked]) -> Iterable[Stage]:
    """Yield the figures in stages of how many picks had been made, beside those of the words ``alone``."""
    for low, high in zip(_STAGES, (*_STAGES[1:], None), strict=True):
        stage = [lesson for lesson in lessons if lesson.picked >= low and (high is None or lesson.picked < high)]
        if stage:
            days = {lesson.day for lesson in stage}
            learned = _by_label(item for lesson in stage for item in lesson.ranks)
            yield Stage(
                picks_before=(low, None if high is None else high - 1),
                first_day=stage[0].day,
                picks=learned.picks,
                related=learned.related,
                words_alone=_by_label(item for item in alone if item.day in days),
            )


def _by_label(ranks: Iterable[Ranked]) -> Judged:
    result = Result(tuple(ranks))
    return Judged(picks=result.figures(Label.PICK), related=result.figures(Label.RELATED))
