"""How a delivery is left that did not go out: in which state, and when it is tried or looked for next.

It only stores what follows from an error; it never sends and never looks.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import col, select

from bot.domain.actors import Actor
from bot.domain.backoff import Backoff
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError, is_outage
from bot.domain.posts import Platform
from bot.domain.states import DeliveryAction
from bot.platforms.registry import TRAITS
from bot.publishing.claims import Claim
from bot.store.database import Database
from bot.store.deliveries import change, second_look_planned
from bot.store.limits import forget_limits
from bot.store.tables import Delivery
from bot.store.waiting import is_later

GRACE: Final = timedelta(minutes=2)
"""How long to wait before the second look for a post whose fate is unknown: a timeline may lag."""

MOST_TRIES: Final = 24
"""After so many tries a delivery waits for a person; waiting for an account is none."""

_BACKOFF: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1))

_log = structlog.get_logger(__name__)


def replan_looks(database: Database, *, actor: Actor, now: datetime) -> None:
    """Plan second looks anew that lie farther ahead than any is planned: the clock was ahead then.

    Not at once: how long ago the first look was is not known, and a post in doubt may not show up yet.
    """
    later = is_later(col(Delivery.next_try_at), now=now)
    query = select(Delivery).where(
        second_look_planned(),
        later,
        col(Delivery.next_try_at) > col(Delivery.due_at),  # not one that waits for its slot
    )
    with database.reading() as session:
        if session.exec(query.limit(1)).first() is None:
            return  # nearly always: every tick asks
    with database.transaction() as session:
        for delivery in session.exec(query).all():
            change(session, delivery, DeliveryAction.UPDATE, by=actor, now=now, next_try_at=now + GRACE)


class NotFoundYetError(UnknownOutcomeError):
    """The outcome is unknown, and the first look did not find the post: look again later."""


class LaterSlotError(PicksError):
    """What was looked for is not out, and its account has a later slot for it."""

    def __init__(self, platform: Platform, *, slot: datetime) -> None:
        super().__init__(
            f"{platform} did not answer and shows no such post; in its new slot it is looked for again, and sent if it "
            "is not there"
        )
        self.slot = slot


class Ending:
    """The end of one attempt; ``attempts`` counts those made so far, this one included."""

    def __init__(self, claim: Claim, *, attempts: int, idempotent: bool, jitter: Callable[[], float]) -> None:
        self._claim = claim
        self.tries = attempts
        self._idempotent = idempotent
        self._jitter = jitter

    def after(self, error: PicksError) -> None:
        """Leave the delivery as its error demands; another kind of error is a fault of the program."""
        match error:
            case LaterSlotError():
                self._claim.leave(DeliveryAction.LOSE, error=error, next_try_at=error.slot)
            case AccountError():
                self._wait_for_account(error)
            case TransientError():
                self._postpone(error)
            case UnknownOutcomeError():
                self._lose(error)
            case PermanentError():
                self._refuse(error)
            case _:
                raise error

    def _wait_for_account(self, error: AccountError) -> None:
        """Give the delivery back until its account can post again, however long that takes: it is no try of its own."""
        action = DeliveryAction.POSTPONE if self._claim.intention() is None else DeliveryAction.LOSE
        next_try_at = self._claim.clock() + self._pause(asked=error.retry_after)
        self._claim.leave(action, error=error, next_try_at=next_try_at, is_try=False)
        _log.warning("not sent, the account cannot post now", reason=str(error), outage=is_outage(error))

    def _postpone(self, error: TransientError) -> None:
        """Give the delivery back with a later time for the next try, or to a person after too many."""
        if self._claim.intention() is not None:  # its fate is unknown, even if looking for it failed for the moment
            self._lose(NotFoundYetError(str(error)), asked_to_wait=error.retry_after)
            return
        if self.tries >= MOST_TRIES:
            self._refuse(PermanentError(f"given up after {self.tries} tries: {error}"))
            return
        next_try_at = self._claim.clock() + self._pause(asked=error.retry_after)
        self._claim.leave(DeliveryAction.POSTPONE, error=error, next_try_at=next_try_at)
        _log.warning("not sent, will be tried again", reason=str(error), tries=self.tries, outage=is_outage(error))

    def _lose(self, error: UnknownOutcomeError, *, asked_to_wait: float | None = None) -> None:
        """Plan a second look when the first found nothing, else ask a person."""
        look_again = isinstance(error, NotFoundYetError) and self.tries < MOST_TRIES
        grace = _BACKOFF.first if self._idempotent else GRACE
        next_look_at = self._claim.clock() + max(grace, self._pause(asked=asked_to_wait)) if look_again else None
        self._claim.leave(DeliveryAction.LOSE, error=error, next_try_at=next_look_at)
        _log.warning("outcome unknown", reason=str(error), look_again=look_again)

    def _refuse(self, error: PermanentError) -> None:
        """Give up and leave it to a person; a server that says its own length of posts may have changed it."""
        self._claim.leave(DeliveryAction.REFUSE, error=error)
        if TRAITS[self._claim.platform].limits_are_the_servers:
            with self._claim.database.transaction() as session:
                forget_limits(session, self._claim.platform)
        _log.error("refused", reason=str(error))

    def _pause(self, *, asked: float | None) -> timedelta:
        """Return how long to wait before the next try: longer with every try, and as long as the platform asks."""
        return _BACKOFF.pause(self.tries, retry_after=asked, jitter=self._jitter())
