"""Send what is planned for addresses, a channel's or the operator's: each message once, or rather not at all.

1. Give up what an ended worker left behind: its outcome is not known, and it may have arrived.
2. Leave out an address of the operator that got enough within the hour: the rest comes later.
3. Claim each due message for one worker.
4. Send it, with no transaction open.
5. Store how it went: sent, to be tried again later, or given up.

A notice that nobody took for half a day is given up too: it is no news any more. What the operator should hear is news
for a week: while it is not sent, it is taken back when it is over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.domain.backoff import Backoff
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.store import message_states
from bot.store.database import Database
from bot.store.message_tables import OPERATOR, Message, MessageService

NEWS_FOR: Final = timedelta(hours=12)
"""So long after it was planned a message is still worth sending."""

OPERATORS_NEWS_FOR: Final = timedelta(days=7)

HOURLY: Final = 6
"""So many messages an hour an address of the operator gets at most, also after it was down."""

_BACKOFF: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1))
_LOST: Final = "the worker ended while it was sent, so it may have arrived; it is not sent again"

_log = structlog.get_logger(__name__)


class _NotNowError(Exception):
    """An address takes nothing for now: it is down, or has got enough."""


class Taker(Protocol):
    """Something that takes a message, as ``platforms.alerts.Address`` does; its errors say what may be done next."""

    def send(self, title: str, body: str) -> None:
        """Send a message."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """What sending needs: the store, the clock, and what sends to the addresses of a channel, by their names."""

    database: Database
    takers_of: Callable[[str], Mapping[str, Taker]]
    worker: str
    clock: Callable[[], datetime]

    def send_due(self, channel: str) -> int:
        """Send what is due to the channel's addresses; return how many messages were taken."""
        self._give_up_abandoned(channel)
        with self.database.reading() as session:
            due = message_states.due(session, channel=channel, service=MessageService.APPRISE, now=self.clock())
        if not due:
            return 0
        takers, closed, taken = self.takers_of(channel), set[str](), 0
        for item in due:
            if item.recipient in closed:
                continue
            try:
                taken += self._send(item, takers)
            except _NotNowError:
                closed.add(item.recipient)  # its others wait for the next round: each would take half a minute
        return taken

    def _give_up_abandoned(self, channel: str) -> None:
        now = self.clock()
        with self.database.reading() as session:
            left = message_states.abandoned(session, channel=channel, service=MessageService.APPRISE, now=now)
        for item in left:
            with self.database.transaction() as session:
                message_states.refuse(session, item.id, worker=item.claimed_by, error=_LOST)
            _log.warning("notice lost", **_whose(channel), address=item.recipient, notice=item.key, reason=_LOST)

    def _send(self, planned: Message, takers: Mapping[str, Taker]) -> bool:
        """Send one message; say whether it was taken. Raises _NotNowError where the address takes nothing for now."""
        with self.database.transaction() as session:
            now = self.clock()
            if planned.channel == OPERATOR and message_states.count_sent(session, planned, now=now) >= HOURLY:
                raise _NotNowError
            message = message_states.claim(session, planned.id, worker=self.worker, now=now)
        if message is None:
            return False
        title, _, body = message.text.partition("\n")
        try:
            _taker(message, takers, now=self.clock()).send(title, body.strip())
        except TransientError as error:
            self._note_failure(message, error)
            raise _NotNowError from error
        except (UnknownOutcomeError, PermanentError) as error:
            self._note_failure(message, error)
            return False
        with self.database.transaction() as session:
            message_states.finish(session, message.id, worker=self.worker, now=self.clock())
        _log.info("notice sent", **_whose(message.channel), address=message.recipient, notice=message.key)
        return True

    def _note_failure(self, message: Message, error: PicksError) -> None:
        again = isinstance(error, TransientError)
        with self.database.transaction() as session:
            if again:
                next_try_at = self.clock() + _BACKOFF.pause(message.attempts)
                message_states.postpone(
                    session, message.id, worker=self.worker, error=str(error), next_try_at=next_try_at
                )
            else:
                message_states.refuse(session, message.id, worker=self.worker, error=str(error))
        _log.warning(
            "notice not sent",
            **_whose(message.channel),
            address=message.recipient,
            notice=message.key,
            reason=str(error),
            again=again,
            outage=again,
        )


def _whose(channel: str) -> dict[str, str]:
    """Return the channel as a line of the log bears it; the operator's addresses belong to none."""
    return {} if channel == OPERATOR else {"channel": channel}


def _taker(message: Message, takers: Mapping[str, Taker], *, now: datetime) -> Taker:
    """Return what sends to the address of a message; raise PermanentError where that makes no sense any more."""
    news_for = OPERATORS_NEWS_FOR if message.channel == OPERATOR else NEWS_FOR
    if now - message.planned_at > news_for:
        hours = news_for.total_seconds() / 3600
        raise PermanentError(f"given up after {hours:.0f} hours: {message.error or 'not sent'}")
    if message.recipient not in takers:
        raise PermanentError("no address of that name is set any more")
    return takers[message.recipient]
