"""A person's word on a delivery that waits for one: it is out, send it again, or let it be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

from sqlmodel import Session

from bot.curation.context import find_pick, locate
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, UsageError
from bot.domain.posts import Platform, Post
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.platforms.publisher import Publisher, Receipt, WrongAccountError
from bot.platforms.registry import TRAITS
from bot.publishing.claims import Intention
from bot.publishing.outbox import (
    frozen_posts,
    has_begun,
    post_of,
    posts_to_send,
    receipt_of,
    record_receipts,
    record_removal,
    still_up,
    tell_candidate,
)
from bot.store import candidates
from bot.store.database import Database
from bot.store.deliveries import Columns, change, deliveries_of
from bot.store.tables import Candidate, Delivery

PublisherFor = Callable[[str, Platform], Publisher | None]
"""Returns the account of a channel on a platform, None when that platform is switched off."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the person says; exactly one of the three. ``sent_url`` is the address of the post that was in doubt."""

    sent_url: str | None = None
    resend: bool = False
    give_up: bool = False

    def __post_init__(self) -> None:
        if sum((self.sent_url is not None, self.resend, self.give_up)) != 1:
            raise UsageError("say exactly one of --sent URL, --resend and --give-up")

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
    publisher_for: PublisherFor | None = None,
) -> tuple[str, Platform, DeliveryState]:
    """Carry out the verdict, log it, and return the paper, the platform and the delivery's new state.

    1. Find the delivery that waits for a person: ``_waiting_delivery``.
    2. Read the post that a person names, and compare it with what was approved: ``_named_post``.
    3. Log the decision with the candidate, which goes on publishing.
    4. Change the delivery as the verdict says: ``_carry_out``.
    5. Tell the candidate what its deliveries together mean now.

    Nothing is sent here: what is to be sent is due at once. ``publisher_for`` returns the accounts, of which one is
    needed to look at a named post. Raises PicksError when no delivery of the pick waits for a person, or more than one
    does and ``platform`` does not say which; or when the named post is not the one in doubt.
    """
    named = _named_post(database, channel, text, verdict, platform=platform, publisher_for=publisher_for)
    with database.transaction() as session:
        candidate, delivery = _case(session, channel, text, platform, give_up=verdict.give_up)
        detail = f"{delivery.platform}: {verdict}"
        candidates.change(session, candidate, Action.RESOLVE, actor=actor, now=now, detail=detail)
        _carry_out(session, delivery, verdict, named, actor=actor, now=now)
        tell_candidate(session, delivery, actor=actor, now=now)
        return candidate.arxiv_id, delivery.platform, delivery.state


def _case(
    session: Session, channel: Channel, text: str, platform: Platform | None, *, give_up: bool
) -> tuple[Candidate, Delivery]:
    """Return the candidate that an ID names and its delivery that waits for a person."""
    paper, candidate = locate(session, channel, text)
    if candidate is None:
        raise PicksError(f"nothing of {paper.arxiv_id} waits for a person; see picks status")
    return candidate, _waiting_delivery(session, candidate, platform, give_up=give_up)


def _waiting_delivery(session: Session, candidate: Candidate, platform: Platform | None, *, give_up: bool) -> Delivery:
    """Return the one delivery that waits for a person; raise PicksError where it is none, or not clear which.

    To be given up one may also wait for its time, or for an account, if it is named and the pick is on its way.
    """
    pick = find_pick(session, candidate)
    every = deliveries_of(session, pick.id) if pick else ()
    found = [item for item in every if platform in {None, item.platform} and _waits_for_a_person(session, item)]
    if not found and give_up and platform is not None and candidate.state is not CandidateState.APPROVED:
        found = [item for item in every if item.platform is platform and item.state is DeliveryState.PLANNED]
    if not found:
        raise PicksError(f"no delivery of {candidate.arxiv_id} waits for a person; see picks show {candidate.arxiv_id}")
    if len(found) > 1:
        names = ", ".join(str(item.platform) for item in found)
        raise PicksError(f"several deliveries of {candidate.arxiv_id} wait: choose one with --platform ({names})")
    return found[0]


def _waits_for_a_person(session: Session, delivery: Delivery) -> bool:
    match delivery.state:
        case DeliveryState.RETRACTED:
            return has_begun(session, delivery)  # something of it is up, or may be
        case DeliveryState.UNKNOWN:
            return not delivery.awaits_second_look
        case state:
            return state is DeliveryState.REFUSED


@dataclass(frozen=True, slots=True)
class _Doubt:
    """The post in doubt: what it should say, where it stands in the thread, and after what."""

    delivery_id: int
    post: Post
    position: int
    parent: Receipt | None
    single: bool

    @classmethod
    def of(cls, session: Session, delivery: Delivery) -> "_Doubt":
        """Return the first post of the delivery of which nothing is known; raise PicksError where there is none."""
        single = Intention.read(delivery.request).single if delivery.request else delivery.single
        rows = frozen_posts(session, delivery.id, single=single)
        sent = [receipt_of(row, delivery.poster) for row in rows if row.remote_id]
        unsent = [row for row in rows if row.remote_id is None]
        if not unsent:
            raise PicksError("every post of the thread is known to be out already; use --give-up if it should rest")
        return cls(delivery.id, post_of(unsent[0], delivery), unsent[0].position, sent[-1] if sent else None, single)


