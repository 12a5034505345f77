"""Corrections carried out: a reply below the thread, or the thread down and up again with the corrected note.

``carry_on`` tells the whole of it in steps. Each is one transaction or may be repeated, and the row of the correction
says what is still to be done, so a process that is killed between two steps loses and doubles nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import structlog
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from bot.curation.housekeeping import awaits_retirement, keep_back_if_withdrawn
from bot.domain.actors import Actor
from bot.domain.backoff import Backoff
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.errors import PicksError, TransientError
from bot.domain.json import Json
from bot.domain.posts import Platform
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.platforms.registry import TRAITS
from bot.platforms.traits import FREE
from bot.publishing.budget import exceeded, fits_anew
from bot.publishing.deletes import room_again_at, so_many_are_deleted
from bot.publishing.following import append
from bot.publishing.outbox import still_up
from bot.publishing.retract import Retraction, take_down
from bot.publishing.sender import Outbox
from bot.settings import SettingsError
from bot.store import candidates, corrections, deliveries, pictures
from bot.store.correction_tables import Correction
from bot.store.database import Database
from bot.store.strays import why_waiting
from bot.store.tables import Candidate, Delivery, Pick

_BACKOFF: Final = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1))

_log = structlog.get_logger(__name__)


def carry_on(outbox: Outbox, channels: Collection[Channel], *, arxiv_id: str | None = None) -> None:
    """Begin the corrections whose time has come, and go on with those that have begun.

    1. Take over the corrected note. A reply is put into the outbox in the same transaction, and is done here. To post
       anew begins once that is possible on some platform: ``_begin``.
    2. On each platform where the new thread can go out, mark the old one as retracted, so that nothing more of it is
       sent: ``_make_way``. Until then it stays up.
    3. Take it down, as often as it takes: ``take_down``.
    4. Once nothing of it is up, put the new thread into the outbox: ``_plan_anew``. One platform does not wait for
       another.

    A person who names a paper wants it now, whatever its time.
    """
    by_name = {channel.name: channel for channel in channels}
    for row_id, name, paper in due_corrections(outbox.database, by_name, now=outbox.clock(), arxiv_id=arxiv_id):
        with bound_contextvars(channel=name, arxiv_id=paper):
            if _begin(outbox, by_name[name], row_id):
                _replace(outbox, by_name[name], row_id)


def due_corrections(
    database: Database, channels: Collection[str], *, now: datetime, arxiv_id: str | None = None
) -> list[tuple[int, str, str]]:
    """Return the open corrections to work on now, each with its channel and paper."""
    with database.reading() as session:
        return [
            (row.id, candidate.channel, candidate.arxiv_id)
            for row, candidate in corrections.open_corrections(session, channels)
            if _may_go_on(row, candidate)
            and (_is_due(row, now=now) if arxiv_id is None else candidate.arxiv_id == arxiv_id)
        ]


def _may_go_on(row: Correction, candidate: Candidate) -> bool:
    """Say whether nothing of the pick is on its way; what has begun goes on in any case."""
    return row.state is CorrectionState.UNDERWAY or candidate.state is CandidateState.PUBLISHED


def _is_due(row: Correction, *, now: datetime) -> bool:
    return row.due_at <= now and (row.next_try_at is None or row.next_try_at <= now)


def _begin(outbox: Outbox, channel: Channel, row_id: int) -> bool:
    """Begin a correction if it has not begun and can; say whether threads are to come down."""
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
        if anew and (awaits_retirement(session, candidate) or not _can_begin(session, outbox, channel, row)):
            return False
        action = Action.REPLACE if anew else Action.APPEND
        candidates.change(
            session, candidate, action, actor=outbox.actor, now=now, detail=f"as {row.by} approved; note: {row.note}"
        )
        pick.note, pick.writers = row.note, {**pick.writers, "note": {"by": row.by, "at": row.at.isoformat()}}
        session.add(pick)
        row.started_at = now
        if anew:
            row.state = CorrectionState.UNDERWAY
            _leave_out_what_is_over(session, row)
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


def _leave_out_what_is_over(session: Session, row: Correction) -> None:
    """Let the platforms fall away on which the thread is no longer out."""
    for delivery in _present(session, row):
        if delivery.state is not DeliveryState.SENT:
            corrections.take_out(session, row, delivery.platform)


def _can_begin(session: Session, outbox: Outbox, channel: Channel, row: Correction) -> bool:
    """Say whether a thread can be posted anew on any platform now; where on none, keep why, and when to ask again."""
    here = [item for item in _present(session, row) if not outbox.is_off(channel.name, item.platform)]
    holds = [_hold(session, channel, row, item, now=outbox.clock()) for item in here]
    if None in holds:
        return True
    if waits := [item for item in holds if item]:
        row.error, row.next_try_at = waits[0].why, min(item.until for item in waits)
        session.add(row)
    return False


@dataclass(frozen=True, slots=True)
class _Hold:
    """Why a thread does not come down to be posted anew yet, and until when."""

    why: str
    until: datetime


def _hold(session: Session, channel: Channel, row: Correction, delivery: Delivery, *, now: datetime) -> _Hold | None:
    """Return what would keep the new thread from following at once, or leave half of the old one up."""
    platform, poster = delivery.platform, delivery.poster
    if poster and (unreconciled := why_waiting(session, platform, poster)):
        return _Hold(unreconciled, now + _BACKOFF.first)
    price = sum((Decimal(post["price_usd"]) for post in row.threads[platform]["posts"] if not post["single"]), FREE)
    prices = TRAITS[platform].prices
    if prices is not None and not fits_anew(session, delivery, price, channel=channel, now=now):
        return _Hold(exceeded(platform, prices.budget(channel)), now + _BACKOFF.longest)
    posts = len(still_up(session, delivery.id))
    if free_at := room_again_at(session, platform, poster, posts=posts, now=now):
        return _Hold(f"{so_many_are_deleted(platform)}; it goes on after {free_at:%H:%M} UTC", free_at)
    return None


def _present(session: Session, row: Correction) -> list[Delivery]:
    return [item for item in deliveries.deliveries_of(session, row.pick_id) if item.platform in row.threads]


def _replace(outbox: Outbox, channel: Channel, row_id: int) -> None:
    """Take old threads down and plan the new ones, each platform by itself; a failure is tried again later."""
    with outbox.database.reading() as session:
        row = session.get_one(Correction, row_id)
        arxiv_id = session.get_one(Candidate, session.get_one(Pick, row.pick_id).candidate_id).arxiv_id
        present = _present(session, row)
    holds, failures = list[_Hold](), list[PicksError]()
    for delivery in present:
        if outbox.is_off(channel.name, delivery.platform):
            continue
        try:
            _require_sign_in(outbox, channel, delivery)
            way = _make_way(outbox, channel, row_id, delivery.id)
            if isinstance(way, _Hold):
                holds.append(way)
            elif way:
                _require_down(take_down(outbox, channel, arxiv_id, delivery.id))
                _plan_anew(outbox, row_id, delivery.id)
        except (TransientError, SettingsError) as error:
            failures.append(error)
    if holds or failures:
        _try_later(outbox, row_id, holds, failures)


def _require_sign_in(outbox: Outbox, channel: Channel, delivery: Delivery) -> None:
    """Raise TransientError where the account cannot be asked now: the thread stays up then.

    Who is signed in is asked where the thread comes down: if it is another account, a person has to know.
    """
    publisher = outbox.publisher_for(channel.name, delivery.platform)
    if publisher is not None and delivery.state is DeliveryState.SENT:
        publisher.identify()


def _require_down(done: Retraction) -> None:
    if done.error is not None:
        raise TransientError(done.error, retry_after=done.retry_after)


def _make_way(outbox: Outbox, channel: Channel, row_id: int, delivery_id: int) -> bool | _Hold:
    """Mark a thread as retracted if it can be posted anew; return whether it is to come down, or why it waits."""
    now = outbox.clock()
    with outbox.database.transaction() as session:
        row, delivery = session.get_one(Correction, row_id), session.get_one(Delivery, delivery_id)
        if row.state is not CorrectionState.UNDERWAY or delivery.platform not in row.threads or delivery.former:
            return False  # another worker was faster, or a person took the pick down
        if delivery.state is DeliveryState.RETRACTED:
            return True
        if hold := _hold(session, channel, row, delivery, now=now):
            return hold
        detail = "to be posted anew with the corrected note"
        deliveries.change(
            session, delivery, DeliveryAction.RETRACT, by=outbox.actor, now=now, detail=detail, next_try_at=None
        )
        return True


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
            candidates.change(session, candidate, Action.CONTINUE, actor=outbox.actor, now=now, detail=detail)
        _plan_thread(session, former, thread, by=outbox.actor, now=now)
        keep_back_if_withdrawn(session, candidate, since=row.at, now=now)
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


def _try_later(outbox: Outbox, row_id: int, holds: Sequence[_Hold], failures: Sequence[PicksError]) -> None:
    """Keep why not all is done, and when to go on: with whatever may go on first."""
    now = outbox.clock()
    with outbox.database.transaction() as session:
        row = session.get_one(Correction, row_id)
        row.tries += bool(failures)
        waits = [*holds, *(_after(error, row.tries, outbox=outbox, now=now) for error in failures)]
        row.error, row.next_try_at = "; ".join(item.why for item in waits), min(item.until for item in waits)
        session.add(row)
        _log.warning("a correction waits", reason=row.error, tries=row.tries)


def _after(error: PicksError, tries: int, *, outbox: Outbox, now: datetime) -> _Hold:
    asked = error.retry_after if isinstance(error, TransientError) else None
    return _Hold(str(error), now + _BACKOFF.pause(tries, retry_after=asked, jitter=outbox.jitter()))
