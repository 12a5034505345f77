"""One platform's thread again, after it was taken down or given up there while the pick stays out elsewhere.

The words are those that were approved: who wants others takes the whole pick down and reopens it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.curation import drafts
from bot.curation.context import Context, find_pick, locate
from bot.curation.duplicates import duplicates
from bot.curation.slots import destinations, free_slot
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.domain.states import Action, CandidateState, DeliveryState
from bot.store.candidates import change
from bot.store.corrections import corrections_of
from bot.store.deliveries import deliveries_of, plan
from bot.store.tables import Candidate, Delivery, DeliveryChange, FrozenPost

_OVER: Final = (DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class PostedAnew:
    """What is to be posted anew, and when."""

    arxiv_id: str
    slot: datetime


def post_anew(context: Context, text: str, platform: Platform) -> PostedAnew:
    """Plan the thread of one platform anew, in the words that were approved and in the next slot of its account.

    1. Find the delivery that was taken down or given up: ``_over``.
    2. Make it a former one: it stays for the log, and for what it cost.
    3. Refuse where another channel has the paper on that account: ``_require_account``.
    4. Plan another delivery with the same posts, and log it; the pick is on its way again.

    Raises PicksError where anything of it is up, or may be.
    """
    with context.database.transaction() as session:
        candidate, former = _over(session, context, text, platform)
        way_down = f"picks retract {candidate.arxiv_id} --platform {platform}"
        drafts.make_former(session, context, candidate, former, way_down=way_down)
        _require_account(session, context, candidate, platform)
        where = {item for item in destinations(session, context) if item[0] is platform}
        slot = free_slot(session, context.channel, where, now=context.now)
        detail = f"{platform} alone, slot {slot:%Y-%m-%d %H:%M}Z"
        change(session, candidate, Action.POST_ANEW, actor=context.actor, now=context.now, detail=detail)
        _plan_again(session, context, former, slot=slot)
        return PostedAnew(candidate.arxiv_id, slot)


def _over(session: Session, context: Context, text: str, platform: Platform) -> tuple[Candidate, Delivery]:
    paper, candidate = locate(session, context.channel, text)
    name, pick = paper.arxiv_id, find_pick(session, candidate)
    if candidate is None or pick is None:
        raise PicksError(f"nothing of {name} was taken down; see picks history")
    if candidate.state is CandidateState.RETRACTED:
        raise PicksError(f"everything of {name} was taken down; use picks reopen {name} without --platform")
    found = next((item for item in deliveries_of(session, pick.id) if item.platform is platform), None)
    if found is None:
        raise PicksError(f"{name} does not go to {platform}; see picks show {name}")
    if found.state not in _OVER:
        way = f"picks retract {name} --platform {platform} takes it down first"
        raise PicksError(f"cannot post {name} anew on {platform}: it is {found.state} there; {way}")
    _require_corrected(session, name, found)
    return candidate, found


def _require_corrected(session: Session, name: str, former: Delivery) -> None:
    """Raise PicksError where the note was corrected after the thread was over there: its words are the wrong ones."""
    begun = [row.started_at for row in corrections_of(session, [former.pick_id]) if row.started_at]
    over_at = session.exec(
        select(func.max(DeliveryChange.at)).where(
            DeliveryChange.delivery_id == former.id,
            col(DeliveryChange.after).in_(_OVER),
            DeliveryChange.before != DeliveryChange.after,
        )
    ).one()
    if begun and over_at is not None and over_at <= max(begun):
        raise PicksError(
            f"the note of {name} was corrected after its thread on {former.platform} was over; picks retract {name} "
            f"takes the rest down, then picks reopen {name} and picks approve {name} post the corrected note everywhere"
        )


def _require_account(session: Session, context: Context, candidate: Candidate, platform: Platform) -> None:
    account = drafts.account_on(session, context, platform)
    others = duplicates(session, candidate, platform=platform, account=account) if account else ()
    if others:
        raise PicksError(
            f"the channel {others[0].channel} has this paper for the same account on {platform}; "
            "nothing is posted twice"
        )


def _plan_again(session: Session, context: Context, former: Delivery, *, slot: datetime) -> None:
    """Plan a delivery with the posts of the former one, as they were approved."""
    delivery = plan(
        session,
        former.pick_id,
        former.platform,
        fingerprint=former.fingerprint,
        remarks=(),
        account=drafts.account_on(session, context, former.platform),
        due_at=slot,
        by=context.actor,
        now=context.now,
    )
    posts = session.exec(select(FrozenPost).where(FrozenPost.delivery_id == former.id).order_by(col(FrozenPost.id)))
    session.add_all(
        FrozenPost(
            delivery_id=delivery.id,
            single=post.single,
            position=post.position,
            content=post.content,
            price_usd=post.price_usd,
        )
        for post in posts.all()
    )
