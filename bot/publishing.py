"""Picks out: claim a delivery, send its posts, record what became of them.

For every request the intention is stored before it and the result after it, each in a transaction of its own; none is
open across a network call. A delivery that was interrupted is looked up before anything is sent again.
"""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Self

import structlog
from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, or_, select, update

from bot import curation
from bot.channels import Channel
from bot.desk import WORKER, Actor, locate
from bot.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.picks import Action, CandidateState, DeliveryState, outcome
from bot.platforms.publisher import Publisher, Receipt, Request
from bot.posts import Platform, Post, post_from_json
from bot.settings import SettingsError
from bot.spending import fits
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick

LEASE: Final = timedelta(minutes=5)
"""How long a claimed delivery belongs to its worker; renewed with every request."""

GRACE: Final = timedelta(minutes=2)
"""How long to wait before the second look for a post whose fate is unknown: a timeline may lag."""

MOST_TRIES: Final = 24
"""After so many tries a delivery waits for a person."""

_FIRST_PAUSE: Final = timedelta(minutes=1)
_LONGEST_PAUSE: Final = timedelta(hours=1)

_log = structlog.get_logger(__name__)


class _NotFoundYetError(UnknownOutcomeError):
    """The outcome is unknown, and the first look did not find the post: look again later."""


class _LeaseLostError(PicksError):
    """Another worker has taken the delivery over."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """What it takes to send: the store, the accounts, a clock and a name.

    ``publisher_for`` returns the account of a channel on a platform, None when that platform is switched off.
    ``sleep`` waits so many seconds and returns True when the process is asked to stop instead. ``worker`` must be
    unique: it marks what this process has claimed. ``actor`` is who starts deliveries, for the log. ``budgets`` are
    what each channel may spend on X a month, in US dollars. ``jitter`` stretches pauses a little, so that workers that
    failed together do not try again together.
    """

    database: Database
    publisher_for: Callable[[str, Platform], Publisher | None]
    clock: Callable[[], datetime]
    sleep: Callable[[float], bool]
    worker: str
    actor: Actor = WORKER
    budgets: Mapping[str, Decimal] = field(default_factory=dict)
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


def approved_paper(database: Database, channel: Channel, text: str) -> str:
    """Return the arXiv id of an approved pick; raise PicksError, naming the way to approve it, when it is not one."""
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
    state = candidate.state if candidate else None
    if state in {CandidateState.APPROVED, CandidateState.PUBLISHING, CandidateState.ATTENTION}:
        return paper.arxiv_id
    if state in {CandidateState.PUBLISHED, CandidateState.RETRACTED}:
        raise PicksError(f"{paper.arxiv_id} is {state} already; see picks history")
    standing = state or "not in the queue"
    raise PicksError(f"{paper.arxiv_id} is not approved ({standing}); approve it first: picks approve {text}")


def due_deliveries(
    database: Database, *, now: datetime, channels: Collection[str], arxiv_id: str | None = None
) -> list[int]:
    """Return the ids of the deliveries that should go out now, the oldest first.

    A person who names a paper wants it now: whatever its slot and its pauses, and also where it was refused before.
    """
    query = (
        select(Delivery.id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(col(Candidate.channel).in_(channels), _claimable(now, by_name=arxiv_id is not None))
        .order_by(col(Delivery.due_at), col(Delivery.id))
    )
    if arxiv_id is not None:
        query = query.where(Candidate.arxiv_id == arxiv_id)
    with database.reading() as session:
        return list(session.exec(query))


def deliver_due(outbox: Outbox, *, channels: Collection[str], arxiv_id: str | None = None) -> list[Report]:
    """Send everything that is due; one delivery's failure leaves the others alone."""
    ids = due_deliveries(outbox.database, now=outbox.clock(), channels=channels, arxiv_id=arxiv_id)
    reports = (deliver(outbox, delivery_id, by_name=arxiv_id is not None) for delivery_id in ids)
    return [report for report in reports if report is not None]


