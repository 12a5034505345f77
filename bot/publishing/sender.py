"""Picks out: claim a delivery, send its posts, store what became of them.

``deliver`` tells the whole of it in steps. No transaction is open across a network call. Only a transient error is
tried again; a request whose outcome is unknown is looked up, never repeated blindly.
"""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Self

import structlog
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from bot.domain.accounts import Identity
from bot.domain.actors import WORKER, Actor
from bot.domain.channels import Channel
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Quote
from bot.domain.states import DeliveryAction, DeliveryState
from bot.platforms.publisher import (
    DuplicatePostError,
    PictureMissingError,
    Publisher,
    Receipt,
    ReplyRefusedError,
    Request,
)
from bot.platforms.registry import TRAITS
from bot.publishing.claims import Claim, Intention, LeaseLostError
from bot.publishing.embeds import Embeds
from bot.publishing.endings import MOST_TRIES, Ending, LaterSlotError, NotFoundYetError, replan_looks
from bot.publishing.lookback import take_over_what_is_out
from bot.publishing.outbox import candidate_of, claim, claimable_delivery, due_deliveries, frozen_posts, start, subject
from bot.publishing.preconditions import Preconditions
from bot.publishing.ways_out import no_single_post, way_out
from bot.settings import SettingsError
from bot.store.accounts import identity_of
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outbox:
    """What it takes to send: the store, the accounts, a clock and a name.

    ``publisher_for`` returns the account of a channel on a platform, None when that platform is switched off.
    ``sleep`` waits so many seconds and returns True when the process is asked to stop instead. ``worker`` must be
    unique: it marks what this process has claimed. ``actor`` is who starts deliveries, for the log. ``channels`` are
    the configured ones: they say what may be spent, and what to do about refused replies. ``is_off`` says whether a
    channel's platform is switched off here, and loads nothing for that. ``resolve_quote`` looks a quoted post up for a
    channel, as at the approval; None asks nobody. ``jitter`` stretches pauses a little, so that workers that failed
    together do not try again together.
    """

    database: Database
    publisher_for: Callable[[str, Platform], Publisher | None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], bool]
    worker: str
    actor: Actor = WORKER
    channels: Mapping[str, Channel] = field(default_factory=dict)
    is_off: Callable[[str, Platform], bool] = lambda *_: False
    resolve_quote: Callable[[str, str], Quote] | None = None
    jitter: Callable[[], float] = lambda: random.uniform(1.0, 1.25)  # noqa: S311  # spreads tries; nothing secret


@dataclass(frozen=True, slots=True)
class Report:
    """What came of one delivery in this run."""

    arxiv_id: str
    platform: Platform
    state: DeliveryState
    urls: tuple[str, ...]
    error: str | None = None
    next_try_at: datetime | None = None


def deliver_due(
    outbox: Outbox, *, channels: Collection[str], arxiv_id: str | None = None, single: bool = False
) -> list[Report]:
    """Send everything that is due; one delivery's failure leaves the others alone.

    ``single`` sends a paper that a person names as the one post that was approved in place of its thread, on the
    platforms that may refuse replies.
    """
    replan_looks(outbox.database, actor=outbox.actor, now=outbox.clock())
    ids = due_deliveries(
        outbox.database,
        now=outbox.clock(),
        channels=channels,
        arxiv_id=arxiv_id,
        platforms=[item for item, traits in TRAITS.items() if traits.single_post] if single else None,
    )
    reports = (deliver(outbox, delivery_id, by_name=arxiv_id is not None, single=single) for delivery_id in ids)
    return [report for report in reports if report is not None]


def deliver(outbox: Outbox, delivery_id: int, *, by_name: bool = False, single: bool = False) -> Report | None:
    """Send one delivery as far as it goes now; None when it is not to be had (taken, not due, or its platform off).

    1. Claim the row, so that of several workers one sends: ``_Sending.claim``.
    2. Look up a request that was interrupted, before anything else is sent: ``_settle``.
    3. Look whether the thread, or the rest of it, is out and only forgotten: ``_look_back``.
    4. For each request store the intention, send it once, store the receipts: ``_send_rest`` and ``_send``.
    5. Where replies are refused, send the single post that was approved for that case: ``_send_single``.
    6. Give the row back, in the state that follows from how it went: ``Ending``.

    A process that is killed between two steps leaves enough for the next one to go on from there. Raises PicksError
    when ``single`` is wanted of a delivery for which no single post was approved.
    """
    sending = _Sending.claim(outbox, delivery_id, by_name=by_name, single=single)
    if sending is None:
        return None
    with bound_contextvars(**sending.subject):
        try:
            sending.attempt()
        except LeaseLostError:
            return None
    return sending.report()


