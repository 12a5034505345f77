"""One event is handled: exactly once, whatever is interrupted.

1. Find out whom the conversation is with; that may ask the service, before any transaction.
2. Understand the event: ``understanding``. Of strangers nothing is understood.
3. Carry it out step by step: ``performing``. The first commit of a step also stores that it is done.
4. In one transaction store that the event is handled, and plan the answer.

A crash before the commit of 3 leaves nothing: the event comes again. A crash between 3 and 4 leaves the step, and the
event comes again: then only the answer is missing, and is made of what stands in the database. A fault of the program
becomes an answer too: one message must not keep the next ones from being read.
"""

from collections.abc import Sequence
from datetime import UTC
from typing import Final

import structlog
from sqlmodel import Session, col, func, select

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.chat import rendering
from bot.interfaces.chat.helping import GROUPS, STRANGER
from bot.interfaces.chat.mouth import Mouth, Standing
from bot.interfaces.chat.performing import Spoken, perform
from bot.interfaces.chat.splitting import split
from bot.interfaces.chat.understanding import understand
from bot.platforms.direct_messages import Event, EventKind, NoConvoError
from bot.store import chat, messages
from bot.store.chat import HandledElsewhereError
from bot.store.chat_tables import ChatConvo
from bot.store.database import DatabaseBusyError, DatabaseError
from bot.store.message_tables import Message, MessageService

_log = structlog.get_logger(__name__)

MOST_STRANGERS: Final = 30
"""So many strangers get their line on one day: more would look like spam, and the account could be lost."""

_FAULT: Final = (
    "That failed by a fault of the program, which its log describes. A part of it may be done: "
    "look with show or status."
)


def handle(mouth: Mouth, event: Event) -> bool:
    """Handle an event and say whether a curator wrote it; raises HandledElsewhereError when somebody else did."""
    if event.kind is EventKind.OTHER or event.sender in {"", mouth.account}:
        return False
    convo = _convo(mouth, event.convo_id)
    with mouth.database.reading() as session:
        standings = mouth.standings(session, event.sender)
        done = chat.steps_done(session, mouth.account, event.rev, name=event.name)
        repeated = event.kind is EventKind.MESSAGE and chat.was_handled(session, mouth.account, event.message_id)
    if convo is None or repeated:
        return False
    if not standings:
        _note_stranger(mouth, event, in_group=not convo.did)
        return False
    if not convo.did:
        _say_once(mouth, event, standings[0])
        return False
    _answer(mouth, event, standings, done=done)
    return event.kind is EventKind.MESSAGE


def _answer(mouth: Mouth, event: Event, standings: Sequence[Standing], *, done: int) -> None:
    """Do what a curator wants, and plan the answer."""
    channel, spoken = _carry_out(mouth, event, standings, done=done)
    with mouth.database.transaction() as session:
        _end(session, mouth, event)
        for number, item in enumerate(spoken, 1):
            _plan(session, mouth, event, item, number=number, channel=channel.name)
    if spoken:
        _log.info("message answered", channel=channel.name, by=standings[0].curator.name, kind=event.kind.value)


def _carry_out(mouth: Mouth, event: Event, standings: Sequence[Standing], *, done: int) -> tuple[Channel, list[Spoken]]:
    """Do what an event means, and return on which channel, and what is answered."""
    channel = standings[0].channel
    try:
        with mouth.database.reading() as session:
            wish = understand(session, event, standings, now=mouth.clock())
        if wish is None:
            return channel, []
        channel = wish.standing.channel
        return channel, perform(mouth, event, wish, done=done)
    except (DatabaseError, DatabaseBusyError, HandledElsewhereError):
        raise
    except PicksError as error:
        return channel, [Spoken(rendering.tidy(rendering.said(str(error))))]
    except Exception as error:  # noqa: BLE001  # the boundary: see above
        _log.error("message not handled", channel=channel.name, by=standings[0].curator.name, exc_info=error)
        return channel, [Spoken(_FAULT)]


def _end(session: Session, mouth: Mouth, event: Event) -> None:
    chat.note_end(session, mouth.account, event.rev)
    chat.note_writable(session, mouth.account, event.sender, channels=mouth.channel_names)
    if event.kind is EventKind.MESSAGE:
        chat.note_handled(session, mouth.account, event.message_id, now=mouth.clock())


def _plan(session: Session, mouth: Mouth, event: Event, spoken: Spoken, *, number: int, channel: str) -> None:
    """Plan one of the answers; the key makes it the only one to this event and step."""
    name = f"{event.rev} {number}"
    key = f"card {name}" if spoken.card else chat.answer_key(name)
    messages.plan(
        session,
        channel=channel,
        service=MessageService.BLUESKY,
        recipient=event.sender,
        key=chat.ask_key(spoken.about or "") if spoken.asks else key,
        parts=split(spoken.text),
        about=spoken.about,
        now=mouth.clock(),
    )


def _convo(mouth: Mouth, convo_id: str) -> ChatConvo | None:
    """Return the conversation of an event, None where it is not there any more."""
    with mouth.database.reading() as session:
        known = session.get(ChatConvo, (mouth.account, convo_id))
    if known is not None:
        return known
    try:
        found = mouth.messages.convo(convo_id)
    except NoConvoError as error:
        _log.warning("no such conversation", reason=str(error))
        return None
    did = "" if found.is_group or len(found.others) != 1 else found.others[0]
    with mouth.database.transaction() as session:
        chat.keep_convo(session, mouth.account, convo_id, did=did, accepted=found.accepted)
    return ChatConvo(account_id=mouth.account, convo_id=convo_id, did=did, accepted=found.accepted)


def _note_stranger(mouth: Mouth, event: Event, *, in_group: bool) -> None:
    """Handle what a stranger did: nothing of it is run, and one line a day says so, outside of groups."""
    now = mouth.clock()
    today = chat.polite_key(now.astimezone(UTC).date())
    with mouth.database.transaction() as session:
        chat.note_end(session, mouth.account, event.rev)
        told = (
            select(func.count())
            .select_from(Message)
            .where(col(Message.channel).in_(mouth.channel_names), Message.key == today)
        )
        if event.kind is EventKind.MESSAGE and not in_group and session.exec(told).one() < MOST_STRANGERS:
            messages.plan(
                session,
                channel=mouth.channel_names[0],
                service=MessageService.BLUESKY,
                recipient=event.sender,
                key=today,
                parts=[STRANGER],
                now=now,
            )


def _say_once(mouth: Mouth, event: Event, standing: Standing) -> None:
    """Tell a curator who writes in a group, once for all, that nothing is done there."""
    with mouth.database.transaction() as session:
        chat.note_end(session, mouth.account, event.rev)
        messages.plan(
            session,
            channel=standing.channel.name,
            service=MessageService.BLUESKY,
            recipient=event.sender,
            key="groups",
            parts=[GROUPS],
            now=mouth.clock(),
        )
