"""Which ranker a channel has now: what it learned itself, else the weights that ship, else its words alone.

Learned weights lie in the database, because several workers share them and files may not outlive a process. Parsed
weights are kept as long as they are the channel's. This module never trains and imports nothing heavy.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

import structlog
from sqlmodel import Session, col, select

from bot.channels import Channel, Ranking, ShippedWeights
from bot.ranking.model import Model, ModelError, load_default, parse
from bot.ranking.ranker import Ranker
from bot.store.tables import WeightsRow

_log = structlog.get_logger(__name__)


class Origin(StrEnum):
    """Where a channel's weights come from."""

    OWN = "own"
    SHIPPED = "shipped"
    WORDS = "words"


@dataclass(frozen=True)
class Taste:
    """A channel's ranking rules with the weights that it has now, None while its words are all there is."""

    ranking: Ranking
    origin: Origin
    model: Model | None = None
    digest: str = ""
    trained_at: datetime | None = None

    @cached_property
    def ranker(self) -> Ranker:
        """Return what scores papers."""
        return Ranker(self.ranking, self.model)


def taste_of(session: Session, channel: Channel) -> Taste:
    """Return the taste of a channel; weights that this version cannot read are as good as none, and logged."""
    query = select(col(WeightsRow.digest), col(WeightsRow.trained_at)).where(WeightsRow.channel == channel.name)
    own = session.exec(query).first()
    if own is not None and (model := _kept.of(session, channel.name, digest=own[0])):
        return Taste(channel.ranking, Origin.OWN, model, own[0], own[1])
    return first_taste(channel)


def first_taste(channel: Channel) -> Taste:
    """Return the taste that a channel begins with, before it has learned anything itself."""
    match channel.ranking.weights:
        case ShippedWeights.INTERPRETABILITY:
            model, digest = _shipped()
            return Taste(channel.ranking, Origin.SHIPPED, model, digest)
        case ShippedWeights.NONE:
            return Taste(channel.ranking, Origin.WORDS)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Model, str]:
    model = load_default()
    return model, model.digest


class _Kept:
    """The parsed weights of each channel, as long as they are the stored ones: to parse them takes half a second."""

    def __init__(self) -> None:
        self._models: dict[str, tuple[str, Model]] = {}

    def of(self, session: Session, channel: str, *, digest: str) -> Model | None:
        known = self._models.get(channel)
        if known is not None and known[0] == digest:
            return known[1]
        model = _read(session, channel, digest=digest)
        if model is not None:
            self._models[channel] = (digest, model)
        return model


_kept: Final = _Kept()


def _read(session: Session, channel: str, *, digest: str) -> Model | None:
    content = session.exec(select(WeightsRow.content).where(WeightsRow.channel == channel)).one()
    try:
        model = parse(content, source=f"the stored weights of {channel}")
    except ModelError as error:
        _log.warning("learned weights not used", channel=channel, reason=str(error))
        return None
    if model.digest != digest:
        _log.warning("learned weights not used", channel=channel, reason="they are others than their row says")
        return None
    return model
