"""What the worker does every few seconds: read, handle, answer, for each account that has curators.

Troubles of an account are stored for ``picks status``, and the account rests: they are no failure of the worker. Only
the database's are, and faults of the program.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from structlog.contextvars import bound_contextvars

from bot.app import App
from bot.domain.accounts import Identity
from bot.domain.backoff import Backoff
from bot.domain.chat import ChatTrouble
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, is_outage
from bot.domain.posts import Platform
from bot.interfaces.chat.handles import check_handles
from bot.interfaces.chat.mouth import Mouth
from bot.interfaces.chat.reading import read
from bot.interfaces.chat.sending import send_due
from bot.platforms.chat_source import ChatSource
from bot.platforms.direct_messages import NoPermissionError, RateLimitedError
from bot.store import accounts, chat
from bot.store.database import DatabaseBusyError, DatabaseError

_BACKOFF: Final = Backoff(first=timedelta(seconds=15), longest=timedelta(minutes=15))
_SEEN_EVERY: Final = timedelta(minutes=1)
"""How old the time of the last reading may get in the database while all goes well."""

_log = structlog.get_logger(__name__)


@dataclass
class _Health:
    """How an account has done in this process: a new process tries at once, because somebody may have mended it."""

    failures: int = 0
    rests_until: datetime | None = None
    noted_at: datetime | None = None


class ChatJob:
    """Talks for all accounts; ``sleep`` waits between two requests of a verb, and says True when it is to stop."""

    def __init__(self, app: App, *, sleep: Callable[[float], bool]) -> None:
        self._app = app
        self._sleep = sleep
        self._sources: Sequence[ChatSource] = app.chat_sources()
        self._health = {source.handle: _Health() for source in self._sources}

    @property
    def wanted(self) -> bool:
        """Say whether there is anybody to talk with, and an account to do it as."""
        return bool(self._sources)

    def run(self) -> None:
        """Do one round for each account."""
        for source in self._sources:
            health = self._health[source.handle]
            if health.rests_until is None or health.rests_until <= self._app.clock():
                names = [channel.name for channel in source.channels]
                with bound_contextvars(channels=names, platform=str(Platform.BLUESKY), account=source.handle):
                    self._round(source, health)

    def _round(self, source: ChatSource, health: _Health) -> None:
        name = source.handle
        try:
            identity = source.messages.identify()
            name = identity.key
            self._learn(identity)
            mouth = self._mouth(source, name)
            check_handles(mouth)
            send_due(mouth)
            read(mouth)
            send_due(mouth)
        except (DatabaseError, DatabaseBusyError):
            raise
        except (TransientError, PermanentError) as error:
            self._note_trouble(health, name, error)
        else:
            self._note_health(health, name)

    def _mouth(self, source: ChatSource, account_id: str) -> Mouth:
        app = self._app
        return Mouth(
            account=account_id,
            messages=source.messages,
            channels=source.channels,
            database=app.database,
            context_for=app.context,
            outbox_for=lambda actor: app.outbox(sleep=self._sleep, actor=actor),
            clock=app.clock,
            worker=app.worker_name,
        )

    def _learn(self, identity: Identity) -> None:
        with self._app.database.reading() as session:
            known = accounts.identity_of(session, Platform.BLUESKY, identity.name)
        if known != identity:
            with self._app.database.transaction() as session:
                accounts.learn(session, Platform.BLUESKY, identity, now=self._app.clock())

    def _note_trouble(self, health: _Health, name: str, error: PicksError) -> None:
        """Let the account rest, and store why."""
        now, trouble = self._app.clock(), trouble_of(error)
        health.failures += 1
        retry_after = error.retry_after if isinstance(error, TransientError) else None
        health.rests_until = now + _BACKOFF.pause(health.failures, retry_after=retry_after)
        health.noted_at = None
        with self._app.database.transaction() as session:
            chat.note_trouble(session, name, trouble, str(error), rests_until=health.rests_until)
        if health.failures == 1:
            _log.warning("messages cannot be read or sent", reason=str(error), outage=is_outage(error))

    def _note_health(self, health: _Health, name: str) -> None:
        """Store that all is well, at once after a trouble and else now and then."""
        now = self._app.clock()
        if health.noted_at is None or not timedelta(0) <= now - health.noted_at < _SEEN_EVERY:
            with self._app.database.transaction() as session:
                chat.note_read(session, name, now=now)
            health.noted_at = now
        health.failures, health.rests_until = 0, None


def trouble_of(error: PicksError) -> ChatTrouble:
    """Return what kind of trouble an error of the service is."""
    if isinstance(error, NoPermissionError):
        return ChatTrouble.NO_PERMISSION
    if isinstance(error, RateLimitedError):
        return ChatTrouble.RATE_LIMITED
    if isinstance(error, PermanentError) or (isinstance(error, AccountError) and error.needs_person):
        return ChatTrouble.REFUSED
    return ChatTrouble.UNREACHABLE
