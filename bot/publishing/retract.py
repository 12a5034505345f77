"""Threads down: the last post first, as often as it takes.

The candidate is marked before anything is deleted, so nothing of it is sent any more; each post is marked after it is
down. A retraction that breaks off is simply repeated: what is down already counts as down.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

import structlog
from sqlmodel import Session
from structlog.contextvars import bound_contextvars

from bot.curation.context import find_pick, locate
from bot.domain.accounts import Identity
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, TransientError
from bot.domain.posts import Platform
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState, next_state
from bot.domain.waiting import meant
from bot.platforms.publisher import Publisher, Receipt, WrongAccountError
from bot.publishing.claims import Intention
from bot.publishing.deletes import require_room
from bot.publishing.endings import GRACE
from bot.publishing.outbox import record_receipts, record_removal, still_up, tell_candidate
from bot.publishing.sender import Outbox
from bot.store import candidates, corrections
from bot.store.deliveries import Columns, change, deliveries_of
from bot.store.tables import Candidate, Delivery

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retraction:
    """What came of taking a thread down on one platform: how many of its posts are still up, and why.

    ``retry_after`` is in how many seconds to go on, where the platform says so.
    """

    arxiv_id: str
    platform: Platform
    removed: int
    left: int
    error: str | None = None
    retry_after: float | None = None


def retract(
    outbox: Outbox, channel: Channel, text: str, *, actor: Actor, platform: Platform | None = None
) -> list[Retraction]:
    """Take a pick's threads down on every platform, or on one alone.

    1. Mark the candidate and its deliveries as retracted, so that nothing more of them is sent: ``_begin``.
    2. On each platform look for posts whose answer was lost, because they have to come down too: ``_look_for``.
    3. Remove what is up, the last post first, and store each removal once a look does not find it any more:
       ``_remove_all``. Where a platform counts deletes, the rest waits for a later call.
    4. Store why posts are still up, or may be: ``_say``.

    Posts on another account than the one that is signed in stay, and the error names that account. Raises
    TransitionError when nothing of it is out, PicksError while it is being sent. One platform's failure leaves
    the others alone; the same call again goes on where it broke off.
    """
    arxiv_id, delivery_ids = _begin(outbox, channel, text, actor=actor, platform=platform)
    return [take_down(outbox, channel, arxiv_id, delivery_id) for delivery_id in delivery_ids]


def _begin(
    outbox: Outbox, channel: Channel, text: str, *, actor: Actor, platform: Platform | None
) -> tuple[str, list[int]]:
    now = outbox.clock()
    with outbox.database.transaction() as session:
        paper, candidate = locate(session, channel, text)
        pick = find_pick(session, candidate)
        if candidate is None or pick is None:
            raise PicksError(f"nothing of {paper.arxiv_id} is out; see picks history")
        every = deliveries_of(session, pick.id)
        chosen = [delivery for delivery in every if platform in {None, delivery.platform}]
        if platform is not None and not chosen:
            raise PicksError(f"{candidate.arxiv_id} does not go to {platform}; see picks show {candidate.arxiv_id}")
        if any(delivery.is_being_sent(now) for delivery in chosen):
            raise PicksError(f"{candidate.arxiv_id} is being sent at this moment; try again in a minute")
        _stop(session, candidate, chosen, every, actor=actor, now=now)
        corrections.drop_open(session, pick.id, None if chosen == list(every) else [item.platform for item in chosen])
        return candidate.arxiv_id, [delivery.id for delivery in chosen]


def _stop(
    session: Session,
    candidate: Candidate,
    chosen: Sequence[Delivery],
    every: Sequence[Delivery],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Mark deliveries as retracted, and the candidate with the last of them; what is marked already is not logged."""
    up = [delivery for delivery in chosen if delivery.state is not DeliveryState.RETRACTED]
    whole = all(delivery in up or delivery.state is DeliveryState.RETRACTED for delivery in every)
    action = Action.RETRACT if whole else Action.TAKE_DOWN
    next_state(candidate.state, action, name=candidate.arxiv_id)
    for delivery in up:
        change(session, delivery, DeliveryAction.RETRACT, by=actor, now=now, next_try_at=None, claimed_by=None)
    if whole and candidate.state is not CandidateState.RETRACTED:
        candidates.change(session, candidate, action, actor=actor, now=now)
    elif up and not whole:
        detail = f"{', '.join(str(delivery.platform) for delivery in up)} alone"
        candidates.change(session, candidate, action, actor=actor, now=now, detail=detail)
        tell_candidate(session, up[0], actor=actor, now=now)


