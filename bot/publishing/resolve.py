"""A person's word on a delivery that waits for one: it is out, send it again, or let it be."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, select

from bot.curation import decisions
from bot.curation.context import Actor, find_pick, locate
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.domain.states import Action, DeliveryState
from bot.platforms.publisher import Receipt
from bot.publishing.claims import Intention
from bot.publishing.outbox import frozen_posts, posts_to_send, record_receipts, tell_candidate
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery

_STATUS: Final = re.compile(
    r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/[^/?#\s]+/status/(?P<id>\d{1,20})(?:[/?#]\S*)?"
)
_WAITING: Final = (DeliveryState.REFUSED, DeliveryState.UNKNOWN)


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

    Nothing is sent here: what is to be sent is due at once. Raises PicksError when no delivery of the pick waits for a
    person, or more than one does and ``platform`` does not say which.
    """
    with database.transaction() as session:
        _, candidate = locate(session, channel, text)
        if candidate is None:
            raise PicksError(f"nothing of {text} waits for a person; see picks status")
        delivery = _waiting_delivery(session, candidate, platform)
        detail = f"{delivery.platform}: {verdict}"
        decisions.apply(session, candidate, Action.RESOLVE, actor=actor, now=now, detail=detail)
        _carry_out(session, delivery, verdict, now=now)
        session.flush()
        tell_candidate(session, delivery, actor=actor, now=now)
        return candidate.arxiv_id, delivery.platform, delivery.state


def _waiting_delivery(session: Session, candidate: Candidate, platform: Platform | None) -> Delivery:
    pick = find_pick(session, candidate)
    query = select(Delivery).where(Delivery.pick_id == (pick.id if pick else 0))
    found = [item for item in session.exec(query) if platform in {None, item.platform} and _waits_for_a_person(item)]
    if not found:
        raise PicksError(f"no delivery of {candidate.arxiv_id} waits for a person; see picks show {candidate.arxiv_id}")
    if len(found) > 1:
        names = ", ".join(str(item.platform) for item in found)
        raise PicksError(f"several deliveries of {candidate.arxiv_id} wait: choose one with --platform ({names})")
    return found[0]


def _waits_for_a_person(delivery: Delivery) -> bool:
    if delivery.state is DeliveryState.RETRACTED:
        return delivery.request is not None  # what it made may be up
    return delivery.state in _WAITING and delivery.next_try_at is None


def _carry_out(session: Session, delivery: Delivery, verdict: Verdict, *, now: datetime) -> None:
    delivery.error, delivery.attempts = None, 0
    session.add(delivery)
    if delivery.state is DeliveryState.RETRACTED:
        _close_retraction(delivery, verdict)
        return
    if verdict.give_up:
        delivery.state = DeliveryState.GIVEN_UP  # an open request stays: what it made may be up
        return
    if verdict.sent_url is not None:
        _take_over(session, delivery, verdict.sent_url, now=now)
    elif delivery.platform is Platform.X:
        delivery.request = None  # elsewhere it stays: its keys keep a repeat from doubling anything
    done = all(row.remote_id for row in posts_to_send(session, delivery)) and not _replaced(session, delivery)
    delivery.state = DeliveryState.SENT if done else DeliveryState.PLANNED
    delivery.sent_at = now if done else None
    delivery.due_at = min(delivery.due_at, now)


def _close_retraction(delivery: Delivery, verdict: Verdict) -> None:
    if not verdict.give_up:
        raise PicksError("its thread is being taken down: picks retract goes on, --give-up says that nothing is left")
    delivery.request = delivery.next_try_at = None


def _replaced(session: Session, delivery: Delivery) -> bool:
    """Say whether the thread that a single post replaces is still up."""
    thread = frozen_posts(session, delivery.id, single=False) if delivery.single else ()
    return any(row.remote_id and not row.removed_at for row in thread)


def _take_over(session: Session, delivery: Delivery, url: str, *, now: datetime) -> None:
    if delivery.platform is not Platform.X:
        raise PicksError(f"{delivery.platform} tells by itself what is out: use --resend, which looks first")
    match = _STATUS.fullmatch(url.strip())
    if match is None:
        raise PicksError(f"{url!r} is not the address of a post on X, such as https://x.com/NAME/status/123")
    single = Intention.read(delivery.request).single if delivery.request else delivery.single
    unsent = [row for row in frozen_posts(session, delivery.id, single=single) if row.remote_id is None]
    if not unsent:
        raise PicksError("every post of the thread is known to be out already; use --give-up if it should rest")
    receipt = Receipt(unsent[0].position, match["id"], url=f"https://x.com/i/status/{match['id']}")
    delivery.request = None
    record_receipts(session, delivery.id, [receipt], single=single, now=now)
    session.flush()
