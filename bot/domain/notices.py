"""What a channel file may say of the digest and of the notices to curators."""

from datetime import time
from typing import Annotated, Self

from pydantic import Field, Strict, field_validator, model_validator

from bot.domain.channel_sections import Section


class Notices(Section):
    """When the digest goes out, and what else curators are told.

    ``not_before`` and ``wait_until`` are local times of the channel: no digest goes out before the first, and from the
    second on none waits any longer for a feed. ``reminder_hours`` are those before an empty slot, 0 for no reminder.
    ``picks`` says whether curators are told what became of what they approved.
    """

    digest: Annotated[bool, Strict()] = True
    not_before: time = time(7)
    wait_until: time = time(9)
    reminder_hours: Annotated[float, Strict(), Field(ge=0, le=24, allow_inf_nan=False)] = 2.0
    picks: Annotated[bool, Strict()] = True

    @field_validator("not_before", "wait_until")
    @classmethod
    def _local_time(cls, moment: time) -> time:
        if moment.tzinfo or moment.second or moment.microsecond:
            raise ValueError("it is a local time such as '07:00', without seconds or zone")
        return moment

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.wait_until < self.not_before:
            raise ValueError(
                f"wait_until, {self.wait_until:%H:%M}, is earlier than not_before, {self.not_before:%H:%M}: "
                "both are times of one day"
            )
        return self
