"""A person's word on a delivery that waits for one: it is out, send it again, or let it be."""

from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sqlmodel import Session

from bot.curation.context import find_pick, locate
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.domain.states import Action, DeliveryAction, DeliveryState
from bot.platforms.publisher import Receipt
from bot.platforms.registry import TRAITS
from bot.publishing.claims import Intention
from bot.publishing.outbox import frozen_posts, posts_to_send, record_receipts, tell_candidate
from bot.store import candidates
from bot.store.database import Database
from bot.store.deliveries import Columns, change, deliveries_of
from bot.store.tables import Candidate, Delivery


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person says; exactly one of the three. ``sent_url`` is the address of the post that was in doubt."""

    sent_url: str | None = None
    resend: bool = False
    give_up: bool = False

    def __post_init__(self) -> None:
        if sum((self.sent_url is not None, self.resend, self.give_up)) != 1:
            raise PicksError("say exactly one of --sent URL, --resend and --give-up")

    def __str__(self) -> str:
        return f"sent: {self.sent_url}" if self.sent_url else "resend" if self.resend else "give up"


def resolve(
    database: Database,
    channel: Channel,
    text: str,
    verdict: Verdict,
    *,
    actor: Actor,
    now: datetime,
    platform: Platform | None = None,
) -> tuple[str, Platform, DeliveryState]:
    """Carry out the verdict, log it, and return the paper, the platform and the delivery's new state.

    1. Find the delivery that waits for a person: ``_waiting_delivery``.
    2. Log the decision with the candidate, which goes on publishing.
    3. Change the delivery as the verdict says: ``_carry_out``.
    4. Tell the candidate what its deliveries together mean now.

    Nothing is sent here: what is to be sent is due at once. Raises PicksError when no delivery of the pick waits for a
    person, or more than one does and ``platform`` does not say which.
    """
    with database.transaction() as session:
        _, candidate = locate(session, channel, text)
        if candidate is None:
            raise PicksError(f"nothing of {text} waits for a person; see picks status")
        delivery = _waiting_delivery(session, candidate, platform)
        detail = f"{delivery.platform}: {verdict}"
        candidates.change(session, candidate, Action.RESOLVE, actor=actor, now=now, detail=detail)
        _carry_out(session, delivery, verdict, actor=actor, now=now)
        tell_candidate(session, delivery, actor=actor, now=now)
        return candidate.arxiv_id, delivery.platform, delivery.state


def _waiting_delivery(session: Session, candidate: Candidate, platform: Platform | None) -> Delivery:
    """Return the one delivery that waits for a person; raise PicksError where it is none, or not clear which."""
    pick = find_pick(session, candidate)
    every = deliveries_of(session, pick.id) if pick else ()
    found = [item for item in every if platform in {None, item.platform} and _waits_for_a_person(item)]
    if not found:
        raise PicksError(f"no delivery of {candidate.arxiv_id} waits for a person; see picks show {candidate.arxiv_id}")
    if len(found) > 1:
        names = ", ".join(str(item.platform) for item in found)
        raise PicksError(f"several deliveries of {candidate.arxiv_id} wait: choose one with --platform ({names})")
    return found[0]


def _waits_for_a_person(delivery: Delivery) -> bool:
    match delivery.state:
        case DeliveryState.RETRACTED:
            return delivery.request is not None  # what it made may be up
        case DeliveryState.UNKNOWN:
            return not delivery.awaits_second_look
        case state:
            return state is DeliveryState.REFUSED


def _carry_out(session: Session, delivery: Delivery, verdict: Verdict, *, actor: Actor, now: datetime) -> None:
    """Change the delivery as the verdict says; its errors and tries so far count no more."""

    def settle(action: DeliveryAction, **values: Unpack[Columns]) -> None:
        values["error"], values["attempts"] = None, 0
        change(session, delivery, action, by=actor, now=now, **values)

    if delivery.state is DeliveryState.RETRACTED:
        if not verdict.give_up:
            raise PicksError(
                "its thread is being taken down: picks retract goes on, --give-up says that nothing is left"
            )
        settle(DeliveryAction.UPDATE, request=None, next_try_at=None)
        return
    if verdict.give_up:
        settle(DeliveryAction.GIVE_UP)  # an open request stays: what it made may be up
        return
    if verdict.sent_url is not None:
        _take_over(session, delivery, verdict.sent_url, now=now)
    # Where the request has keys it stays: they keep a repeat from doubling anything.
    keeps_request = verdict.sent_url is None and TRAITS[delivery.platform].idempotent
    request = delivery.request if keeps_request else None
    if _all_out(session, delivery):
        settle(DeliveryAction.CONFIRM, request=request, sent_at=now)
    else:
        settle(DeliveryAction.RESEND, request=request, due_at=now, sent_at=None)  # now, and no slot that was missed


def _all_out(session: Session, delivery: Delivery) -> bool:
    """Say whether every post is out and nothing of a thread that a single post replaces is still up."""
    thread = frozen_posts(session, delivery.id, single=False) if delivery.single else ()
    replaced = any(row.remote_id and not row.removed_at for row in thread)
    return all(row.remote_id for row in posts_to_send(session, delivery)) and not replaced


def _take_over(session: Session, delivery: Delivery, url: str, *, now: datetime) -> None:
    """Store that the post in doubt is the one at this address."""
    named = TRAITS[delivery.platform].named_by_address
    if named is None:
        raise PicksError(f"{delivery.platform} tells by itself what is out: use --resend, which looks first")
    post = named.read(url.strip())
    if post is None:
        raise PicksError(f"{url!r} is not the address of a post on {named.name}, such as {named.example}")
    single = Intention.read(delivery.request).single if delivery.request else delivery.single
    unsent = [row for row in frozen_posts(session, delivery.id, single=single) if row.remote_id is None]
    if not unsent:
        raise PicksError("every post of the thread is known to be out already; use --give-up if it should rest")
    receipt = Receipt(unsent[0].position, post.remote_id, url=post.url)
    record_receipts(session, delivery.id, [receipt], single=single, now=now)
    session.flush()
