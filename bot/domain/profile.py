"""What a channel's account shows of itself."""

from pydantic import Field

from bot.domain.channel_sections import Section, String


class Profile(Section):
    """Name, description and avatar; what is left out stays as it is. ``avatar`` is a file beside the channel file."""

    name: String | None = Field(None, min_length=1, max_length=64)
    description: String | None = Field(None, min_length=1, max_length=256)
    avatar: String | None = Field(None, min_length=1)
