"""Whose the curators' handles are: asked once, and again from time to time."""

from datetime import timedelta
from typing import Final

import structlog

from bot.domain.errors import PicksError, is_outage
from bot.domain.waiting import lies_ahead
from bot.interfaces.chat.mouth import Mouth
from bot.store import curator_handles

CHECK_EVERY: Final = timedelta(hours=1)
_UNKNOWN_AGAIN: Final = timedelta(minutes=5)

_log = structlog.get_logger(__name__)


def check_handles(mouth: Mouth) -> None:
    """Ask whose those handles are that were not asked for a while; one that cannot be asked holds up nothing."""
    for handle in _due(mouth):
        try:
            holder = mouth.messages.holder_of(handle)
        except PicksError as error:
            _log.warning(
                "a curator's handle cannot be checked", handle=handle, reason=str(error), outage=is_outage(error)
            )
            with mouth.database.transaction() as session:
                curator_handles.note_failed_check(session, handle, now=mouth.clock())
            continue
        with mouth.database.transaction() as session:
            curator_handles.note_holder(session, handle, holder, now=mouth.clock())


def _due(mouth: Mouth) -> list[str]:
    curators = [curator for channel in mouth.channels for curator in channel.curators]
    with mouth.database.reading() as session:
        known = curator_handles.rows_of(session, curators)
    now, found = mouth.clock(), []
    for handle in dict.fromkeys(item.account for item in curators if not item.account.startswith("did:")):
        row = known.get(handle)
        pause = CHECK_EVERY if row and row.did else _UNKNOWN_AGAIN
        if row is None or lies_ahead(row.checked_at, now=now) or now - row.checked_at >= pause:
            found.append(handle)
    return found
