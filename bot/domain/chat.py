"""What a channel file may say of messages, what a reaction means, and what can stand between the bot and a person."""

import re
import unicodedata
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, Strict, field_validator, model_validator

from bot.domain.channel_sections import Section, String

_VARIANTS: Final = re.compile("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]")
"""What chooses the looks of an emoji: text or picture, and the colour of the skin."""

_LONGEST: Final = 10  # code points: a family of four with its joiners
_SYMBOLS: Final = frozenset({"So", "Po", "Sk", "Mn", "Cf", "Sm"})


def bare(emoji: str) -> str:
    """Return an emoji without what chooses its looks: every 👍 means the same."""
    return _VARIANTS.sub("", emoji)


class ChatRules(Section):
    """What a reaction to a candidate's card decides; an empty emoji decides nothing.

    ``hold_days`` is how many days a candidate is put aside by a reaction.
    """

    approve: String = "👍"
    reject: String = "👎"
    hold: String = "⏳"
    hold_days: Annotated[int, Strict()] = Field(7, ge=1, le=365)

    @field_validator("approve", "reject", "hold")
    @classmethod
    def _emoji(cls, emoji: str) -> str:
        kinds = {unicodedata.category(char) for char in emoji}
        if emoji and (len(emoji) > _LONGEST or "So" not in kinds or not kinds <= _SYMBOLS):
            raise ValueError(f"{emoji!r} is not an emoji, such as 👍; '' lets no reaction decide this")
        return emoji

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        given = [bare(emoji) for emoji in (self.approve, self.reject, self.hold) if emoji]
        if len(set(given)) < len(given):
            raise ValueError("approve, reject and hold need an emoji each")
        return self

    def meaning(self, emoji: str) -> str | None:
        """Return the verb that a reaction means, None where it means nothing."""
        verbs = {bare(self.approve): "approve", bare(self.reject): "reject", bare(self.hold): "hold"}
        return verbs.get(bare(emoji)) if bare(emoji) else None

    def held_until(self, today: date) -> date:
        """Return until when a reaction of this day puts a candidate aside."""
        return today + timedelta(days=self.hold_days)

    def hint(self, today: date) -> str:
        """Return what a card says of reactions, empty where none decides."""
        ways = [
            f"{self.approve} approve" if self.approve else "",
            f"{self.reject} reject" if self.reject else "",
            f"{self.hold} hold until {self.held_until(today):%a %d %b}" if self.hold else "",
        ]
        return " · ".join(filter(None, ways))


class Unwritable(StrEnum):
    """Why a person cannot be written to: only that person can change it."""

    NOT_FOLLOWED = "not-followed"
    DISABLED = "disabled"
    BLOCKED = "blocked"


class ChatTrouble(StrEnum):
    """Why an account's messages cannot be read or sent now."""

    NO_PERMISSION = "no-permission"
    REFUSED = "refused"
    RATE_LIMITED = "rate-limited"
    UNREACHABLE = "unreachable"

    @property
    def needs_person(self) -> bool:
        """Say whether it stays so until a person mends it."""
        return self in {ChatTrouble.NO_PERMISSION, ChatTrouble.REFUSED}
