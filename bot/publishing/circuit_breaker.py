"""The circuit breaker: an account that keeps failing rests.

So every other account goes on, and a platform that is down is not asked again and again. It counts failures in a row
over all deliveries of the account; a success sets the count to zero. It reads and writes rows only: the outbox leaves
out accounts that rest, and the claim asks again. ``account`` is everywhere what tells it from others: ``Identity.key``.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, delete

from bot.domain.backoff import Backoff
from bot.domain.errors import AccountError, PicksError, TransientError
from bot.domain.posts import Platform
from bot.domain.waiting import held_until
from bot.store.account_tables import AccountState

FAILURES: Final = 3
"""So many failures in a row make an account rest."""

PERSON_AFTER: Final = 24
"""After so many in a row a person should look, whatever it is: about half a day."""

_BACKOFF: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(minutes=30))


def resting_until(session: Session, *, platform: Platform, account: str, now: datetime) -> datetime | None:
    """Return until when the account rests, None when it does not."""
    state = session.get(AccountState, (platform, account))
    return held_until(state.rests_until, now=now) if state else None


def note_failure(session: Session, error: PicksError, *, platform: Platform, account: str, now: datetime) -> None:
    """Count a failure; let the account rest when it was one too many, or as long as the platform asks to wait."""
    state = session.get(AccountState, (platform, account))
    failures = (state.failures if state else 0) + 1
    rest = _rest(failures, error)
    session.merge(
        AccountState(
            platform=platform,
            account=account,
            failures=failures,
            rests_until=now + rest if rest else None,
            error=str(error),
            needs_person=failures >= PERSON_AFTER or (isinstance(error, AccountError) and error.needs_person),
            sign_in=isinstance(error, AccountError) and error.sign_in,
        )
    )


def note_success(session: Session, *, platform: Platform, account: str) -> None:
    """Forget the account's failures."""
    session.execute(
        delete(AccountState).where(col(AccountState.platform) == platform, col(AccountState.account) == account)
    )


def _rest(failures: int, error: PicksError) -> timedelta:
    asked = error.retry_after if isinstance(error, TransientError) else None
    if failures < FAILURES:
        return timedelta(seconds=asked or 0)
    return _BACKOFF.pause(failures - FAILURES + 1, retry_after=asked)
