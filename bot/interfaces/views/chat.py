"""How talking with curators goes: whether messages are read, who cannot be written to, and what mends it.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.curation.context import Account
from bot.domain.channels import Channel
from bot.domain.chat import ChatTrouble, Unwritable
from bot.domain.curators import Curator
from bot.domain.posts import Platform
from bot.domain.roles import Role
from bot.domain.waiting import held_until
from bot.store.accounts import identity_of
from bot.store.chat_tables import ChatAccount, ChatPerson, CuratorHandle
from bot.store.curator_handles import did_of, rows_of
from bot.store.message_tables import Message, MessageService, MessageState

_MEND: Final = {
    ChatTrouble.NO_PERMISSION: (
        "make an app password that allows access to direct messages, set BLUESKY_APP_PASSWORD, and start the worker "
        "anew"
    ),
    ChatTrouble.REFUSED: "mend it as the reason says; messages are then read on from where they were left",
    ChatTrouble.RATE_LIMITED: "nothing to do: messages are read on after that time",
    ChatTrouble.UNREACHABLE: "nothing to do while it is short: messages are read on from where they were left",
}
_UNWRITABLE: Final = {
    Unwritable.NOT_FOLLOWED: "lets only accounts write that it follows",
    Unwritable.DISABLED: "takes no messages",
    Unwritable.BLOCKED: "blocks the bot, or is blocked by it",
}
_BEFRIEND: Final = {
    Unwritable.NOT_FOLLOWED: "{name} follows {bot}, or writes to it first",
    Unwritable.DISABLED: (
        "{name} allows messages in the settings of Bluesky's chat; accounts whose age is not assured cannot"
    ),
    Unwritable.BLOCKED: "{name} and {bot} take the block away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCurator:
    """A curator: who that is on Bluesky, and why they cannot decide or be told, with what mends it."""

    name: str
    account: str
    role: Role
    did: str | None
    problem: str | None
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStatus:
    """How talking with a channel's curators goes.

    ``problem`` says why it is off, or does not work now, ``next`` what mends it. ``read_at`` is when messages were read
    last, within a minute. ``waiting`` messages are planned, ``refused`` were given up, the last because of ``error``.
    """

    on: bool
    account: str | None
    problem: str | None
    trouble: ChatTrouble | None
    next: str | None
    read_at: datetime | None
    rests_until: datetime | None
    waiting: int
    refused: int
    error: str | None
    curators: tuple[ChatCurator, ...]

    @property
    def needs_person(self) -> bool:
        """Say whether the account's messages cannot be read until a person mends something."""
        return self.trouble is not None and self.trouble.needs_person


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatCheck:
    """One thing that is well or not: what was looked at, what was found, and what to do."""

    name: str
    ok: bool
    detail: str
    next: str | None


def chat_status(
    session: Session, channel: Channel, accounts: Mapping[Platform, Account], *, now: datetime
) -> ChatStatus:
    """Return how talking with a channel's curators goes."""
    account = accounts.get(Platform.BLUESKY)
    off = _why_off(channel, account)
    key = identity_of(session, Platform.BLUESKY, account.name).key if account and account.name else ""
    row = session.get(ChatAccount, key) if off is None else None
    trouble = row.trouble if row else None
    unheard = "no worker has listened yet" if off is None and (row is None or row.cursor is None) else None
    return ChatStatus(
        on=off is None,
        account=account.name if account else None,
        problem=off[0] if off else (row.error if row and row.error else unheard),
        trouble=trouble,
        next=off[1] if off else (_MEND[trouble] if trouble else ("start picks worker" if unheard else None)),
        read_at=row.read_at if row else None,
        rests_until=held_until(row.rests_until, now=now) if row else None,
        waiting=_count(session, channel, MessageState.PLANNED, MessageState.SENDING),
        refused=_count(session, channel, MessageState.REFUSED),
        error=_last_error(session, channel),
        curators=_curators(session, channel, account_id=key, bot=account.name if account else None),
    )


def chat_checks(data: ChatStatus) -> tuple[ChatCheck, ...]:
    """Return what is well or not with messages: the account, and each curator; nothing where there are no curators."""
    if not data.curators:
        return ()
    well = data.on and data.trouble is None and data.problem is None
    first = ChatCheck(
        name="messages",
        ok=well,
        detail="messages are read and sent" if well else data.problem or "",
        next=None if well else data.next,
    )
    people = (
        ChatCheck(
            name=f"curator {item.name}",
            ok=item.problem is None,
            detail=item.problem or f"{item.role}, {item.did}",
            next=item.next,
        )
        for item in data.curators
    )
    return (first, *people)


def _why_off(channel: Channel, account: Account | None) -> tuple[str, str] | None:
    """Return why nobody is talked with, and what to do; None where somebody is."""
    if not channel.curators:
        return "the channel file lists no curators", "list them under [[curators]]"
    if account is None:
        return "the channel does not post on Bluesky", "add bluesky to posting.platforms"
    return (
        None if account.on else (account.problem, "set BLUESKY_HANDLE and BLUESKY_APP_PASSWORD where the worker runs")
    )


def _curators(session: Session, channel: Channel, *, account_id: str, bot: str | None) -> tuple[ChatCurator, ...]:
    handles = rows_of(session, channel.curators)
    return tuple(
        _curator(session, curator, handles.get(curator.account), account_id=account_id, bot=bot or "the bot")
        for curator in channel.curators
    )


def _curator(
    session: Session, curator: Curator, row: CuratorHandle | None, *, account_id: str, bot: str
) -> ChatCurator:
    did = curator.account if curator.account.startswith("did:") else did_of(row)
    person = session.get(ChatPerson, (account_id, did)) if did else None
    problem, remedy = _handle_problem(curator, row, did)
    if person is not None:
        problem = f"{curator.name} {_UNWRITABLE[person.trouble]}"
        remedy = _BEFRIEND[person.trouble].format(name=curator.name, bot=bot)
    return ChatCurator(
        name=curator.name, account=curator.account, role=curator.role, did=did, problem=problem, next=remedy
    )


def _handle_problem(curator: Curator, row: CuratorHandle | None, did: str | None) -> tuple[str | None, str | None]:
    """Return what is wrong with a handle, and what mends it; nothing while nobody has asked about it."""
    if did is not None or row is None:
        return None, None
    if row.did is None:
        return f"no account has the handle {curator.account}", "correct it in the channel file, or write the DID"
    return (
        f"the handle {curator.account} belongs to another account now, {row.holder}; nobody decides under it",
        f"write the DID of the right person in the channel file: it was {row.did}",
    )


def _count(session: Session, channel: Channel, *states: MessageState) -> int:
    wanted = (Message.channel == channel.name, Message.service == MessageService.BLUESKY)
    return session.exec(select(func.count()).select_from(Message).where(*wanted, col(Message.state).in_(states))).one()


def _last_error(session: Session, channel: Channel) -> str | None:
    wanted = (Message.channel == channel.name, Message.service == MessageService.BLUESKY)
    query = select(Message.error).where(*wanted, Message.state == MessageState.REFUSED)
    return session.exec(query.order_by(col(Message.id).desc()).limit(1)).first()


def cases(data: ChatStatus) -> Iterator[tuple[str, str, str]]:
    """Yield what of this only a person can mend: what it is, why, and what to do."""
    if not data.on:
        return
    if data.needs_person:
        yield f"the messages of {data.account} on Bluesky", data.problem or "", data.next or ""
    for item in data.curators:
        if item.problem:
            yield f"the curator {item.name}", item.problem, item.next or ""
