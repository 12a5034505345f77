"""The accounts compared with the database: what is out already is adopted, what is out and unknown is listed.

For a database that is older than its accounts, as after a backup was put back. Never posts and never deletes. What was
adopted is known from then on, so a second run finds nothing more to do.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import structlog
from sqlmodel import Session, col, select
from structlog.contextvars import bound_contextvars

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, PicksError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryAction
from bot.platforms.publisher import Publisher, Receipt, Stray
from bot.publishing.claims import Claim, LeaseLostError
from bot.publishing.inventory import OPEN, StrayThread, about_papers, new_strays, threads_of
from bot.publishing.lookback import recognised, take_over
from bot.publishing.outbox import candidate_of, claim, claimable_delivery, has_begun, start, subject
from bot.publishing.sender import Outbox
from bot.store.account_tables import AccountLook
from bot.store.accounts import learn
from bot.store.strays import keep_strays, kept_strays, look_at, sent_ids
from bot.store.tables import Candidate, Delivery, Pick

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """A delivery of which posts were found on the account; ``whole`` says that nothing of it is left to send."""

    channel: str
    arxiv_id: str
    platform: Platform
    account: str
    posts: int
    whole: bool
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownThread:
    """A thread about a paper that no delivery has; ``state`` is that of the paper's candidate, if there is one."""

    platform: Platform
    account: str
    arxiv_id: str
    url: str
    posts: int
    text: str
    channel: str | None
    state: CandidateState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAccount:
    """One account; ``problem`` is why it could not be compared, and it waits on then if it did."""

    platform: Platform
    account: str
    waited: bool
    other_posts: int = 0
    problem: str | None = None


@dataclass(slots=True)
class Reconciled:
    """What came of it; ``dry_run`` says that nothing was changed."""

    dry_run: bool
    adopted: list[Adopted] = field(default_factory=list)
    unknown: list[UnknownThread] = field(default_factory=list)
    accounts: list[ComparedAccount] = field(default_factory=list)


def reconcile(outbox: Outbox, names: Collection[str], *, dry_run: bool) -> Reconciled:
    """Compare every account of the named channels with the database; one that cannot be asked stops no other.

    1. Find out which accounts there are, and which channels post as each: ``_accounts``.
    2. List what is on the account and not known: ``inventory.new_strays``.
    3. Find the deliveries, of any channel on the account, whose posts are there; take those over: ``_adopt``.
    4. Remember what is left, and let the account post again: ``_settle``.

    Killed at any point, it may be run again. With ``dry_run`` it only says what it would do.
    """
    result = Reconciled(dry_run)
    for account in _accounts(outbox, names, result):
        try:
            account.reconcile()
        except PicksError as error:
            result.accounts.append(_failed(account.platform, account.identity.name, error))
    return result


def _accounts(outbox: Outbox, names: Collection[str], result: Reconciled) -> list["_Account"]:
    """Return the accounts of the named channels, each with all channels that post as it."""
    found: dict[tuple[Platform, str], _Account] = {}
    wanted: set[tuple[Platform, str]] = set()
    for channel in outbox.channels.values():
        for platform in channel.posting.platforms:
            try:
                publisher = outbox.publisher_for(channel.name, platform)
                identity = publisher.identify() if publisher else None
            except PicksError as error:
                if channel.name in names:
                    result.accounts.append(_failed(platform, f"of {channel.name}", error))
                continue
            if publisher is None or identity is None:
                continue
            key = (platform, identity.key)
            found.setdefault(key, _Account(outbox, publisher, identity, result)).channels.append(channel.name)
            if channel.name in names:
                wanted.add(key)
    return [account for key, account in found.items() if key in wanted]