@dataclass(frozen=True, slots=True)
class _NamedPost:
    """A post that a person named, and that a look has found to be the one in doubt."""

    doubt: _Doubt
    receipt: Receipt


def _named_post(
    database: Database,
    channel: Channel,
    text: str,
    verdict: Verdict,
    *,
    platform: Platform | None,
    publisher_for: PublisherFor | None,
) -> _NamedPost | None:
    """Read the post that a person names; None where the verdict names none."""
    if verdict.sent_url is None:
        return None
    with database.reading() as session:
        _, delivery = _case(session, channel, text, platform, give_up=False)
        _refuse_of_a_retraction(delivery)
        where, poster = delivery.platform, delivery.poster
        remote_id = _remote_id(where, verdict.sent_url)
        doubt = _Doubt.of(session, delivery)
    publisher = publisher_for(channel.name, where) if publisher_for else None
    if publisher is None:
        raise PicksError(
            f"cannot look at {verdict.sent_url}: {where} is switched off, no credentials in the environment; "
            "set them, or use --give-up"
        )
    ours = publisher.identify()
    if poster is not None and not poster.is_same_as(ours):
        raise WrongAccountError(f"say whether {verdict.sent_url} is ours", theirs=poster, ours=ours)
    receipt = publisher.confirm(doubt.post, remote_id=remote_id, position=doubt.position, parent=doubt.parent)
    return _NamedPost(doubt, receipt)


def _remote_id(platform: Platform, url: str) -> str:
    """Return the id of the post at an address; raise PicksError where the platform has no such addresses."""
    named = TRAITS[platform].named_by_address
    if named is None:
        raise PicksError(f"{platform} tells by itself what is out: use --resend, which looks first")
    post = named.read(url.strip())
    if post is None:
        raise PicksError(f"{url!r} is not the address of a post on {named.name}, such as {named.example}")
    return post.remote_id


def _refuse_of_a_retraction(delivery: Delivery) -> None:
    if delivery.state is DeliveryState.RETRACTED:
        raise PicksError("its thread is being taken down: picks retract goes on, --give-up says that nothing is left")


def _carry_out(
    session: Session,
    delivery: Delivery,
    verdict: Verdict,
    named: _NamedPost | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change the delivery as the verdict says; its errors and tries so far count no more."""

    def settle(action: DeliveryAction, **values: Unpack[Columns]) -> None:
        values["error"], values["attempts"] = None, 0
        change(session, delivery, action, by=actor, now=now, **values)

    if delivery.state is DeliveryState.RETRACTED:
        if not verdict.give_up:
            _refuse_of_a_retraction(delivery)
        record_removal(session, delivery.id, still_up(session, delivery.id), now=now)
        settle(DeliveryAction.UPDATE, request=None, next_try_at=None)
        return
    if verdict.give_up and delivery.corrects:
        settle(DeliveryAction.LEAVE, next_try_at=None)  # the thread stays out; what is open of its correction is kept
        return
    if verdict.give_up:
        settle(DeliveryAction.GIVE_UP)  # an open request stays: what it made may be up
        return
    if named is not None:
        _take_over(session, delivery, named, now=now)
    # Where the request has keys it stays: they keep a repeat from doubling anything.
    keeps_request = named is None and TRAITS[delivery.platform].idempotent
    request = delivery.request if keeps_request else None
    if _all_out(session, delivery):
        settle(DeliveryAction.CONFIRM, request=request, sent_at=delivery.sent_at or now)
    else:
        settle(
            DeliveryAction.RESEND,
            request=request,
            due_at=now,  # and no slot that was missed
            not_out_at=now if verdict.resend else None,
        )


def _all_out(session: Session, delivery: Delivery) -> bool:
    """Say whether every post is out and nothing of a thread that a single post replaces is still up."""
    thread = frozen_posts(session, delivery.id, single=False) if delivery.single else ()
    replaced = any(row.remote_id and not row.removed_at for row in thread)
    return all(row.remote_id for row in posts_to_send(session, delivery)) and not replaced


def _take_over(session: Session, delivery: Delivery, named: _NamedPost, *, now: datetime) -> None:
    """Store that the post in doubt is the named one; raise PicksError if something else was found out meanwhile."""
    if _Doubt.of(session, delivery) != named.doubt:
        raise PicksError("something else was found out about it meanwhile; look again: picks status")
    record_receipts(session, delivery.id, [named.receipt], single=named.doubt.single, now=now)
    session.flush()
