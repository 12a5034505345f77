"""An account's log of events is read from where it was left, and each event handled in order.

The place is stored with what was done (``handling``). After an error the same event comes again: nothing is skipped.
"""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlmodel import Session

from bot.domain.errors import PicksError
from bot.interfaces.chat.handling import handle
from bot.interfaces.chat.mouth import Mouth
from bot.platforms.direct_messages import Event
from bot.store import chat
from bot.store.chat import HandledElsewhereError
from bot.store.chat_tables import ChatAccount

_PAGES: Final = 20
"""So many pages are read in one go; the rest comes at the next tick, after the answers."""

_log = structlog.get_logger(__name__)


def read(mouth: Mouth) -> int:
    """Handle what has happened since the last time, and return how many messages of curators that were.

    The first time nothing is handled: what was written before anybody listened is not answered. Raises TransientError
    when the service cannot be asked.
    """
    handled: list[Event] = []
    for _ in range(_PAGES):
        row = _row(mouth)
        if row.cursor is None:
            _begin(mouth)
            break
        if chat.is_in_other_hands(row, worker=mouth.worker, now=mouth.clock()):
            break
        events, _cursor = mouth.messages.events(row.cursor)
        if not events or not _handle_page(mouth, events, after=row.cursor, handled=handled):
            break
    _mark_read(mouth, handled)
    return len(handled)


def _handle_page(mouth: Mouth, events: Sequence[Event], *, after: str, handled: list[Event]) -> bool:
    """Handle events in order; say False where another worker is ahead of us."""
    fresh = [event for event in events if event.rev > after]
    try:
        handled.extend(event for event in fresh if handle(mouth, event))
    except HandledElsewhereError:
        return False
    if not fresh:
        return False
    with mouth.database.transaction() as session:
        _advance(session, mouth, fresh[-1].rev)
    return True


def _advance(session: Session, mouth: Mouth, rev: str) -> None:
    """Go behind the events at the end of a page on which nothing was to be done."""
    row = chat.account_row(session, mouth.account)
    if row.cursor is not None and row.cursor < rev:
        chat.note_end(session, mouth.account, rev)


def _begin(mouth: Mouth) -> None:
    cursor = mouth.messages.now()
    with mouth.database.transaction() as session:
        chat.listen_from(session, mouth.account, cursor, now=mouth.clock())
    _log.info("listening to messages", did=mouth.account)


def _row(mouth: Mouth) -> ChatAccount:
    with mouth.database.reading() as session:
        return chat.account_row(session, mouth.account)


def _mark_read(mouth: Mouth, handled: list[Event]) -> None:
    """Show curators that their messages were read; that it fails changes nothing."""
    newest = {event.convo_id: event.message_id for event in handled}
    for convo_id, message_id in newest.items():
        try:
            mouth.messages.mark_read(convo_id, message_id)
        except PicksError as error:
            _log.info("not marked as read", reason=str(error))
