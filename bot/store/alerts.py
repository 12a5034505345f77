"""The rows of what is wrong: made when it is first seen, gone when it is over.

Works inside the caller's writing transaction, in which nobody else can see, tell or end the same.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, and_, col, or_, select

from bot.domain.waiting import CLOCKS_APART
from bot.store.alert_tables import Alert
from bot.store.message_tables import OPERATOR, Message, MessageService


def see(session: Session, *, kind: str, subject: str, place: str, now: datetime) -> Alert:
    """Note that something is wrong now; return its row."""
    row = session.exec(select(Alert).where(Alert.kind == kind, Alert.subject == subject)).first()
    if row is None:
        row = Alert(kind=kind, subject=subject, place=place, began_at=now, seen_at=now)
    row.seen_at, row.began_at = now, min(row.began_at, now)  # a clock may have been ahead
    session.add(row)
    session.flush()
    return row


def over(
    session: Session, *, places: Collection[str], calm: timedelta, abandoned: timedelta, now: datetime
) -> Sequence[Alert]:
    """Return what nobody has seen for a while: of the places that the caller looks at, or, for longer, of any."""
    ahead = col(Alert.seen_at) > now + CLOCKS_APART
    here = and_(col(Alert.place).in_(places), or_(col(Alert.seen_at) <= now - calm, ahead))
    return session.exec(
        select(Alert).where(or_(here, col(Alert.seen_at) <= now - abandoned)).order_by(col(Alert.id))
    ).all()


def forget(session: Session, row: Alert) -> None:
    """End it."""
    session.delete(row)


def planned_since(session: Session, since: datetime, *, now: datetime) -> int:
    """Return how many messages the operator's addresses got since a moment, each counted once for all of them."""
    query = select(func.count(func.distinct(Message.key))).where(
        Message.channel == OPERATOR,
        Message.service == MessageService.APPRISE,
        col(Message.planned_at) > since,
        col(Message.planned_at) <= now + CLOCKS_APART,
    )
    return session.exec(query).one()
