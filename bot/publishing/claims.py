"""A claimed delivery while its worker has it: what is stored before and after each request.

Every change is a short transaction of its own that first makes sure that the claim still stands. This module never
sends anything and never decides what comes next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack

import structlog
from sqlmodel import Session

from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.errors import PicksError, TransientError, UnknownOutcomeError
from bot.domain.json import Json
from bot.domain.posts import Platform, Post
from bot.domain.states import DeliveryAction
from bot.platforms.publisher import Receipt, Request
from bot.publishing.circuit_breaker import note_failure, note_success
from bot.publishing.outbox import (
    LEASE,
    candidate_of,
    frozen_posts,
    has_begun,
    post_of,
    receipt_of,
    record_receipts,
    record_removal,
    still_up,
    tell_candidate,
    thread_name,
)
from bot.store import pictures
from bot.store.accounts import learn
from bot.store.database import Database
from bot.store.deliveries import Columns, change
from bot.store.picture_tables import PictureRow
from bot.store.tables import Delivery

_log = structlog.get_logger(__name__)


class LeaseLostError(PicksError):
    """Another worker has taken the delivery over."""


@dataclass(frozen=True, slots=True)
class Intention:
    """A request that was stored before it was sent, and whose result is not known.

    ``repeats`` counts how often it was sent again; ``single`` says which form of the delivery it belongs to.
    """

    request: Request
    repeats: int
    single: bool

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Intention":
        """Read what ``to_json`` wrote."""
        request = Request(tuple(stored["positions"]), stored["body"])
        return cls(request, stored["repeats"], stored.get("single", False))

    def to_json(self) -> Json:
        """Return it as plain JSON data, for the store."""
        positions, body = list(self.request.positions), dict(self.request.body)
        return {"positions": positions, "body": body, "repeats": self.repeats, "single": self.single}


@dataclass(frozen=True, slots=True)
class Claim:
    """One delivery in the hands of ``worker``. Every method raises LeaseLostError once that is no longer so."""

    database: Database
    delivery_id: int
    arxiv_id: str
    platform: Platform
    account: Identity
    worker: str
    actor: Actor
    clock: Callable[[], datetime]

    def intention(self) -> Intention | None:
        """Return the request whose fate is open, None when there is none."""
        with self.database.reading() as session:
            stored = session.get_one(Delivery, self.delivery_id).request
        return Intention.read(stored) if stored is not None else None

    def is_single(self) -> bool:
        """Say whether the delivery goes out as its single post."""
        with self.database.reading() as session:
            return session.get_one(Delivery, self.delivery_id).single

    def corrects(self) -> bool:
        """Say whether the thread is out whole, and a correction goes out below it."""
        with self.database.reading() as session:
            return session.get_one(Delivery, self.delivery_id).corrects

    def has_single(self) -> bool:
        """Say whether a single post was approved for the case that replies are refused."""
        with self.database.reading() as session:
            return bool(frozen_posts(session, self.delivery_id, single=True))

    def progress(self) -> tuple[list[Post], list[Receipt]]:
        """Return the posts to send, all of them, and the receipts of those that are out."""
        return self.progress_of(single=self.is_single())

    def progress_of(self, *, single: bool) -> tuple[list[Post], list[Receipt]]:
        """Return the posts of one form of the delivery, and the receipts of those that are out."""
        with self.database.reading() as session:
            delivery = session.get_one(Delivery, self.delivery_id)
            rows = frozen_posts(session, self.delivery_id, single=single)
            sent = [receipt_of(row, delivery.poster) for row in rows if row.remote_id]
            return [post_of(row, delivery) for row in rows], sent

    def thread_up(self) -> list[Receipt]:
        """Return what is out of the thread and was not taken down, apart from the single post."""
        with self.database.reading() as session:
            account = session.get_one(Delivery, self.delivery_id).poster
            rows = frozen_posts(session, self.delivery_id, single=False)
            return [receipt_of(row, account) for row in rows if row.remote_id and not row.removed_at]

    def up(self) -> list[Receipt]:
        """Return what is out and was not taken down."""
        with self.database.reading() as session:
            return still_up(session, self.delivery_id)

    def thread_name(self) -> str:
        """Return what the thread is called; the keys of its posts are made of it."""
        with self.database.reading() as session:
            return thread_name(session, candidate_of(session, session.get_one(Delivery, self.delivery_id)))

    def introduce(self, session: Session, identity: Identity) -> Delivery:
        """Store who is signed in, inside a transaction of the caller; whose posts are out already stays as it is."""
        now = self.clock()
        learn(session, self.platform, identity, now=now)
        delivery = session.get_one(Delivery, self.delivery_id)
        session.refresh(delivery)
        theirs = delivery.poster
        if has_begun(session, delivery) and theirs is not None and not theirs.is_same_as(identity):
            return self._change(session)
        return self._change(session, account=identity.name, account_id=identity.id)

    def has_begun(self) -> bool:
        """Say whether anything of the delivery is up, or may be."""
        with self.database.reading() as session:
            return has_begun(session, session.get_one(Delivery, self.delivery_id))

    def intend(self, request: Request, *, repeats: int) -> None:
        """Store what is about to be sent, and renew the lease."""
        with self.database.transaction() as session:
            single = session.get_one(Delivery, self.delivery_id).single
            stored = Intention(request, repeats, single).to_json()
            self._change(session, request=stored, lease_until=self.clock() + LEASE)

    def forget(self) -> None:
        """Store that the request was surely not carried out."""
        with self.database.transaction() as session:
            self._change(session, request=None)

    def take_back(self, request: Request, *, repeats: int) -> None:
        """Store that this request was surely not carried out; of a repeat the first one's fate is as open as before."""
        if repeats:
            self.intend(request, repeats=repeats - 1)
        else:
            self.forget()

    def record(self, receipts: Sequence[Receipt], *, single: bool) -> None:
        """Store the request's result."""
        with self.database.transaction() as session:
            self._change(session, request=None)
            record_receipts(session, self.delivery_id, receipts, single=single, now=self.clock())
            note_success(session, platform=self.platform, account=self.account.key)
            if lost := _without_document(session, self.delivery_id, receipts):
                delivery = session.get_one(Delivery, self.delivery_id)
                self._change(session, remarks=[*delivery.remarks, lost])

    def renew(self) -> None:
        """Renew the lease."""
        with self.database.transaction() as session:
            self._change(session, lease_until=self.clock() + LEASE)

    def record_removal(self, removed: Sequence[Receipt]) -> None:
        """Store that posts were taken down."""
        with self.database.transaction() as session:
            self._change(session)
            record_removal(session, self.delivery_id, removed, now=self.clock())

    def remark(self, words: str) -> None:
        """Store something that a curator should know about the delivery."""
        with self.database.transaction() as session:
            remarks = session.get_one(Delivery, self.delivery_id).remarks
            self._change(session, remarks=[*remarks, words])

    def become_unquoted(self, remark: str) -> None:
        """Store that from now on the delivery goes out without its quote, and why."""
        with self.database.transaction() as session:
            remarks = session.get_one(Delivery, self.delivery_id).remarks
            self._change(session, unquoted=True, remarks=[*remarks, remark])

    def become_unpictured(self, remark: str) -> None:
        """Store that from now on the delivery goes out without its picture, and why."""
        with self.database.transaction() as session:
            remarks = session.get_one(Delivery, self.delivery_id).remarks
            self._change(session, unpictured=True, remarks=[*remarks, remark])

    def picture(self, cid: str) -> PictureRow | None:
        """Return the picture that the posts name so, None where it is no longer kept."""
        with self.database.reading() as session:
            return pictures.find(session, session.get_one(Delivery, self.delivery_id).pick_id, cid)

    def picture_is_brought(self, cid: str) -> None:
        """Store that the account's server has the picture."""
        with self.database.transaction() as session:
            delivery = self._change(session)
            if row := pictures.find(session, delivery.pick_id, cid):
                row.brought_to = self.account.key
                session.add(row)

    def become_single(self, remark: str) -> None:
        """Store that from now on the delivery goes out as its single post, and why."""
        with self.database.transaction() as session:
            remarks = session.get_one(Delivery, self.delivery_id).remarks
            self._change(session, single=True, remarks=[*remarks, remark])

    def adopt_root(self) -> bool:
        """Let the thread's first post be the single one, if it is all that is out and has its words; say whether so."""
        with self.database.transaction() as session:
            self._change(session)
            [single] = frozen_posts(session, self.delivery_id, single=True)
            rows = frozen_posts(session, self.delivery_id, single=False)
            out = [row for row in rows if row.remote_id and not row.removed_at]
            if single.remote_id or len(out) != 1 or out[0].content != single.content:
                return False
            [root] = out
            single.remote_id, single.cid, single.url, single.sent_at = root.remote_id, root.cid, root.url, root.sent_at
            root.remote_id = root.cid = root.url = root.sent_at = None
            session.add_all((single, root))
            return True

    def leave(
        self,
        action: DeliveryAction,
        *,
        error: PicksError | None = None,
        next_try_at: datetime | None = None,
        is_try: bool = True,
    ) -> None:
        """Give the delivery back by an action, tell its candidate, and count a failure that is the account's.

        ``is_try`` says whether it counts as a try of this delivery.
        """
        now = self.clock()
        with self.database.transaction() as session:
            before = session.get_one(Delivery, self.delivery_id)
            tries, sent_at = before.attempts, before.sent_at  # a correction does not change when the thread was out
            delivery = self._change(
                session,
                action,
                next_try_at=next_try_at,
                error=str(error) if error else None,
                claimed_by=None,
                lease_until=None,
                sent_at=sent_at or (now if action is DeliveryAction.FINISH else None),
                attempts=tries if is_try else max(0, tries - 1),
            )
            tell_candidate(session, delivery, actor=self.actor, now=now)
            if isinstance(error, UnknownOutcomeError) or (isinstance(error, TransientError) and error.of_account):
                note_failure(session, error, platform=self.platform, account=self.account.key, now=now)

    def _change(
        self, session: Session, action: DeliveryAction = DeliveryAction.UPDATE, **values: Unpack[Columns]
    ) -> Delivery:
        """Change the delivery, if it is still this worker's."""
        delivery = session.get_one(Delivery, self.delivery_id)
        if delivery.claimed_by != self.worker:
            _log.warning("another worker has taken the delivery over")
            raise LeaseLostError(f"the delivery of {self.arxiv_id} was taken over")
        change(session, delivery, action, by=self.actor, now=self.clock(), **values)
        return delivery


def _without_document(session: Session, delivery_id: int, receipts: Sequence[Receipt]) -> str | None:
    """Return what a curator should know where an approved document is not out beside its thread."""
    out = {receipt.position: receipt.document for receipt in receipts}
    for row in frozen_posts(session, delivery_id, single=False):
        if row.content.get("document") and row.position in out and out[row.position] is None:
            if row.position:
                return (
                    "The document beside the thread keeps the former note: the server did not take the corrected one."
                )
            return "The thread is out without its document: the server did not take it, or somebody deleted it."
    return None