def deliver(outbox: Outbox, delivery_id: int, *, by_name: bool = False) -> Report | None:
    """Send one delivery as far as it goes now; None when it is not to be had (taken, not due, or its platform off)."""
    try:
        job = _Job.claim(outbox, delivery_id, by_name=by_name)
    except SettingsError as error:
        _log.error("platform not usable", delivery=delivery_id, reason=str(error))
        return None
    if job is None:
        return None
    try:
        job.attempt()
    except _LeaseLostError:
        return None
    return job.report()


def _claimable(now: datetime, *, by_name: bool) -> ColumnElement[bool]:
    """Match deliveries that are due, that nobody is working on, and that no person has to decide about first.

    The claim asks the same question as the search before it: in between the row may have changed.
    """
    waited = or_(col(Delivery.next_try_at).is_(None), col(Delivery.next_try_at) <= now)
    planned = col(Delivery.state) == DeliveryState.PLANNED
    second_look = and_(col(Delivery.state) == DeliveryState.UNKNOWN, col(Delivery.next_try_at) <= now)
    abandoned = and_(col(Delivery.state) == DeliveryState.SENDING, col(Delivery.lease_until) < now)
    if by_name:
        return or_(planned, col(Delivery.state) == DeliveryState.REFUSED, second_look, abandoned)
    return or_(and_(planned, col(Delivery.due_at) <= now, waited), second_look, abandoned)


