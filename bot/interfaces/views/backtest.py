"""What a backtest comes to: the figures of picks and related papers, and those of a learning curve.

The fields are those of the JSON that ``picks backtest`` prints, see
docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from bot.curation.evaluation import Judge, Material
from bot.curation.simulation import SimulatedDay
from bot.interfaces.views.json import MERGED
from bot.ranking.backtest import Figures, Ranked
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
class JudgedDays:
    """Who judged which days, and how good that was.

    ``days`` counts those with a chosen paper and ``papers`` those of these days; ``unlisted`` are the chosen papers
    that no listing holds.
    """

    model: str
    first_day: date | None
    last_day: date | None
    days: int
    papers: int
    picks: Figures | None
    related: Figures | None
    unlisted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How good a ranker would have been; ``weights`` are None where the channel's words judged alone."""

    judged: JudgedDays = field(metadata=MERGED)
    weights: KnownWeights | None


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
    """How a curator fared who started from nothing."""

    judged: JudgedDays = field(metadata=MERGED)
    curve: tuple[Stage, ...]


def backtest(ranks: Sequence[Ranked], material: Material, judge: Judge) -> Backtest:
    """Put the figures of a backtest together."""
    model = judge.model
    weights = KnownWeights(model.trained_until, model.digest) if model else None
    return Backtest(judged=_judged(ranks, material, model=judge.name), weights=weights)


def simulation(played: Sequence[SimulatedDay], alone: Sequence[Ranked], material: Material) -> Simulation:
    """Put the figures of a simulated curator together, beside those of the channel's words ``alone``."""
    ranks = [item for one in played for item in one.ranks]
    return Simulation(
        judged=_judged(ranks, material, model="a curator who starts from nothing"),
        curve=tuple(_curve(played, alone)),
    )


def _judged(ranks: Sequence[Ranked], material: Material, *, model: str) -> JudgedDays:
    days, figures = sorted({item.day for item in ranks}), _by_label(ranks)
    return JudgedDays(
        model=model,
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        days=len(days),
        papers=sum(len(material.days[day]) for day in days),
        picks=figures.picks,
        related=figures.related,
        unlisted=tuple(str(arxiv_id) for arxiv_id in material.unlisted),
    )


def _curve(played: Sequence[SimulatedDay], alone: Sequence[Ranked]) -> Iterable[Stage]:
    """Yield the figures in stages of how many picks had been made."""
    for low, high in zip(_STAGES, (*_STAGES[1:], None), strict=True):
        stage = [one for one in played if one.picked >= low and (high is None or one.picked < high)]
        if stage:
            days = {one.day for one in stage}
            learned = _by_label(item for one in stage for item in one.ranks)
            yield Stage(
                picks_before=(low, None if high is None else high - 1),
                first_day=stage[0].day,
                picks=learned.picks,
                related=learned.related,
                words_alone=_by_label(item for item in alone if item.day in days),
            )


def _by_label(ranks: Iterable[Ranked]) -> Judged:
    found = list(ranks)
    picks, related = ([item.rank for item in found if item.label is label] for label in (Label.PICK, Label.RELATED))
    return Judged(picks=Figures.of(picks), related=Figures.of(related))
