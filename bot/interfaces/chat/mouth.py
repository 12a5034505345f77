"""What it takes to talk for one account."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.curation.context import Context
from bot.curation.roles import curator_with
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.curators import Curator
from bot.platforms.direct_messages import DirectMessages
from bot.publishing.sender import Outbox
from bot.store.database import Database

CHAT = "chat"
"""How the log calls this mouth."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Who somebody is on a channel."""

    channel: Channel
    curator: Curator

    @property
    def actor(self) -> Actor:
        """Return who decides, for the log."""
        return Actor(self.curator.name, CHAT)


@dataclass(frozen=True, slots=True)
class Mouth:
    """One account, the channels that have curators and post as it, and the program behind it.

    ``account`` is the account's DID. ``context_for`` and ``outbox_for`` make what verbs work with, for a person.
    """

    account: str
    messages: DirectMessages
    channels: Sequence[Channel]
    database: Database
    context_for: Callable[[Channel, Actor], Context]
    outbox_for: Callable[[Actor], Outbox]
    clock: Callable[[], datetime]
    worker: str

    @property
    def channel_names(self) -> list[str]:
        """Return the names of the channels."""
        return [channel.name for channel in self.channels]

    def standings(self, session: Session, did: str) -> list[Standing]:
        """Return who an account is on each channel; nothing for a stranger."""
        found = ((channel, curator_with(session, channel, did)) for channel in self.channels)
        return [Standing(channel, curator) for channel, curator in found if curator]