class _Sending:
    """One claimed delivery on its way out; its methods stand in the order of the steps of ``deliver``."""

    def __init__(
        self,
        outbox: Outbox,
        publisher: Publisher,
        delivery: Delivery,
        candidate: Candidate,
        *,
        account: Identity,
        obstacle: PicksError | None,
        by_name: bool,
        wants_single: bool,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._attempts = delivery.attempts
        self._not_before = None if by_name else delivery.due_at
        self._obstacle = obstacle
        self._has_met_account = self._has_looked_back = False
        resolve = outbox.resolve_quote
        self._embeds = Embeds(
            publisher,
            resolve_quote=partial(resolve, candidate.channel) if resolve else None,
            tries=delivery.attempts,
        )
        self._wants_single = wants_single
        self._channel = outbox.channels.get(candidate.channel)
        self._claim = Claim(
            database=outbox.database,
            delivery_id=delivery.id,
            arxiv_id=candidate.arxiv_id,
            platform=delivery.platform,
            account=account,
            worker=outbox.worker,
            actor=outbox.actor,
            clock=outbox.clock,
        )
        self.subject = subject(candidate, delivery)

    @classmethod
    def claim(cls, outbox: Outbox, delivery_id: int, *, by_name: bool, single: bool) -> Self | None:
        """Make the delivery ours by a conditional update, so that of several workers one gets it."""
        with outbox.database.reading() as session:  # a vain try must not cost the others a writing transaction
            delivery = claimable_delivery(session, delivery_id, now=outbox.clock(), by_name=by_name)
            if delivery is None:
                return None
            candidate = candidate_of(session, delivery)
            if single and not frozen_posts(session, delivery.id, single=True):
                raise no_single_post(candidate.arxiv_id)
        publisher = _publisher(outbox, candidate, delivery)  # loads slowly: outside any transaction
        if publisher is None:
            return None
        with outbox.database.transaction() as session:
            now = outbox.clock()
            delivery = claimable_delivery(session, delivery_id, now=now, by_name=by_name)
            if delivery is None:
                return None
            candidate = candidate_of(session, delivery)
            ours = identity_of(session, delivery.platform, publisher.account)
            preconditions = _preconditions(outbox, session, delivery, account=ours, single=single)
            if not preconditions.to_claim(by_name=by_name):
                return None
            obstacle = preconditions.obstacle() if ours.id else None  # else asked once it is known: _meet_account
            account = delivery.poster if (obstacle or preconditions.begun) and delivery.poster else ours
            if not claim(
                session, delivery, account=account, worker=outbox.worker, actor=outbox.actor, now=now, by_name=by_name
            ):
                return None
            start(session, candidate, actor=outbox.actor, now=now)
            told = {"by_name": by_name, "wants_single": single}
            return cls(outbox, publisher, delivery, candidate, account=ours, obstacle=obstacle, **told)

    def attempt(self) -> None:
        """Send what is left of the thread, and leave the delivery in the state that follows from how it went."""
        try:
            self._run()
        except (LaterSlotError, TransientError, UnknownOutcomeError, PermanentError) as error:
            tries, idempotent, jitter = self._attempts, self._publisher.idempotent, self._outbox.jitter
            Ending(self._claim, attempts=tries, idempotent=idempotent, jitter=jitter).after(error)

    def _run(self) -> None:
        """Go through the steps after the claim."""
        intention = self._claim.intention()
        if self._attempts > MOST_TRIES and intention is None:
            raise PermanentError(f"given up: {self._attempts} tries, the last of which broke off; see the log")
        if intention is not None:
            self._settle(intention)
        if not self._claim.has_begun():  # before a person's wish for the single post: the thread may be out
            self._look_back()
        posts, sent = self._claim.progress()
        if self._wants_single and len(sent) < len(posts) and not self._claim.is_single():
            self._claim.become_single("Sent as a single post, as a person decided.")
        try:
            self._send_rest()
        except ReplyRefusedError as error:
            self._send_single(error)

    def _settle(self, intention: Intention) -> None:
        """Find out what became of a request whose result was never stored, and send it again if it surely was not."""
        request, repeats = intention.request, intention.repeats
        found = self._publisher.find(request)
        if found is not None:
            _log.info("found what an interrupted request had sent", posts=len(found))
            self._claim.record(found, single=intention.single)
            return
        self._meet_account()  # another account's look finds nothing, and says nothing
        if self._wants_single and not intention.single:
            self._claim.forget()  # a person wants the single post in its place
            return
        if self._not_before is not None and self._not_before > self._outbox.clock():
            raise LaterSlotError(self._publisher.platform, slot=self._not_before)
        if repeats and not self._publisher.idempotent:
            raise UnknownOutcomeError(
                f"{self._publisher.platform} never answered, twice, and shows no such post; look yourself at "
                f"{self._publisher.account}"
            )
        self._send(request, repeats=repeats + 1, single=intention.single)

    def _meet_account(self) -> None:
        """Find out who is signed in, and raise what forbids to send as that account."""
        if not self._has_met_account:
            identity = self._publisher.identify()
            if identity != self._claim.account:
                self._introduce(identity)
            self._has_met_account = True
        if self._obstacle is not None:
            raise self._obstacle

    def _introduce(self, identity: Identity) -> None:
        """Store who is signed in, and ask what forbids to send in the same transaction: two channels may meet here."""
        self._claim = replace(self._claim, account=identity)
        with self._outbox.database.transaction() as session:
            delivery = self._claim.introduce(session, identity)
            self._obstacle = _preconditions(
                self._outbox, session, delivery, account=identity, single=self._wants_single
            ).obstacle()

    def _look_back(self) -> None:
        """Take over what is out of the thread although nothing is known of it, before anything is sent of it now."""
        self._meet_account()
        take_over_what_is_out(self._outbox.database, self._claim, self._publisher)
        self._has_looked_back = True

    def _send_rest(self) -> None:
        """Send request after request until everything is out, or until the process is asked to stop."""
        single = self._claim.is_single()
        if single:
            self._take_thread_down()
        while True:
            posts, sent = self._claim.progress()
            if len(sent) == len(posts):
                self._claim.leave(DeliveryAction.FINISH)
                _log.info("sent", posts=len(posts))
                return
            if not self._has_looked_back:
                self._look_back()
                continue
            if sent and self._outbox.sleep(self._publisher.pause):
                self._claim.leave(DeliveryAction.POSTPONE)
                _log.info("stopped between two posts; the rest follows")
                return
            name, now = self._claim.thread_name(), self._outbox.clock()
            request = self._publisher.prepare(posts, sent=sent, name=name, now=now)
            if self._embeds.drops(self._claim, posts[len(sent) :]):
                continue
            self._send(request, repeats=0, single=single)

    def _send(self, request: Request, *, repeats: int, single: bool) -> None:
        """Store the intention, send the request once, and store the receipts; look at once where no answer came."""
        self._meet_account()  # here and not earlier: looking up what is out is always right
        self._claim.intend(request, repeats=repeats)
        try:
            receipts = self._publisher.send(request)
        except PictureMissingError as error:
            self._claim.take_back(request, repeats=repeats)
            if self._embeds.brings_again(self._claim, self._claim.progress()[0], error):
                self._send(request, repeats=repeats, single=single)
            else:
                self._claim.forget()  # the server, asked for it, has none of it: the form without the picture follows
            return
        except (TransientError, PermanentError):  # both say that this request was surely not carried out
            self._claim.take_back(request, repeats=repeats)
            raise
        except DuplicatePostError as error:
            receipts = self._find_duplicate(request, error, repeats=repeats)
        except UnknownOutcomeError as error:
            found = self._publisher.find(request)
            if found is None:
                raise NotFoundYetError(str(error)) from error
            receipts = found
        self._claim.record(receipts, single=single)

    def _find_duplicate(self, request: Request, error: DuplicatePostError, *, repeats: int) -> tuple[Receipt, ...]:
        """Return what the platform took for the same words, if our timeline shows that it is this post.

        Otherwise it is a refusal; only where an earlier request is in doubt can nobody but a person tell.
        """
        found = self._publisher.find(request)
        if found is not None:
            return found
        if repeats:
            raise UnknownOutcomeError(
                f"{error}, and an earlier request was never answered; look yourself at {self._publisher.account}"
            )
        self._claim.forget()
        raise PermanentError(f"{error}; {way_out(self._claim)}") from error

    def _send_single(self, error: ReplyRefusedError) -> None:
        """Send the single post in place of the thread, if the channel wants it and one was approved; else ask."""
        if not self._falls_back():
            raise PermanentError(f"{error}; {way_out(self._claim)}") from error
        self._claim.become_single(f"Sent as a single post: {error}")
        self._send_rest()

    def _falls_back(self) -> bool:
        """Say whether the single post goes out at once: the channel wants it, one was approved, no fate is open."""
        single_post = TRAITS[self._publisher.platform].single_post
        if single_post is None or self._channel is None or not single_post.at_once(self._channel):
            return False
        return self._claim.has_single() and not self._claim.corrects() and self._claim.intention() is None

    def _take_thread_down(self) -> None:
        """Remove what is out of the thread, so that followers see the single post alone, or are left with it."""
        while (up := self._claim.thread_up()) and not self._claim.adopt_root():
            self._claim.renew()
            count = self._publisher.remove(up)
            self._claim.record_removal(up[-count:])

    def report(self) -> Report:
        """Return how the delivery stands."""
        urls = tuple(receipt.url for receipt in self._claim.up() if receipt.url)
        with self._outbox.database.reading() as session:
            row = session.get_one(Delivery, self._claim.delivery_id)
            return Report(self._claim.arxiv_id, row.platform, row.state, urls, row.error, row.next_try_at)


def _publisher(outbox: Outbox, candidate: Candidate, delivery: Delivery) -> Publisher | None:
    """Return the account, None where it has no credentials, or half of them."""
    try:
        return outbox.publisher_for(candidate.channel, delivery.platform)
    except SettingsError as error:
        _log.error("platform not usable", **subject(candidate, delivery), reason=str(error))
        return None


def _preconditions(
    outbox: Outbox, session: Session, delivery: Delivery, *, account: Identity, single: bool
) -> Preconditions:
    """Return what is asked about a delivery that ``account`` would post."""
    candidate = candidate_of(session, delivery)
    channel = outbox.channels.get(candidate.channel)
    now, actor = outbox.clock(), outbox.actor
    return Preconditions(
        session, delivery, candidate=candidate, account=account, channel=channel, actor=actor, now=now, single=single
    )
