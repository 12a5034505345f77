"""The look at each account when a worker starts, for posts of ours that this database does not know.

Then the database is older than the account, as after a backup was put back. Nothing is posted as that account until
``publishing.reconcile`` has compared the two: the mark is in the database, so every worker sees it. Polling, messages
and the other accounts go on. An account that cannot be asked is asked again later; each delivery looks for itself
anyway before it is sent.

So credentials that are not accepted are known before the first post: the account then needs a person, as after a post
that failed for that. A worker that is started again tries at once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from bot.domain.accounts import Identity
from bot.domain.channels import Channel
from bot.domain.errors import AccountError, PicksError, is_outage
from bot.domain.posts import Platform
from bot.platforms.publisher import Publisher
from bot.publishing.circuit_breaker import note_failure, note_success, resting_until
from bot.publishing.inventory import new_strays, ours, threads_of
from bot.publishing.sender import Outbox
from bot.settings import SettingsError
from bot.store.account_tables import AccountLook, AccountState
from bot.store.accounts import identity_of, learn
from bot.store.database import Database
from bot.store.strays import keep_strays, look_at, why_waiting

_AGAIN: Final = timedelta(minutes=30)
"""A wrong password is not tried with every tick: Bluesky counts the sign-ins of a day."""

_log = structlog.get_logger(__name__)


class FirstLooks:
    """Looks once in the life of a process at each account that it can post as."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._seen: set[tuple[str, Platform]] = set()
        self._next_try: dict[tuple[str, Platform], datetime] = {}
        self._accounts: set[tuple[Platform, str]] = set()

    def take(self, channels: Collection[Channel]) -> None:
        """Look at the accounts that were not looked at yet; what cannot be asked is logged, and asked again later."""
        for channel in channels:
            for platform in channel.posting.platforms:
                pair = (channel.name, platform)
                if pair not in self._seen and not self._outbox.is_off(*pair):
                    self._try(pair)

    def _try(self, pair: tuple[str, Platform]) -> None:
        now = self._outbox.clock()
        if pair in self._next_try and now < self._next_try[pair] <= now + _AGAIN:
            return
        with bound_contextvars(channel=pair[0], platform=str(pair[1])):
            try:
                self._look(pair, now=now)
            except PicksError as error:
                self._next_try[pair] = now + _AGAIN
                self._note(pair, error, now=now)
                _log.warning("account not compared yet", reason=str(error), outage=is_outage(error))

    def _look(self, pair: tuple[str, Platform], *, now: datetime) -> None:
        try:
            publisher = self._outbox.publisher_for(*pair)
        except SettingsError:
            return  # what is due on it says why it is off
        if publisher is None or _rests(self._outbox.database, publisher, now=now):
            return
        identity = publisher.identify()
        key = (publisher.platform, identity.key)
        if key not in self._accounts:  # several channels may share it
            look(self._outbox.database, publisher, identity, now=now)
            self._accounts.add(key)
        self._seen.add(pair)
        _let_in(self._outbox.database, publisher)

    def _note(self, pair: tuple[str, Platform], error: PicksError, *, now: datetime) -> None:
        """Let an account need a person that cannot post before somebody mends it."""
        publisher = self._outbox.publisher_for(*pair)
        if publisher is None or not (isinstance(error, AccountError) and error.needs_person):
            return
        with self._outbox.database.transaction() as session:
            account = identity_of(session, publisher.platform, publisher.account).key
            note_failure(session, error, platform=publisher.platform, account=account, now=now)


def look(database: Database, publisher: Publisher, identity: Identity, *, now: datetime) -> str | None:
    """Compare an account with the database; return why nothing may be posted as it, None where it may.

    Nothing is written where all is known. A mark that stands is left: only reconciling takes it away. Raises as
    ``Publisher.find`` does.
    """
    platform = publisher.platform
    strays = new_strays(database, publisher, identity)
    threads = threads_of([publisher.shown(stray) for stray in strays])
    with database.reading() as session:
        mark = look_at(session, platform, identity)
        found = ours(session, platform, threads)
    if not strays and mark is None:
        return None
    with database.transaction() as session:
        learn(session, platform, identity, now=now)
        mark = look_at(session, platform, identity) or AccountLook(
            platform=platform, account=identity.key, looked_at=now
        )
        mark.looked_at = now
        if found and mark.waits_since is None:
            mark.waits_since, mark.threads, mark.example = now, len(found), found[0].posts[0].url
        session.add(mark)
        if not publisher.idempotent:  # reading them again would cost money
            keep_strays(session, strays, platform=platform, account_id=identity.key, now=now)
        session.flush()
        reason = why_waiting(session, platform, identity)
    if reason is not None:
        _log.warning("waits until it is reconciled: picks reconcile", account=identity.name, reason=reason)
    return reason


def _rests(database: Database, publisher: Publisher, *, now: datetime) -> bool:
    """Say whether the account is left in peace; one that was not let in is asked: its credentials may be new."""
    with database.reading() as session:
        state = _state(session, publisher)
        if state is None or state.sign_in:
            return False
        return resting_until(session, platform=publisher.platform, account=state.account, now=now) is not None


def _let_in(database: Database, publisher: Publisher) -> None:
    """Forget that the account's credentials were not accepted."""
    with database.reading() as session:
        state = _state(session, publisher)
    if state is not None and state.sign_in:
        with database.transaction() as session:
            note_success(session, platform=publisher.platform, account=state.account)


def _state(session: Session, publisher: Publisher) -> AccountState | None:
    account = identity_of(session, publisher.platform, publisher.account).key
    return session.get(AccountState, (publisher.platform, account))
