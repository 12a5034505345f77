"""The rows of the outbox: the only code that makes, changes or drops a delivery.

Every change goes through ``change``, which asks the transition table and keeps a log row. It works inside the caller's
transaction, and never decides what should happen: that is for ``curation`` and ``publishing``.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, TypedDict, Unpack

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, select, update
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.json import Json
from bot.domain.posts import Platform
from bot.domain.states import DeliveryAction, DeliveryState, next_delivery_state
from bot.store.tables import Delivery, DeliveryChange, FrozenPost

_BEGINNING: Final = DeliveryState.PLANNED


class Columns(TypedDict, total=False):
    """The columns of a delivery that may change, besides its state."""

    due_at: datetime
    next_try_at: datetime | None
    attempts: int
    claimed_by: str | None
    lease_until: datetime | None
    request: Json | None
    single: bool
    former: bool
    unquoted: bool
    unpictured: bool
    remarks: list[str]
    account: str | None
    account_id: str | None
    not_out_at: datetime | None
    error: str | None
    sent_at: datetime | None


def plan(
    session: Session,
    pick_id: int,
    platform: Platform,
    *,
    fingerprint: str,
    remarks: Sequence[str],
    account: Identity | None,
    due_at: datetime,
    by: Actor,
    now: datetime,
) -> Delivery:
    """Make the delivery of an approved pick on a platform; the exact posts are added by the caller."""
    delivery = Delivery(
        pick_id=pick_id,
        platform=platform,
        state=_BEGINNING,
        fingerprint=fingerprint,
        remarks=list(remarks),
        account=account.name if account else None,
        account_id=account.id if account else None,
        due_at=due_at,
    )
    session.add(delivery)
    session.flush()
    _log(session, delivery, DeliveryAction.PLAN, before=None, by=by, now=now, detail="")
    return delivery


def change(
    session: Session,
    delivery: Delivery,
    action: DeliveryAction,
    *,
    by: Actor,
    now: datetime,
    where: Collection[ColumnElement[bool]] = (),
    detail: str = "",
    **values: Unpack[Columns],
) -> bool:
    """Change a delivery as the transition table says, and log it; return whether ``where`` held.

    1. Ask the table which state the action leads to.
    2. Update the row, ``values`` being its other columns, if it is still in the state that was read and ``where``
       holds: of several workers one succeeds.
    3. Keep a log row, unless the action is UPDATE; ``detail`` or else the error of this change says why.

    Raises TransitionError when the action does not fit the state, RuntimeError when the row changed since it was read:
    with one writer at a time that is a fault of the program.
    """
    before = delivery.state
    after = next_delivery_state(before, action)
    changed = session.execute(
        update(Delivery)
        .where(col(Delivery.id) == delivery.id, col(Delivery.state) == before, *where)
        .values(state=after, **values)
        .returning(col(Delivery.id))
    )
    if changed.first() is None:
        if where:
            return False
        raise RuntimeError(f"delivery {delivery.id} is no longer {before}")
    session.refresh(delivery)
    if action is not DeliveryAction.UPDATE:
        _log(session, delivery, action, before=before, by=by, now=now, detail=detail or values.get("error") or "")
    return True


def name_account(session: Session, platform: Platform, identity: Identity) -> None:
    """Store the lasting id of an account in the deliveries that knew its name alone; that is no change of theirs."""
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.platform) == platform,
            col(Delivery.account) == identity.name,
            col(Delivery.account_id).is_(None),
        )
        .values(account_id=identity.id)
    )


def drop(session: Session, deliveries: Collection[Delivery]) -> None:
    """Remove deliveries of which nothing has gone out, with their posts and their log."""
    session.execute(delete(Delivery).where(col(Delivery.id).in_([item.id for item in deliveries])))


def deliveries_of(session: Session, pick_id: int | None) -> Sequence[Delivery]:
    """Return the present deliveries of a pick, in the order in which they were planned."""
    return session.exec(_of(pick_id).where(~col(Delivery.former))).all()


def former_deliveries_of(session: Session, pick_id: int | None) -> Sequence[Delivery]:
    """Return the deliveries of a pick that were taken down before it was reopened, the oldest first."""
    return session.exec(_of(pick_id).where(col(Delivery.former))).all()


def _of(pick_id: int | None) -> SelectOfScalar[Delivery]:
    return select(Delivery).where(Delivery.pick_id == pick_id).order_by(col(Delivery.id))


def is_up() -> ColumnElement[bool]:
    """Match the posts that went out and were not taken down, as far as is known here."""
    return and_(col(FrozenPost.remote_id).is_not(None), col(FrozenPost.removed_at).is_(None))


def second_look_planned() -> ColumnElement[bool]:
    """Match what ``Delivery.awaits_second_look`` is true of."""
    return and_(col(Delivery.state) == DeliveryState.UNKNOWN, col(Delivery.next_try_at).is_not(None))


def _log(
    session: Session,
    delivery: Delivery,
    action: DeliveryAction,
    *,
    before: DeliveryState | None,
    by: Actor,
    now: datetime,
    detail: str,
) -> None:
    """Keep a log row with the state that the delivery has now."""
    session.add(
        DeliveryChange(
            delivery_id=delivery.id,
            at=now,
            action=action,
            before=before,
            after=delivery.state,
            by=by.name,
            mouth=by.mouth,
            detail=detail,
        )
    )
