"""Which weights a channel has now: those it learned itself, else the shipped ones, else none but its words.

Learned weights are stored in the database, because several workers share them and files may not outlive a process.
Parsed weights are kept as long as they are the channel's. This module never trains and imports nothing heavy.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final

import structlog
from sqlmodel import Session, col, select

from bot.domain.channel_sections import Ranking, ShippedWeights
from bot.domain.channels import Channel
from bot.ranking.model import WORDS_ALONE, Model, ModelError, load_default, parse
from bot.ranking.ranker import Ranker
from bot.store.learning_tables import WeightsRow

_log = structlog.get_logger(__name__)


class Origin(StrEnum):
    """Where a channel's weights come from."""

    OWN = "own"
    SHIPPED = "shipped"
    WORDS = "words"


@dataclass(frozen=True)
class ChannelWeights:
    """A channel's ranking rules with the weights that it has now."""

    ranking: Ranking
    origin: Origin
    model: Model
    digest: str = ""
    trained_at: datetime | None = None

    @cached_property
    def ranker(self) -> Ranker:
        """Return what scores papers."""
        return Ranker(self.ranking, self.model)


def weights_of(session: Session, channel: Channel) -> ChannelWeights:
    """Return the weights of a channel; those that this version cannot read are logged and not used."""
    own = _kept.of(session, channel.name)
    if own is not None and own.model is not None:
        return ChannelWeights(channel.ranking, Origin.OWN, own.model, own.digest, own.trained_at)
    return first_weights(channel)


def base_of(session: Session, channel: Channel) -> tuple[Model, str | None]:
    """Return the weights on which a channel's training builds, and why not on those from files if that is so.

    Weights that were trained from files for the channel come before those that it began with, if this version can read
    them.
    """
    own = session.exec(select(WeightsRow.base).where(WeightsRow.channel == channel.name)).first()
    if own is None:
        return first_weights(channel).model, None
    try:
        return parse(own, source=f"what {channel.name} learned from files"), None
    except ModelError as error:
        _log.warning("weights from files not built on", channel=channel.name, reason=str(error))
        return first_weights(channel).model, f"{error} --listings FILE --picks FILE; until then nothing builds on it"


def unreadable(session: Session, channel: Channel) -> bool:
    """Say whether the channel has learned weights that this version cannot read, so that they must be learned anew."""
    own = _kept.of(session, channel.name)
    return own is not None and own.model is None


def first_weights(channel: Channel) -> ChannelWeights:
    """Return the weights that a channel begins with, before it has learned anything itself."""
    match channel.ranking.weights:
        case ShippedWeights.INTERPRETABILITY:
            model, digest = _shipped()
            return ChannelWeights(channel.ranking, Origin.SHIPPED, model, digest)
        case ShippedWeights.NONE:
            return ChannelWeights(channel.ranking, Origin.WORDS, WORDS_ALONE)


@lru_cache(maxsize=1)
def _shipped() -> tuple[Model, str]:
    model = load_default()
    return model, model.digest


@dataclass(frozen=True, slots=True)
class _Own:
    """What a channel has learned itself; the model is None where this version cannot read it."""

    digest: str
    trained_at: datetime
    model: Model | None


class _Kept:
    """The parsed weights of each channel, as long as they are the stored ones: to parse them takes half a second."""

    def __init__(self) -> None:
        self._own: dict[str, _Own] = {}

    def of(self, session: Session, channel: str) -> _Own | None:
        query = select(col(WeightsRow.digest), col(WeightsRow.trained_at)).where(WeightsRow.channel == channel)
        stored = session.exec(query).first()
        if stored is None:
            return None
        known = self._own.get(channel)
        if known is not None and (known.digest, known.trained_at) == tuple(stored):
            return known
        return self._read(session, channel)

    def _read(self, session: Session, channel: str) -> _Own | None:
        # All of the row at once: another process may have replaced it since.
        row = session.get(WeightsRow, channel)
        if row is None:
            return None
        own = self._own[channel] = _Own(row.digest, row.trained_at, _parsed(row))
        session.expunge(row)
        return own


_kept: Final = _Kept()


def _parsed(row: WeightsRow) -> Model | None:
    try:
        model = parse(row.content, source=f"the stored weights of {row.channel}")
    except ModelError as error:
        _log.warning("learned weights not used", channel=row.channel, reason=str(error))
        return None
    if model.digest != row.digest:
        _log.warning("learned weights not used", channel=row.channel, reason="they are others than their row says")
        return None
    return model
