"""More posts below a thread that is out whole: how a delivery is opened again for them.

The delivery keeps its thread, its account and when it was out. Its further posts are sent, looked up and taken down by
the same machinery as the rest of a thread.
"""

from datetime import datetime

from sqlmodel import Session, col, delete

from bot.domain.actors import Actor
from bot.domain.json import Json
from bot.domain.states import DeliveryAction
from bot.publishing.outbox import posts_to_send
from bot.store.corrections import add_posts
from bot.store.deliveries import change
from bot.store.tables import Delivery, FrozenPost


def append(session: Session, delivery: Delivery, thread: Json, *, by: Actor, now: datetime, due_at: datetime) -> None:
    """Freeze posts below those of a delivery that is out, and let it go out again.

    What a person had left unsent of an earlier correction falls away. So does the single post that could stand in for
    the thread: it has the words from before.
    """
    unsent = (FrozenPost.delivery_id == delivery.id, col(FrozenPost.remote_id).is_(None))
    session.execute(delete(FrozenPost).where(*unsent))  # type: ignore[arg-type]  # the library types columns as values
    first = len(posts_to_send(session, delivery))
    add_posts(session, delivery.id, thread, single=delivery.single, first=first)
    remarks = [*delivery.remarks, *thread["remarks"]]
    change(
        session,
        delivery,
        DeliveryAction.CORRECT,
        by=by,
        now=now,
        due_at=due_at,
        attempts=0,
        next_try_at=None,
        error=None,
        remarks=remarks,
        not_out_at=None,
    )