class _Job:
    """One claimed delivery."""

    def __init__(self, outbox: Outbox, delivery: Delivery, publisher: Publisher, *, arxiv_id: str) -> None:
        self._outbox = outbox
        self._database = outbox.database
        self._publisher = publisher
        self._delivery_id = delivery.id
        self._interrupted = delivery.request
        self._attempts = delivery.attempts
        self._arxiv_id = arxiv_id
        self._log = _log.bind(arxiv_id=arxiv_id, platform=str(delivery.platform))

    @classmethod
    def claim(cls, outbox: Outbox, delivery_id: int, *, by_name: bool) -> Self | None:
        """Make the delivery ours by a conditional update, so that of several workers one gets it.

        Raises SettingsError when the account's credentials are incomplete.
        """
        with outbox.database.reading() as session:
            delivery = session.get(Delivery, delivery_id)
            if delivery is None:
                return None
            channel, platform = _candidate_of(session, delivery).channel, delivery.platform
        publisher = outbox.publisher_for(channel, platform)  # loads slowly: outside any transaction
        if publisher is None:
            return None
        with outbox.database.transaction() as session:
            if platform is Platform.X and not _affordable(session, outbox, delivery_id, channel):
                return None
            if not _claim_row(session, outbox, delivery_id, account=publisher.account, by_name=by_name):
                return None
            delivery = session.get_one(Delivery, delivery_id)
            candidate = _candidate_of(session, delivery)
            if candidate.state in {CandidateState.APPROVED, CandidateState.ATTENTION}:
                curation.apply(session, candidate, Action.START, actor=outbox.actor, now=outbox.clock())
            return cls(outbox, delivery, publisher, arxiv_id=candidate.arxiv_id)

    def attempt(self) -> None:
        """Send what is left of the thread, and leave the delivery in the state that follows from how it went."""
        try:
            self._run()
        except TransientError as error:
            self._postpone(error)
        except UnknownOutcomeError as error:
            self._lose(error)
        except PermanentError as error:
            self._refuse(error)

    def _run(self) -> None:
        """Send request after request until the thread is out, or until the process is asked to stop."""
        if self._attempts > MOST_TRIES and self._interrupted is None:
            raise PermanentError(f"given up: {self._attempts} tries, the last of which broke off; see the log")
        if self._interrupted is not None:
            self._settle(self._interrupted)
        while True:
            posts, sent = self._progress()
            if len(sent) == len(posts):
                self._leave(DeliveryState.SENT)
                self._log.info("sent", posts=len(posts))
                return
            if sent and self._outbox.sleep(self._publisher.pause):
                self._leave(DeliveryState.PLANNED)
                self._log.info("stopped between two posts; the rest follows")
                return
            request = self._publisher.prepare(posts, sent=sent, now=self._outbox.clock())
            self._send(request, repeats=0)

    def _settle(self, stored: Mapping[str, Any]) -> None:
        """Find out what became of a request whose result was never stored, and send it again if it surely was not."""
        request = Request(tuple(stored["positions"]), stored["body"])
        found = self._publisher.find(request)
        if found is not None:
            self._log.info("found what an interrupted request had sent", posts=len(found))
            self._record(found)
            return
        if stored["repeats"] and not self._publisher.idempotent:
            raise UnknownOutcomeError(
                f"{self._publisher.platform} never answered, twice, and shows no such post; look yourself at "
                f"{self._publisher.account}"
            )
        self._send(request, repeats=stored["repeats"] + 1)

    def _send(self, request: Request, *, repeats: int) -> None:
        self._intend(request, repeats=repeats)
        try:
            receipts = self._publisher.send(request)
        except (TransientError, PermanentError):  # both say that this request was surely not carried out
            if repeats:
                self._intend(request, repeats=repeats - 1)  # the first one's fate is as open as before
            else:
                self._forget()
            raise
        except UnknownOutcomeError as error:
            found = self._publisher.find(request)
            if found is None:
                raise _NotFoundYetError(str(error)) from error
            receipts = found
        self._record(receipts)

    def _progress(self) -> tuple[list[Post], list[Receipt]]:
        with self._database.reading() as session:
            rows = _posts(session, self._delivery_id)
            sent = [Receipt(row.position, row.remote_id, row.url or "", row.cid) for row in rows if row.remote_id]
            return [post_from_json(row.content) for row in rows], sent

    def _intend(self, request: Request, *, repeats: int) -> None:
        with self._database.transaction() as session:
            delivery = self._mine(session)
            delivery.request = {"positions": list(request.positions), "body": dict(request.body), "repeats": repeats}
            delivery.lease_until = self._outbox.clock() + LEASE
            session.add(delivery)

    def _forget(self) -> None:
        with self._database.transaction() as session:
            delivery = self._mine(session)
            delivery.request = None
            session.add(delivery)

    def _record(self, receipts: Sequence[Receipt]) -> None:
        now = self._outbox.clock()
        with self._database.transaction() as session:
            delivery = self._mine(session)
            delivery.request = None
            session.add(delivery)
            record_receipts(session, self._delivery_id, receipts, now=now)

    def _postpone(self, error: TransientError) -> None:
        """Give the delivery back with a later time for the next try, or to a person after too many."""
        if self._unanswered():
            self._lose(_NotFoundYetError(str(error)))
            return
        if self._attempts >= MOST_TRIES:
            self._refuse(PermanentError(f"given up after {self._attempts} tries: {error}"))
            return
        pause = min(_FIRST_PAUSE * 2 ** min(self._attempts - 1, 10), _LONGEST_PAUSE) * self._outbox.jitter()
        if error.retry_after is not None:
            pause = max(pause, timedelta(seconds=error.retry_after))
        self._leave(DeliveryState.PLANNED, error=error, next_try_at=self._outbox.clock() + pause)
        self._log.warning("not sent, will be tried again", reason=str(error), tries=self._attempts)

    def _unanswered(self) -> bool:
        """Say whether a request is still stored: its fate is unknown, even if looking for it failed for the moment."""
        with self._database.reading() as session:
            return session.get_one(Delivery, self._delivery_id).request is not None

    def _lose(self, error: UnknownOutcomeError) -> None:
        """Plan a second look when the first found nothing, else ask a person."""
        look_again = isinstance(error, _NotFoundYetError) and self._attempts < MOST_TRIES
        grace = _FIRST_PAUSE if self._publisher.idempotent else GRACE
        self._leave(
            DeliveryState.UNKNOWN, error=error, next_try_at=self._outbox.clock() + grace if look_again else None
        )
        self._log.warning("outcome unknown", reason=str(error), look_again=look_again)

    def _refuse(self, error: PermanentError) -> None:
        """Give up and leave it to a person."""
        self._leave(DeliveryState.REFUSED, error=error)
        self._log.error("refused", reason=str(error))

    def report(self) -> Report:
        """Return how the delivery stands."""
        with self._database.reading() as session:
            delivery = session.get_one(Delivery, self._delivery_id)
            urls = tuple(row.url for row in _posts(session, self._delivery_id) if row.url)
            return Report(self._arxiv_id, delivery.platform, delivery.state, urls, delivery.error, delivery.next_try_at)

    def _leave(
        self, state: DeliveryState, *, error: PicksError | None = None, next_try_at: datetime | None = None
    ) -> None:
        now = self._outbox.clock()
        with self._database.transaction() as session:
            delivery = self._mine(session)
            delivery.state, delivery.next_try_at = state, next_try_at
            delivery.error = str(error) if error else None
            delivery.claimed_by = delivery.lease_until = None
            delivery.sent_at = now if state is DeliveryState.SENT else None
            session.add(delivery)
            session.flush()
            tell_candidate(session, delivery, actor=self._outbox.actor, now=now)

    def _mine(self, session: Session) -> Delivery:
        delivery = session.get_one(Delivery, self._delivery_id)
        if delivery.claimed_by != self._outbox.worker:
            self._log.warning("another worker has taken the delivery over")
            raise _LeaseLostError(f"the delivery of {self._arxiv_id} was taken over")
        return delivery


