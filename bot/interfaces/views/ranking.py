"""One score explained whole, and what a channel has learned.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from bot.curation.context import locate
from bot.curation.training_data import Taught, taught_lately
from bot.domain.channels import Channel
from bot.intake.versions import first_texts
from bot.intake.weights import ChannelWeights, Origin, weights_of
from bot.interfaces.views.json import MERGED
from bot.ranking.reasons import by_weight
from bot.ranking.score import Part
from bot.store.database import Database
from bot.store.learning_tables import TrainingState


@dataclass(frozen=True, slots=True)
class PartView:
    """What one feature adds to a score, in log-odds."""

    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class PartsView:
    """One side of a score: its parts and their sum, in log-odds."""

    total: float
    parts: tuple[PartView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsView:
    """Where a channel's weights come from, and how many papers of each kind they were learned from."""

    origin: Origin
    digest: str | None
    trained_at: datetime | None
    trained_until: date | None
    data: Mapping[str, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningStatus:
    """A channel's weights, why its last training came to nothing if it did, and what it learned within the last day."""

    weights: WeightsView = field(metadata=MERGED)
    tried_at: datetime | None
    error: str | None
    taught: Taught | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A score by the weights of this moment with all its parts; ``offered`` is the one that the candidate got then.

    ``base`` and all parts add up to ``log_odds``. ``phrases`` are the words of the paper that speak for it, without
    case and accents.
    """

    id: int | None
    arxiv_id: str
    title: str
    score: float
    threshold: float
    excluded: str | None
    log_odds: float
    base: float
    learned: PartsView
    channel: PartsView
    weights: WeightsView
    offered: float | None
    phrases: tuple[str, ...]


def why(database: Database, channel: Channel, text: str) -> Why:
    """Explain one paper's score.

    The paper is scored by the text with which it was announced, as when the day's queue was chosen. Raises
    UnknownPaperError when the ID names nothing.
    """
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        channel_weights = weights_of(session, channel)
        [first] = first_texts(session, [paper])
    ranker = channel_weights.ranker
    score = ranker.explain(first)
    learned, of_channel = by_weight(ranker.learned_parts(first)), by_weight(ranker.channel_parts(first))
    return Why(
        id=candidate.id if candidate else None,
        arxiv_id=paper.arxiv_id,
        title=first.title,
        score=score.value,
        threshold=channel.queue.threshold,
        excluded=score.excluded,
        log_odds=round(score.log_odds, 3),
        base=round(score.base, 3),
        learned=_parts(learned),
        channel=_parts(of_channel),
        weights=weights(channel_weights),
        offered=candidate.score if candidate else None,
        phrases=tuple(
            dict.fromkeys(part.key for part in (*of_channel, *learned) if part.is_phrase and part.speaks_for)
        ),
    )


def learning(session: Session, channel: Channel, *, now: datetime) -> LearningStatus:
    """Return which weights a channel has, and how its last training ended."""
    lesson = session.get(TrainingState, channel.name) or TrainingState(channel=channel.name)
    return LearningStatus(
        weights=weights(weights_of(session, channel)),
        tried_at=lesson.tried_at,
        error=lesson.error,
        taught=taught_lately(session, channel, now=now),
    )


def weights(channel_weights: ChannelWeights) -> WeightsView:
    """Return where a channel's weights come from and what they were learned from."""
    model, learned = channel_weights.model, channel_weights.origin is not Origin.WORDS
    return WeightsView(
        origin=channel_weights.origin,
        digest=channel_weights.digest or None,
        trained_at=channel_weights.trained_at,
        trained_until=model.trained_until if learned else None,
        data=model.data.model_dump() if learned else None,
    )


def _parts(parts: Sequence[Part]) -> PartsView:
    total = math.fsum(part.weight for part in parts)
    return PartsView(round(total, 3), tuple(PartView(part.label, round(part.weight, 3)) for part in parts))