class _Account:
    """One account on its way to being reconciled; ``channels`` are the names of those that post as it."""

    def __init__(self, outbox: Outbox, publisher: Publisher, identity: Identity, result: Reconciled) -> None:
        self.platform = publisher.platform
        self.identity = identity
        self.channels: list[str] = []
        self._outbox = outbox
        self._database = outbox.database
        self._publisher = publisher
        self._result = result

    def reconcile(self) -> None:
        new = new_strays(self._database, self._publisher, self.identity, again=True)
        strays = self._with_kept(new)
        adopted: set[str] = set()
        for delivery_id in self._open_deliveries():
            adopted |= {receipt.remote_id for receipt in self._adopt(delivery_id, strays)}
        left = [stray for stray in strays if stray.remote_id not in adopted]
        threads = threads_of([self._publisher.shown(stray) for stray in left])
        ours = about_papers(threads)
        waited = self._settle(new, ours)
        with self._database.reading() as session:
            self._result.unknown += [self._unknown(session, thread) for thread in ours]
        others = len(left) - sum(len(thread.posts) for thread in ours)
        self._result.accounts.append(
            ComparedAccount(platform=self.platform, account=self.identity.name, waited=waited, other_posts=others)
        )

    def _with_kept(self, new: Sequence[Stray]) -> list[Stray]:
        """Add what was seen before: where reading costs money it is not read again."""
        if self._publisher.idempotent:
            return list(new)
        ids = {stray.remote_id for stray in new}
        with self._database.reading() as session:
            kept = kept_strays(session, self.platform, self.identity.key)
        return [*new, *(stray for stray in kept if stray.remote_id not in ids)]

    def _open_deliveries(self) -> list[int]:
        """Return the deliveries for this account that are not through and that nobody works on.

        Whom one is for is known for sure once it has begun; before that it is for whoever the channel posts as.
        """
        query = (
            select(Delivery)
            .join(Pick, col(Pick.id) == col(Delivery.pick_id))
            .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
            .where(
                col(Candidate.channel).in_(self.channels),
                Delivery.platform == self.platform,
                ~col(Delivery.former),
                col(Delivery.state).in_(OPEN),
            )
            .order_by(col(Delivery.id))
        )
        now = self._outbox.clock()
        with self._database.reading() as session:
            return [
                row.id
                for row in session.exec(query).all()
                if self._may_be_ours(session, row) and claimable_delivery(session, row.id, now=now, by_name=True)
            ]

    def _may_be_ours(self, session: Session, delivery: Delivery) -> bool:
        poster = delivery.poster
        return poster is None or poster.is_same_as(self.identity) or not has_begun(session, delivery)

    def _adopt(self, delivery_id: int, strays: Sequence[Stray]) -> Sequence[Receipt]:
        """Take over what is out of a delivery; return the receipts, none where other words stand there."""
        with self._database.reading() as session:
            delivery = session.get_one(Delivery, delivery_id)
            candidate = candidate_of(session, delivery)
        with bound_contextvars(**subject(candidate, delivery)):
            return self._adopt_posts(self._as_claim(delivery, candidate), candidate, strays)

    def _adopt_posts(self, held: Claim, candidate: Candidate, strays: Sequence[Stray]) -> Sequence[Receipt]:
        found, single = self._recognise(held, strays)
        if not found:
            return ()
        posts, sent = held.progress_of(single=single)
        if not self._result.dry_run and not self._take(held, strays, single=single):
            return ()
        whole = len(sent) + len(found) == len(posts)
        self._result.adopted.append(
            Adopted(
                channel=candidate.channel,
                arxiv_id=candidate.arxiv_id,
                platform=self.platform,
                account=self.identity.name,
                posts=len(found),
                whole=whole,
                url=found[0].url,
            )
        )
        return found

    def _recognise(self, held: Claim, strays: Sequence[Stray]) -> tuple[Sequence[Receipt], bool]:
        """Return what is out of a delivery, and whether that is its single post."""
        forms = [held.is_single()]
        if not forms[0] and not held.has_begun() and held.has_single():
            forms.append(True)
        intention = held.intention()
        if intention is not None:
            found = self._publisher.find(intention.request)
            return found or (), intention.single
        for single in forms:
            try:
                receipts, _ = recognised(held, self._publisher, strays, single=single)
            except PermanentError as error:  # other words: listed as unknown
                _log.info("other words about the paper", reason=str(error))
                continue
            if receipts:
                return receipts, single
        return (), False

    def _take(self, held: Claim, strays: Sequence[Stray], *, single: bool) -> bool:
        """Claim the delivery, store what is out of it, and give it back; say whether it was to be had."""
        now = self._outbox.clock()
        with self._database.transaction() as session:
            delivery = claimable_delivery(session, held.delivery_id, now=now, by_name=True)
            if delivery is None or not claim(
                session,
                delivery,
                account=self.identity,
                worker=held.worker,
                actor=held.actor,
                now=now,
                by_name=True,
            ):
                return False
            start(session, candidate_of(session, delivery), actor=held.actor, now=now)
        try:
            intention = held.intention()
            if intention is None:
                take_over(held, self._publisher, strays, single=single)
            elif found := self._publisher.find(intention.request):
                held.record(found, single=intention.single)
            posts, sent = held.progress()
            done = len(posts) == len(sent)
            held.leave(DeliveryAction.FINISH if done else DeliveryAction.POSTPONE, is_try=False)
        except LeaseLostError:
            return False
        return True

    def _settle(self, new: Sequence[Stray], ours: Sequence[StrayThread]) -> bool:
        """Remember what is left on the account, and let it post again; say whether it waited."""
        wanted = {post.remote_id for thread in ours for post in thread.posts}
        now = self._outbox.clock()
        if self._result.dry_run:
            with self._database.reading() as session:
                mark = look_at(session, self.platform, self.identity)
                return mark is not None and mark.waits_since is not None
        with self._database.transaction() as session:
            learn(session, self.platform, self.identity, now=now)
            taken = sent_ids(session, self.platform)
            kept = [
                stray
                for stray in new
                if stray.remote_id not in taken and (not self._publisher.idempotent or stray.remote_id in wanted)
            ]
            keep_strays(session, kept, platform=self.platform, account_id=self.identity.key, now=now)
            mark = look_at(session, self.platform, self.identity) or AccountLook(
                platform=self.platform, account=self.identity.key, looked_at=now
            )
            waited = mark.waits_since is not None
            mark.looked_at, mark.waits_since, mark.threads, mark.example = now, None, 0, None
            session.add(mark)
        return waited

    def _as_claim(self, delivery: Delivery, candidate: Candidate) -> Claim:
        return Claim(
            database=self._database,
            delivery_id=delivery.id,
            arxiv_id=candidate.arxiv_id,
            platform=self.platform,
            account=self.identity,
            worker=self._outbox.worker,
            actor=self._outbox.actor,
            clock=self._outbox.clock,
        )

    def _unknown(self, session: Session, thread: StrayThread) -> UnknownThread:
        first, paper = thread.posts[0], str(thread.paper)
        candidate = session.exec(
            select(Candidate)
            .where(Candidate.arxiv_id == paper, col(Candidate.channel).in_(self.channels))
            .order_by(col(Candidate.id))
            .limit(1)
        ).first()
        return UnknownThread(
            platform=self.platform,
            account=self.identity.name,
            arxiv_id=paper,
            url=first.url,
            posts=len(thread.posts),
            text=first.text,
            channel=candidate.channel if candidate else None,
            state=candidate.state if candidate else None,
        )


def _failed(platform: Platform, account: str, error: PicksError) -> ComparedAccount:
    return ComparedAccount(platform=platform, account=account, waited=False, problem=str(error))
