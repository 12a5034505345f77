"""How far an account's messages were handled, and with whom it talks: the only code that writes these rows.

Works inside the caller's transaction. An event is handled in steps. Each step is stored in the transaction of what it
did, and so is the end of the event, so that a step is never taken twice and none is left out.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, delete, select, update

from bot.domain.chat import ChatTrouble, Unwritable
from bot.store.chat_tables import ChatAccount, ChatConvo, ChatHandled, ChatPerson
from bot.store.message_tables import Message, MessageService, MessageState

IN_HAND_FOR: Final = timedelta(minutes=2)
"""How long others leave an event alone of which a worker has taken a step."""

_ANSWER: Final = "answer "
_ASK: Final = "ask note "
_POLITE: Final = "stranger "


class HandledElsewhereError(Exception):
    """Another worker has handled the event, or this step of it, meanwhile: nothing is to be done."""


def account_row(session: Session, account_id: str) -> ChatAccount:
    """Return the row of an account, a new one where it has none."""
    row = session.get(ChatAccount, account_id)
    if row is None:
        row = ChatAccount(account_id=account_id)
        session.add(row)
    return row


def listen_from(session: Session, account_id: str, cursor: str, *, now: datetime) -> None:
    """Begin with what comes after the cursor, unless somebody has begun already: to begin anew would skip events."""
    row = account_row(session, account_id)
    if row.cursor is None:
        row.cursor, row.since, row.read_at = cursor, now, now


def steps_done(session: Session, account_id: str, rev: str, *, name: str) -> int:
    """Return how many steps of an event are done; raise HandledElsewhereError when it is handled as a whole.

    ``rev`` is its place in the order, ``name`` what it keeps when the service repeats it in another place.
    """
    row = account_row(session, account_id)
    if row.cursor is not None and row.cursor >= rev:
        raise HandledElsewhereError
    return row.steps if row.begun == name else 0


def note_step(session: Session, account_id: str, rev: str, *, name: str, step: int, worker: str, now: datetime) -> None:
    """Store that a step, counted from 0, is done; raise HandledElsewhereError when it was done before."""
    if steps_done(session, account_id, rev, name=name) > step:
        raise HandledElsewhereError
    row = account_row(session, account_id)
    row.begun, row.steps, row.begun_by, row.begun_at = name, step + 1, worker, now


def is_in_other_hands(row: ChatAccount, *, worker: str, now: datetime) -> bool:
    """Say whether another worker took a step of an event a moment ago, and so will end it."""
    if row.begun is None or row.begun_at is None or row.begun_by == worker:
        return False
    return abs(now - row.begun_at) < IN_HAND_FOR


def note_end(session: Session, account_id: str, rev: str) -> None:
    """Store that an event is handled as a whole; raise HandledElsewhereError when it was before."""
    row = account_row(session, account_id)
    if row.cursor is not None and row.cursor >= rev:
        raise HandledElsewhereError
    row.cursor, row.begun, row.steps, row.begun_by, row.begun_at = rev, None, 0, None, None


def was_handled(session: Session, account_id: str, message_id: str) -> bool:
    """Say whether a message of a curator was handled, under whatever place in the order."""
    return session.get(ChatHandled, (account_id, message_id)) is not None


def note_handled(session: Session, account_id: str, message_id: str, *, now: datetime) -> None:
    """Store that a message of a curator was handled."""
    session.add(ChatHandled(account_id=account_id, message_id=message_id, at=now))


def note_trouble(session: Session, account_id: str, trouble: ChatTrouble, error: str, *, rests_until: datetime) -> None:
    """Store why messages cannot be read or sent, and until when nobody tries."""
    row = account_row(session, account_id)
    row.trouble, row.error, row.rests_until = trouble, error, rests_until


def note_read(session: Session, account_id: str, *, now: datetime) -> None:
    """Store that the account's messages were read."""
    row = account_row(session, account_id)
    row.trouble, row.error, row.rests_until, row.read_at = None, None, None, now


def keep_convo(session: Session, account_id: str, convo_id: str, *, did: str, accepted: bool) -> None:
    """Store with whom a conversation is, empty for a group."""
    session.merge(ChatConvo(account_id=account_id, convo_id=convo_id, did=did, accepted=accepted))


def convo_with(session: Session, account_id: str, did: str) -> ChatConvo | None:
    """Return the conversation with a person, None where none is known."""
    wanted = (ChatConvo.account_id == account_id, ChatConvo.did == did)
    return session.exec(select(ChatConvo).where(*wanted).order_by(col(ChatConvo.convo_id)).limit(1)).first()


def forget_convo(session: Session, account_id: str, did: str) -> None:
    """Forget the conversation with a person, which is no longer there."""
    session.execute(delete(ChatConvo).where(col(ChatConvo.account_id) == account_id, col(ChatConvo.did) == did))


def note_unwritable(
    session: Session, account_id: str, did: str, trouble: Unwritable, error: str, *, now: datetime
) -> None:
    """Store that a person cannot be written to."""
    known = session.get(ChatPerson, (account_id, did))
    if known is None:
        session.add(ChatPerson(account_id=account_id, did=did, trouble=trouble, error=error, since=now))
    else:
        known.trouble, known.error = trouble, error


def note_writable(session: Session, account_id: str, did: str, *, channels: Iterable[str]) -> None:
    """Store that a person can be written to, and let what waited for that go out."""
    known = session.get(ChatPerson, (account_id, did))
    if known is None:
        return
    session.delete(known)
    session.execute(
        update(Message)
        .where(
            col(Message.channel).in_(list(channels)),
            col(Message.service) == MessageService.BLUESKY,
            col(Message.recipient) == did,
            col(Message.state) == MessageState.PLANNED,
        )
        .values(next_try_at=None)
    )


def answer_key(name: str) -> str:
    """Return the key of the answer to an event of that name."""
    return f"{_ANSWER}{name}"


def ask_key(arxiv_id: str) -> str:
    """Return the key of the message that asks for a paper's note: it is asked once."""
    return f"{_ASK}{arxiv_id}"


def asks_note(message: Message) -> bool:
    """Say whether a message asks for a note."""
    return message.key.startswith(_ASK)


def is_card(message: Message) -> bool:
    """Say whether a reaction to a message decides: it is about one paper, and no answer to something that was said."""
    return message.about is not None and not message.key.startswith(_ANSWER)


def polite_key(day: date) -> str:
    """Return the key of the line that a stranger gets once a day."""
    return f"{_POLITE}{day}"


def is_for_stranger(message: Message) -> bool:
    """Say whether a message is that line."""
    return message.key.startswith(_POLITE)


def message_with_id(session: Session, did: str, remote_id: str) -> Message | None:
    """Return our message to a person that the service knows by an id."""
    return session.exec(
        select(Message).where(
            Message.service == MessageService.BLUESKY, Message.recipient == did, Message.remote_id == remote_id
        )
    ).first()