def _affordable(session: Session, outbox: Outbox, delivery_id: int, channel: str) -> bool:
    """Say whether the thread fits into the channel's budget; if not, note when to ask again."""
    delivery, now = session.get_one(Delivery, delivery_id), outbox.clock()
    budget = outbox.budgets.get(channel)
    if budget is None or fits(session, delivery, channel, budget=budget, now=now):
        return True
    if delivery.state is DeliveryState.PLANNED:
        delivery.error = (
            f"would exceed the channel's budget for X, ${budget:.2f} a month: it waits for the next month, "
            "or for a higher x.monthly_budget_usd in the channel file"
        )
        delivery.next_try_at = now + _LONGEST_PAUSE
        session.add(delivery)
    return False


def _claim_row(session: Session, outbox: Outbox, delivery_id: int, *, account: str, by_name: bool) -> bool:
    now = outbox.clock()
    claimed = session.execute(
        update(Delivery)
        .where(col(Delivery.id) == delivery_id, _claimable(now, by_name=by_name))
        .values(
            state=DeliveryState.SENDING,
            claimed_by=outbox.worker,
            lease_until=now + LEASE,
            attempts=1 if by_name else col(Delivery.attempts) + 1,
            next_try_at=None,
            account=account,
        )
        .returning(col(Delivery.id))
    )
    return claimed.first() is not None


def _candidate_of(session: Session, delivery: Delivery) -> Candidate:
    return session.exec(
        select(Candidate).join(Pick, col(Pick.candidate_id) == col(Candidate.id)).where(Pick.id == delivery.pick_id)
    ).one()


def _posts(session: Session, delivery_id: int) -> Sequence[FrozenPost]:
    query = select(FrozenPost).where(FrozenPost.delivery_id == delivery_id).order_by(col(FrozenPost.position))
    return session.exec(query).all()


def record_receipts(session: Session, delivery_id: int, receipts: Sequence[Receipt], *, now: datetime) -> None:
    """Store what became of posts that are out."""
    rows = {row.position: row for row in _posts(session, delivery_id)}
    for receipt in receipts:
        row = rows[receipt.position]
        row.remote_id, row.cid, row.url, row.sent_at = receipt.remote_id, receipt.cid, receipt.url, now
        session.add(row)


def tell_candidate(session: Session, delivery: Delivery, *, actor: Actor, now: datetime) -> None:
    """Change the candidate's state to what its deliveries together mean."""
    candidate = _candidate_of(session, delivery)
    if candidate.state is not CandidateState.PUBLISHING:
        return
    siblings = session.exec(select(Delivery).where(Delivery.pick_id == delivery.pick_id)).all()
    # A second look is planned: the outcome is still open, no person is needed yet.
    states = [DeliveryState.SENDING if item.next_try_at else item.state for item in siblings]
    action = outcome(states)
    if action is not None:
        curation.apply(session, candidate, action, actor=actor, now=now, detail=delivery.error or "")
