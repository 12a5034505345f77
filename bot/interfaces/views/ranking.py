"""What people ask to see of the ranking, as plain JSON data: one score explained whole, and what a channel has learned.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable
from typing import Any

from sqlmodel import Session

from bot.curation.context import locate
from bot.domain.channels import Channel
from bot.intake.versions import first_texts
from bot.intake.weights import ChannelWeights, weights_of
from bot.interfaces.views.values import iso
from bot.ranking.explanation import explain
from bot.ranking.ranker import WORDS_ALONE
from bot.ranking.score import Part
from bot.store.database import Database
from bot.store.tables import TrainingState

Json = dict[str, Any]


def why(database: Database, channel: Channel, text: str) -> Json:
    """Return one paper's score by the weights of this moment with all its parts; ``offered`` is the one it got then.

    The paper is scored by the text with which it was announced, as when the day's queue was chosen. Raises
    UnknownPaperError when the ID names nothing.
    """
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        channel_weights = weights_of(session, channel)
        [first] = first_texts(session, [paper])
    found = explain(first, channel.ranking, channel_weights.model)
    learned, of_channel = found.totals
    return {
        "id": candidate.id if candidate else None,
        "arxiv_id": paper.arxiv_id,
        "title": first.title,
        "score": found.score.value,
        "threshold": channel.queue.threshold,
        "excluded": found.score.excluded,
        "log_odds": round(found.score.log_odds, 3),
        "base": round(found.score.base, 3),
        "learned": {"total": round(learned, 3), "parts": _parts(found.learned)},
        "channel": {"total": round(of_channel, 3), "parts": _parts(found.channel)},
        "knee": _calibration(channel_weights)["knee"],
        "above": _calibration(channel_weights)["above"],
        "weights": weights(channel_weights),
        "offered": candidate.score if candidate else None,
    }


def learning(session: Session, channel: Channel) -> Json:
    """Return which weights a channel has, and why its last training came to nothing if it did."""
    lesson = session.get(TrainingState, channel.name) or TrainingState(channel=channel.name)
    return {**weights(weights_of(session, channel)), "tried_at": iso(lesson.tried_at), "error": lesson.error}


def weights(channel_weights: ChannelWeights) -> Json:
    """Return where a channel's weights come from and what they were learned from."""
    model = channel_weights.model
    return {
        "origin": str(channel_weights.origin),
        "digest": channel_weights.digest or None,
        "trained_at": iso(channel_weights.trained_at),
        "trained_until": model.trained_until.isoformat() if model else None,
        "data": model.data.model_dump() if model else None,
    }


def _calibration(channel_weights: ChannelWeights) -> Json:
    return (channel_weights.model.calibration if channel_weights.model else WORDS_ALONE).model_dump()


def _parts(parts: Iterable[Part]) -> list[Json]:
    return [{"label": part.label, "weight": round(part.weight, 3)} for part in parts]
