"""What is planned for people goes out: each message once, in order.

1. Take the message that a person gets next. One that was left behind is looked for first, and never sent blindly again.
2. Find the conversation, and take the request to talk.
3. Claim the message, send it with no transaction open, and store how it went.

Of a message the service remembers nothing but its words. So a lost answer is settled by reading: a message of ours
with these words, sent since it was planned, that no other row has.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session

from bot.domain.backoff import Backoff
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.waiting import CLOCKS_APART
from bot.interfaces.chat.mouth import Mouth
from bot.platforms.direct_messages import NoConvoError, UnwritableError
from bot.store import chat, chat_sending, message_states
from bot.store.message_tables import Message, MessageState

GIVE_UP_AFTER: Final = timedelta(days=3)
"""What could not be said for so long is no news any more."""

_ASK_AGAIN: Final = timedelta(hours=1)
"""When a person who cannot be written to is tried again; who writes first is answered at once."""

_SECOND_LOOK: Final = timedelta(minutes=1)
"""A request that was cut off is carried out within this time, or not at all."""

_BACKOFF: Final = Backoff(first=timedelta(seconds=20), longest=timedelta(minutes=30))

_log = structlog.get_logger(__name__)


def send_due(mouth: Mouth) -> None:
    """Send what is due.

    Raises TransientError when the service cannot be asked now; what was not sent then stays planned.
    """
    with mouth.database.reading() as session:
        people = chat_sending.recipients(session, mouth.channel_names)
    for did in people:
        _send_all(mouth, did)


def _send_all(mouth: Mouth, did: str) -> None:
    """Send a person everything that is due, in order, up to what must wait."""
    while message := _next(mouth, did):
        settle_or_send = _settle if message.state is MessageState.SENDING else _send
        if not settle_or_send(mouth, message):
            break


def _next(mouth: Mouth, did: str) -> Message | None:
    with mouth.database.reading() as session:
        return chat_sending.next_for(session, mouth.channel_names, did, now=mouth.clock())


def _send(mouth: Mouth, message: Message) -> bool:
    """Send a message; say whether the next one may follow."""
    if mouth.clock() - message.planned_at > GIVE_UP_AFTER:
        return _drop(mouth, message, message.error or "it could not be sent in time")
    if not _may_read(mouth, message):
        return _drop(mouth, message, "the channel file no longer lists this person")
    try:
        convo_id = _open_convo(mouth, message.recipient)
    except UnwritableError as error:
        return _keep_for_later(mouth, message, error)
    except PermanentError as error:
        return _drop(mouth, message, str(error))
    with mouth.database.transaction() as session:
        claimed = chat_sending.claim(session, message.id, worker=mouth.worker, now=mouth.clock())
    return claimed is not None and _send_claimed(mouth, claimed, convo_id)


def _may_read(mouth: Mouth, message: Message) -> bool:
    """Say whether a message is for a curator of its channel, or is the one line that strangers get."""
    with mouth.database.reading() as session:
        standings = mouth.standings(session, message.recipient)
    return chat.is_for_stranger(message) or message.channel in {item.channel.name for item in standings}


def _send_claimed(mouth: Mouth, message: Message, convo_id: str) -> bool:
    try:
        sent = mouth.messages.send(convo_id, message.text)
    except UnwritableError as error:
        return _keep_for_later(mouth, message, error)
    except NoConvoError as error:
        with mouth.database.transaction() as session:
            chat.forget_convo(session, mouth.account, message.recipient)
        return _postpone(mouth, message, str(error))
    except UnknownOutcomeError as error:
        return _look(mouth, message, convo_id) or _doubt(mouth, message, str(error))
    except TransientError as error:
        _postpone(mouth, message, str(error), retry_after=error.retry_after)
        raise
    except PermanentError as error:
        return _drop(mouth, message, str(error))
    _finish(mouth, message, sent.id)
    return True


def _open_convo(mouth: Mouth, did: str) -> str:
    """Return the conversation with a person, a new one where there is none, and take it if it is a mere request."""
    with mouth.database.reading() as session:
        known = chat.convo_with(session, mouth.account, did)
    if known is not None and known.accepted:
        return known.convo_id
    convo_id, accepted = (known.convo_id, False) if known else ("", False)
    if known is None:
        found = mouth.messages.convo_with(did)
        convo_id, accepted = found.id, found.accepted
    if not accepted:
        mouth.messages.accept(convo_id)
    with mouth.database.transaction() as session:
        chat.keep_convo(session, mouth.account, convo_id, did=did, accepted=True)
    return convo_id


def _settle(mouth: Mouth, message: Message) -> bool:
    """Look for a message that was left behind; say whether it is known now what became of it."""
    with mouth.database.transaction() as session:
        if not chat_sending.take_over(session, message, worker=mouth.worker, now=mouth.clock()):
            return False
    try:
        convo_id = _open_convo(mouth, message.recipient)
        if _look(mouth, message, convo_id):
            return True
    except PermanentError as error:
        if isinstance(error, NoConvoError | UnwritableError):
            return _drop(mouth, message, str(error))
        raise
    with mouth.database.transaction() as session:
        error_text = message.error or "it was cut off, and was not sent"
        now = mouth.clock()
        message_states.postpone(session, message.id, worker=mouth.worker, error=error_text, next_try_at=now)
    return True


def _look(mouth: Mouth, message: Message, convo_id: str) -> bool:
    """Look whether a message stands in the conversation; store it as sent, and say so, if it does."""
    since = message.planned_at - CLOCKS_APART
    found = [
        sent
        for sent in mouth.messages.newest(convo_id, since=since)
        if sent.sender == mouth.account and sent.text == message.text
    ]
    with mouth.database.reading() as session:
        taken = chat_sending.known_ids(session, message.recipient, [sent.id for sent in found])
    ours = [sent for sent in found if sent.id not in taken]
    if not ours:
        return False
    _finish(mouth, message, ours[-1].id)
    _log.info("lost answer settled", channel=message.channel, message=message.key)
    return True


def _finish(mouth: Mouth, message: Message, remote_id: str) -> None:
    with mouth.database.transaction() as session:
        chat.note_writable(session, mouth.account, message.recipient, channels=mouth.channel_names)
        message_states.finish(session, message.id, worker=mouth.worker, now=mouth.clock(), remote_id=remote_id)


def _doubt(mouth: Mouth, message: Message, error: str) -> bool:
    with mouth.database.transaction() as session:
        look_at = mouth.clock() + _SECOND_LOOK
        chat_sending.doubt(session, message.id, worker=mouth.worker, error=error, look_at=look_at)
    return False


def _postpone(mouth: Mouth, message: Message, error: str, *, retry_after: float | None = None) -> bool:
    pause = _BACKOFF.pause(message.attempts, retry_after=retry_after)
    with mouth.database.transaction() as session:
        message_states.postpone(
            session, message.id, worker=mouth.worker, error=error, next_try_at=mouth.clock() + pause
        )
    return False


def _keep_for_later(mouth: Mouth, message: Message, error: UnwritableError) -> bool:
    """Store that a person cannot be written to; what is planned for them waits."""
    now = mouth.clock()
    with mouth.database.transaction() as session:
        chat.note_unwritable(session, mouth.account, message.recipient, error.kind, str(error), now=now)
        _claimed(session, mouth, message, now)
        message_states.postpone(
            session, message.id, worker=mouth.worker, error=str(error), next_try_at=now + _ASK_AGAIN
        )
    return False


def _drop(mouth: Mouth, message: Message, error: str) -> bool:
    """Store that a message is not sent; the next one may be."""
    with mouth.database.transaction() as session:
        _claimed(session, mouth, message, mouth.clock())
        message_states.refuse(session, message.id, worker=mouth.worker, error=error)
    _log.warning("message not sent", channel=message.channel, message=message.key, reason=error)
    return True


def _claimed(session: Session, mouth: Mouth, message: Message, now: datetime) -> None:
    """Claim a message that nobody has yet: only whoever has one may say what became of it."""
    if message.state is MessageState.PLANNED:
        chat_sending.claim(session, message.id, worker=mouth.worker, now=now)