def take_down(outbox: Outbox, channel: Channel, arxiv_id: str, delivery_id: int) -> Retraction:
    """Remove what is up of a delivery that is marked already; as often as it takes."""
    with outbox.database.reading() as session:
        platform = session.get_one(Delivery, delivery_id).platform
    up_before, error, retry_after = len(_still_up(outbox, delivery_id)), None, None
    try:
        with bound_contextvars(channel=channel.name, arxiv_id=arxiv_id, platform=str(platform)):
            _remove_all(outbox, channel, platform, delivery_id)
    except PicksError as failure:
        error, retry_after = str(failure), failure.retry_after if isinstance(failure, TransientError) else None
        _log.warning("not taken down", channel=channel.name, arxiv_id=arxiv_id, platform=str(platform), reason=error)
    _say(outbox, delivery_id, error)
    left = len(_still_up(outbox, delivery_id))
    return Retraction(arxiv_id, platform, max(0, up_before - left), left, error, retry_after)


def _remove_all(outbox: Outbox, channel: Channel, platform: Platform, delivery_id: int) -> None:
    """Remove what is up, and what a lost answer may have left; raise PicksError where that is not settled."""
    with outbox.database.reading() as session:
        delivery = session.get_one(Delivery, delivery_id)
        stored, poster = delivery.request, delivery.poster
    if stored is None and not _still_up(outbox, delivery_id):
        return
    publisher = outbox.publisher_for(channel.name, platform)
    if publisher is None:
        raise PicksError(f"posts may be up, and {platform} is switched off: no credentials in the environment")
    doubt = _doubt(outbox, publisher, delivery_id, Intention.read(stored), poster) if stored is not None else None
    while left := _still_up(outbox, delivery_id):
        _require_room(outbox, platform, poster)
        count = publisher.remove(left)
        _record(outbox, delivery_id, left[-count:])
    if doubt is not None:
        raise doubt


def _require_room(outbox: Outbox, platform: Platform, poster: Identity | None) -> None:
    """Raise TransientError where the account may delete nothing more for now."""
    with outbox.database.reading() as session:
        require_room(session, platform, poster, now=outbox.clock())


def _doubt(
    outbox: Outbox, publisher: Publisher, delivery_id: int, intention: Intention, poster: Identity | None
) -> PicksError | None:
    """Return why more may be up than is known, after looking for it; None when that is settled.

    Another account than the poster's shows nothing of it, and so proves nothing.
    """
    try:
        ours = publisher.identify()
        if poster is not None and not poster.is_same_as(ours):
            return WrongAccountError("look for a post whose answer was lost", theirs=poster, ours=ours)
        look_again_at = _look_for(outbox, publisher, delivery_id, intention)
    except PicksError as error:
        return error
    if look_again_at is None:
        return None
    return PicksError(
        f"a post on {publisher.platform} whose answer was lost may still show up; look again, with the same command, "
        f"after {look_again_at:%H:%M} UTC"
    )


def _look_for(outbox: Outbox, publisher: Publisher, delivery_id: int, intention: Intention) -> datetime | None:
    """Look up a request whose answer was lost: what it posted has to come down too.

    Return when to look again: on X it may show up late, so that one look in vain is not enough.
    """
    found = publisher.find(intention.request)
    now = outbox.clock()
    with outbox.database.transaction() as session:
        delivery = session.get_one(Delivery, delivery_id)
        planned = meant(delivery.next_try_at, now=now)
        look_again_at = planned or now + GRACE
        if found is None and not publisher.idempotent and (planned is None or now < look_again_at):
            _update(session, outbox, delivery, next_try_at=look_again_at)
            return look_again_at
        _update(session, outbox, delivery, request=None, next_try_at=None)
        record_receipts(session, delivery_id, found or (), single=intention.single, now=now)
        return None


def _still_up(outbox: Outbox, delivery_id: int) -> list[Receipt]:
    with outbox.database.reading() as session:
        return still_up(session, delivery_id)


def _record(outbox: Outbox, delivery_id: int, removed: Sequence[Receipt]) -> None:
    with outbox.database.transaction() as session:
        record_removal(session, delivery_id, removed, now=outbox.clock())


def _say(outbox: Outbox, delivery_id: int, error: str | None) -> None:
    with outbox.database.transaction() as session:
        delivery = session.get_one(Delivery, delivery_id)
        action = DeliveryAction.RETRACT if error else DeliveryAction.UPDATE  # what went wrong belongs into the log
        change(session, delivery, action, by=outbox.actor, now=outbox.clock(), error=error)


def _update(session: Session, outbox: Outbox, delivery: Delivery, **values: Unpack[Columns]) -> None:
    change(session, delivery, DeliveryAction.UPDATE, by=outbox.actor, now=outbox.clock(), **values)
