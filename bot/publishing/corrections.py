"""Corrections carried out: a reply below the thread, or the thread down and up again with the corrected note.

``carry_on`` tells the whole of it in steps. Each is one transaction or may be repeated, and the row of the correction
says what is still to be done, so a process that is killed between two steps loses and doubles nothing.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlmodel import Session, col, or_, select
from structlog.contextvars import bound_contextvars

from bot.domain.actors import Actor
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.corrections import OPEN, CorrectionForm, CorrectionState
from bot.domain.json import Json
from bot.domain.posts import Platform
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.publishing.following import append
from bot.publishing.outbox import still_up
from bot.publishing.retract import take_down
from bot.publishing.sender import Outbox
from bot.store import candidates, corrections, deliveries, pictures
from bot.store.correction_tables import Correction
from bot.store.strays import why_waiting
from bot.store.tables import Candidate, Delivery, Pick

_BACKOFF: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1))

_log = structlog.get_logger(__name__)


def carry_on(outbox: Outbox, channels: Collection[Channel], *, arxiv_id: str | None = None) -> None:
    """Begin the corrections whose time has come, and go on with those that have begun.

    1. Take over the corrected note. A reply is put into the outbox in the same transaction, and is done here; threads
       that are to be posted anew are marked as retracted, so that nothing more of them is sent: ``_begin``.
    2. On each platform take the old thread down, as often as it takes: ``take_down``.
    3. Once nothing of it is up, put the new thread into the outbox: ``_plan_anew``. One platform does not wait for
       another.

    A person who names a paper wants it now, whatever its time.
    """
    by_name = {channel.name: channel for channel in channels}
    for row_id, name, paper in _due(outbox, by_name, arxiv_id=arxiv_id):
        with bound_contextvars(channel=name, arxiv_id=paper):
            if _begin(outbox, row_id):
                _replace(outbox, by_name[name], row_id)


def _due(outbox: Outbox, channels: Collection[str], *, arxiv_id: str | None) -> list[tuple[int, str, str]]:
    """Return the open corrections to work on now, each with its channel and paper."""
    now = outbox.clock()
    query = (
        select(Correction.id, Candidate.channel, Candidate.arxiv_id)
        .join(Pick, col(Pick.id) == col(Correction.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(col(Candidate.channel).in_(channels), col(Correction.state).in_(OPEN))
        .order_by(col(Correction.id))
    )
    if arxiv_id is not None:
        query = query.where(Candidate.arxiv_id == arxiv_id)
    else:
        pause = or_(col(Correction.next_try_at).is_(None), col(Correction.next_try_at) <= now)
        query = query.where(col(Correction.due_at) <= now, pause)
    with outbox.database.reading() as session:
        return list(session.exec(query))


def _begin(outbox: Outbox, row_id: int) -> bool:
    """Begin a correction if it has not begun; say whether threads are to come down."""
    now = outbox.clock()
    with outbox.database.transaction() as session:
        row = session.get_one(Correction, row_id)
        if row.state is not CorrectionState.PLANNED:
            return row.state is CorrectionState.UNDERWAY
        pick = session.get_one(Pick, row.pick_id)
        candidate = session.get_one(Candidate, pick.candidate_id)
        if candidate.state is not CandidateState.PUBLISHED:
            return False  # something of it is on its way: afterwards
        anew = row.form is CorrectionForm.ANEW
        action = Action.REPLACE if anew else Action.APPEND
        candidates.change(
            session, candidate, action, actor=outbox.actor, now=now, detail=f"as {row.by} approved; note: {row.note}"
        )
        pick.note, pick.writers = row.note, {**pick.writers, "note": {"by": row.by, "at": row.at.isoformat()}}
        session.add(pick)
        row.started_at = now
        if anew:
            row.state = CorrectionState.UNDERWAY
            _mark(session, row, by=outbox.actor, now=now)
        else:
            _append(session, row, by=outbox.actor, now=now)
        session.add(row)
        return anew


def _append(session: Session, row: Correction, *, by: Actor, now: datetime) -> None:
    """Put the replies into the outbox; a thread that is no longer out gets none."""
    for delivery in _present(session, row):
        if delivery.state is DeliveryState.SENT:
            append(session, delivery, row.threads[delivery.platform], by=by, now=now, due_at=now)
    for platform in list(row.threads):
        corrections.take_out(session, row, Platform(platform))


def _mark(session: Session, row: Correction, *, by: Actor, now: datetime) -> None:
    """Mark the threads as retracted that are to be posted anew; the others fall away."""
    for delivery in _present(session, row):
        if delivery.state is DeliveryState.SENT:
            detail = "to be posted anew with the corrected note"
            deliveries.change(
                session, delivery, DeliveryAction.RETRACT, by=by, now=now, detail=detail, next_try_at=None
            )
        else:
            corrections.take_out(session, row, delivery.platform)


def _present(session: Session, row: Correction) -> list[Delivery]:
    return [item for item in deliveries.deliveries_of(session, row.pick_id) if item.platform in row.threads]


def _replace(outbox: Outbox, channel: Channel, row_id: int) -> None:
    """Take old threads down and plan the new ones, each platform by itself; a failure is tried again later."""
    with outbox.database.reading() as session:
        row = session.get_one(Correction, row_id)
        candidate = session.get_one(Candidate, session.get_one(Pick, row.pick_id).candidate_id)
        arxiv_id = candidate.arxiv_id
        waiting = [
            item
            for item in _present(session, row)
            if not (item.poster and why_waiting(session, item.platform, item.poster))
        ]
    errors = []
    for delivery in waiting:
        if outbox.is_off(channel.name, delivery.platform):
            continue
        error = take_down(outbox, channel, arxiv_id, delivery.id).error
        if error is None:
            _plan_anew(outbox, row_id, delivery.id)
        else:
            errors.append(error)
    if errors:
        _try_later(outbox, row_id, errors[0])


def _plan_anew(outbox: Outbox, row_id: int, delivery_id: int) -> None:
    """Put the corrected thread of one platform into the outbox, once and only when nothing of the old one is up."""
    now = outbox.clock()
    with outbox.database.transaction() as session:
        row, former = session.get_one(Correction, row_id), session.get_one(Delivery, delivery_id)
        thread = row.threads.get(former.platform)
        done = former.former or former.request is not None or still_up(session, delivery_id)
        if row.state is not CorrectionState.UNDERWAY or thread is None or done:
            return  # another worker was faster, or a person took the pick down
        deliveries.change(session, former, DeliveryAction.UPDATE, by=outbox.actor, now=now, former=True)
        candidate = session.get_one(Candidate, session.get_one(Pick, row.pick_id).candidate_id)
        detail = f"{former.platform}, with the corrected note"
        if candidate.state is CandidateState.PUBLISHED:
            candidates.change(session, candidate, Action.POST_ANEW, actor=outbox.actor, now=now, detail=detail)
        _plan_thread(session, former, thread, by=outbox.actor, now=now)
        if row.picture:
            pictures.keep(session, row.pick_id, row.picture, now=now)
        row.tries, row.next_try_at, row.error = 0, None, None
        corrections.take_out(session, row, former.platform)


def _plan_thread(session: Session, former: Delivery, thread: Json, *, by: Actor, now: datetime) -> None:
    delivery = deliveries.plan(
        session,
        former.pick_id,
        former.platform,
        fingerprint=thread["fingerprint"],
        remarks=thread["remarks"],
        account=former.poster,
        due_at=now,
        by=by,
        now=now,
    )
    corrections.add_posts(session, delivery.id, thread, single=False)


def _try_later(outbox: Outbox, row_id: int, error: str) -> None:
    now = outbox.clock()
    with outbox.database.transaction() as session:
        row = session.get_one(Correction, row_id)
        row.tries += 1
        row.error, row.next_try_at = error, now + _BACKOFF.pause(row.tries, retry_after=None, jitter=outbox.jitter())
        session.add(row)
    _log.warning("a correction waits for a thread to come down", reason=error, tries=row.tries)
