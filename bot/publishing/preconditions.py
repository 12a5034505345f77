"""What may keep a delivery back: a withdrawn paper, a resting account, another channel's delivery, the budget.

Asked in the transaction that claims the delivery; the answers hold until that ends. Where it has to wait, the reason is
written into its row, so that people can see it.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.curation.duplicates import duplicates
from bot.curation.housekeeping import awaits_retirement
from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PermanentError, PicksError, TransientError
from bot.domain.states import DeliveryAction, DeliveryState
from bot.platforms.registry import TRAITS
from bot.publishing.budget import exceeded, fits
from bot.publishing.circuit_breaker import resting_until
from bot.publishing.outbox import has_begun, start
from bot.store.deliveries import change
from bot.store.strays import why_waiting
from bot.store.tables import Candidate, Delivery

_SHORTLY: Final = timedelta(minutes=1)
_LATER: Final = timedelta(hours=1)


class Preconditions:
    """What is asked about one delivery; ``account`` is who would post it, ``single`` whether as its single post."""

    def __init__(
        self,
        session: Session,
        delivery: Delivery,
        *,
        candidate: Candidate,
        account: Identity,
        channel: Channel | None,
        actor: Actor,
        now: datetime,
        single: bool,
    ) -> None:
        self._session = session
        self._delivery = delivery
        self._candidate = candidate
        self._account = account
        self._channel = channel
        self._actor = actor
        self._now = now
        self._single = single
        self._duplicates = duplicates(session, candidate, platform=delivery.platform, account=account)

    def to_claim(self, *, by_name: bool) -> bool:
        """Say whether account, other channels and budget allow it now; a person who names a paper overrides a rest."""
        platform = self._delivery.platform
        if awaits_retirement(self._session, self._candidate) and not self.begun:
            return False  # that is about to happen
        if not by_name and resting_until(self._session, platform=platform, account=self._account.key, now=self._now):
            return False
        unreconciled = why_waiting(self._session, platform, self._account)
        if unreconciled is not None:
            self._wait(unreconciled, until=self._now + _SHORTLY)
            return False
        duplicate = self._undecided_duplicate()
        if duplicate is not None and self._delivery.request is None:
            self._wait(duplicate, until=self._now + _SHORTLY)
            return False
        return self._affordable()

    @property
    def begun(self) -> bool:
        """Say whether anything of the delivery is up, or may be: then it belongs to the account that it began on."""
        return has_begun(self._session, self._delivery)

    def obstacle(self) -> PicksError | None:
        """Return what forbids to send anything more; what has been sent may be looked up all the same."""
        former, platform = self._delivery.poster, self._delivery.platform
        if self.begun and former is not None and not former.is_same_as(self._account):
            return PermanentError(
                f"it has begun to go out as {former}, and {platform} is {self._account} now; "
                "set the credentials back, or give it up"
            )
        duplicate = self._undecided_duplicate()
        if duplicate is not None:
            return TransientError(duplicate, of_account=False)
        channel = next((duplicate.channel for duplicate in self._duplicates if duplicate.out), None)
        if channel is None:
            return None
        return PermanentError(
            f"the channel {channel} has this paper out on {self._account.name} already; "
            "nothing is posted twice, so give it up here"
        )

    def _undecided_duplicate(self) -> str | None:
        """Return why another channel's delivery has to be waited for: how that one ends decides about this one."""
        channel = next((duplicate.channel for duplicate in self._duplicates if duplicate.undecided), None)
        if channel is None:
            return None
        return (
            f"waits for the channel {channel}, which is sending this paper to {self._account.name}, or does not know "
            f"whether it has; see picks status --channel {channel}"
        )

    def _affordable(self) -> bool:
        """Say whether the thread fits into the channel's budget; note that it has to wait where it does not."""
        platform = self._delivery.platform
        prices = TRAITS[platform].prices
        if prices is None or self._channel is None:
            return True
        budget = prices.budget(self._channel)
        if fits(
            self._session, self._delivery, channel=self._channel.name, budget=budget, now=self._now, single=self._single
        ):
            return True
        self._wait(exceeded(platform, budget), until=self._now + _LATER)
        return False

    def _wait(self, reason: str, *, until: datetime) -> None:
        """Store why the delivery does not go out yet; whatever it was before, from now on it waits for that alone."""
        row = self._delivery
        waits_already = row.state is DeliveryState.PLANNED  # asked every minute: that is logged once
        change(
            self._session,
            row,
            DeliveryAction.UPDATE if waits_already else DeliveryAction.WAIT,
            by=self._actor,
            now=self._now,
            error=reason,
            next_try_at=until,
            claimed_by=None,
            lease_until=None,
        )
        if not waits_already:
            start(self._session, self._candidate, actor=self._actor, now=self._now)
