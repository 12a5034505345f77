"""How a channel's cards look: the pictures of its picks in link previews and on Bluesky."""

import re
from typing import Final

from pydantic import field_validator

from bot.domain.channel_sections import Section, String

_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


class CardStyle(Section):
    """The channel's ``colour``, and whether the link card of a Bluesky thread shows the picture (``on_bluesky``)."""

    colour: String = "#2456c8"
    on_bluesky: bool = True

    @field_validator("colour")
    @classmethod
    def _red_green_blue(cls, colour: str) -> str:
        if not _COLOUR.fullmatch(colour):
            raise ValueError(f"{colour!r} is no colour: six digits of 0 to 9 and a to f behind #, such as #2456c8")
        return colour.lower()
