"""Who is told: the curators whose DID is known, and the channel's addresses."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from bot.curation.context import Context
from bot.domain.channels import Channel
from bot.domain.curators import Curator, Role
from bot.domain.text import sanitize
from bot.interfaces.views.digest import Decide, by_answer, by_command
from bot.platforms.alerts import harmless
from bot.store import messages
from bot.store.message_tables import MessageService


@dataclass(frozen=True, slots=True)
class Recipient:
    """A curator, or an address, which has no role and cannot answer."""

    service: MessageService
    name: str
    curator: Curator | None = None

    @property
    def decides(self) -> bool:
        """Say whether who reads it there can do something about it."""
        return self.curator is None or self.curator.role.includes(Role.CURATOR)

    @property
    def operates(self) -> bool:
        """Say whether it is an operator."""
        return self.curator is not None and self.curator.role is Role.OPERATOR

    @property
    def way(self) -> Decide:
        """Return what says how to decide there."""
        return by_command if self.curator is None else by_answer(self.curator.role)

    @property
    def clean(self) -> Callable[[str], str]:
        """Return what makes strangers' words harmless there."""
        return harmless if self.service is MessageService.APPRISE else sanitize


def recipients(channel: Channel, *, dids: Mapping[str, str], addresses: Collection[str]) -> list[Recipient]:
    """Return everybody who can be told something: curators in the order of the file, then the addresses."""
    known = ((item, _did(item, dids)) for item in channel.curators)
    people = [Recipient(MessageService.BLUESKY, did, curator) for curator, did in known if did]
    return [*people, *(Recipient(MessageService.APPRISE, name) for name in addresses)]


def not_told(session: Session, context: Context, key: str, people: Collection[Recipient]) -> list[Recipient]:
    """Return those who have no message of that key yet."""
    told = messages.planned_for(session, channel=context.channel.name, key=key)
    return [person for person in people if (person.service, person.name) not in told]


def plan(
    session: Session, context: Context, person: Recipient, *, key: str, text: str, about: str | None = None
) -> bool:
    """Plan a message of one part; say whether it is new."""
    return messages.plan(
        session,
        channel=context.channel.name,
        service=person.service,
        recipient=person.name,
        key=key,
        parts=[text],
        about=about,
        now=context.now,
    )


def _did(curator: Curator, dids: Mapping[str, str]) -> str | None:
    return curator.account if curator.account.startswith("did:") else dids.get(curator.account)
