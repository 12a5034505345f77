"""What a service of direct messages can do, in one protocol.

Implementations never touch the database, never sleep and never repeat what may have been sent: the caller decides.
What people wrote comes as it is; it is data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.accounts import Identity
from bot.domain.chat import Unwritable
from bot.domain.errors import AccountError, PermanentError, TransientError


class UnwritableError(PermanentError):
    """A person cannot be written to, and only that person can change it."""

    def __init__(self, message: str, kind: Unwritable) -> None:
        super().__init__(message)
        self.kind = kind


class NoPermissionError(AccountError):
    """The account's password does not allow direct messages."""


class RateLimitedError(TransientError):
    """The service has had too many requests, and asks to wait."""


class NoConvoError(PermanentError):
    """There is no such conversation any more."""


class EventKind(StrEnum):
    """What happened: somebody wrote, added a reaction or took one away; ``OTHER`` is whatever we do not act on."""

    MESSAGE = "message"
    REACTION = "reaction"
    REACTION_REMOVED = "reaction-removed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a conversation; ``rev`` orders events.

    ``sender`` wrote or reacted. ``message_id`` is what was written, or reacted to. ``reply_to`` is the message that a
    message answers, ``has_embed`` says that something is attached to it. ``name`` stays when a
    service repeats a message under another ``rev``.
    """

    rev: str
    kind: EventKind
    convo_id: str = ""
    sender: str = ""
    message_id: str = ""
    text: str = ""
    reply_to: str | None = None
    emoji: str = ""
    has_embed: bool = False

    @property
    def name(self) -> str:
        """Return what tells this event from all others."""
        return self.message_id if self.kind is EventKind.MESSAGE and self.message_id else self.rev


@dataclass(frozen=True, slots=True)
class Convo:
    """A conversation: its members apart from ourselves. ``accepted`` says that it is no mere request."""

    id: str
    others: tuple[str, ...]
    is_group: bool
    accepted: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as the service keeps it."""

    id: str
    sender: str
    text: str
    at: datetime


class DirectMessages(Protocol):
    """The direct messages of one account.

    Every call raises TransientError when the service cannot be asked now (AccountError when the account is refused,
    NoPermissionError when its password does not allow messages), and PermanentError when it refuses the request.
    """

    def identify(self) -> Identity:
        """Return who is signed in, with the id that the account keeps whatever it is called."""

    def now(self) -> str:
        """Return the cursor after which comes what has not happened yet."""

    def events(self, cursor: str) -> tuple[Sequence[Event], str]:
        """Return the next events after a cursor, the oldest first, and the cursor behind them; none at the end."""

    def convo(self, convo_id: str) -> Convo:
        """Return a conversation; raise NoConvoError when it is not there."""

    def convo_with(self, did: str) -> Convo:
        """Return the conversation with a person, a new one where there is none; raise UnwritableError."""

    def accept(self, convo_id: str) -> None:
        """Take a request to talk; harmless where it was taken before."""

    def newest(self, convo_id: str, *, since: datetime) -> Sequence[Sent]:
        """Return the messages of a conversation that were sent since a moment, the newest first."""

    def send(self, convo_id: str, text: str) -> Sent:
        """Send a message once.

        Raises UnwritableError, NoConvoError, and UnknownOutcomeError when it may have been sent.
        """

    def mark_read(self, convo_id: str, message_id: str) -> None:
        """Show that a message was read."""

    def holder_of(self, handle: str) -> str | None:
        """Return whose a handle is at this moment, None where it is nobody's."""

    def close(self) -> None:
        """Let go of connections."""
