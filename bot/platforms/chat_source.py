"""Whose messages a worker reads."""

from collections.abc import Callable, Sequence
from functools import cached_property

from bot.domain.channels import Channel
from bot.platforms.direct_messages import DirectMessages


class ChatSource:
    """An account whose messages are read, and the channels that have curators and post as it."""

    def __init__(self, handle: str, channels: Sequence[Channel], make: Callable[[], DirectMessages]) -> None:
        self.handle = handle
        self.channels = channels
        self._make = make

    @cached_property
    def messages(self) -> DirectMessages:
        """Return what reads and sends; its library loads slowly, so not before it must."""
        return self._make()
