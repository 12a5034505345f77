"""The exact posts of a pick on each platform, approved or as they would be by now.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlmodel import select

from bot.curation.context import locate
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm
from bot.domain.posts import Platform, Post, Thread
from bot.interfaces.views.deliveries import (
    DeliveryView,
    PostView,
    SinglePostView,
    deliveries_of,
    delivery_view,
    post_view,
)
from bot.interfaces.views.json import MERGED
from bot.platforms.registry import TRAITS
from bot.platforms.traits import Words
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """What a thread has besides on a platform that charges or may refuse replies: its price, and the single post."""

    cost_usd: Decimal
    single: SinglePostView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadView:
    """A thread for one platform; ``frozen`` says that a curator approved exactly these posts.

    ``form`` is how a draft is laid out; what was approved keeps its form whatever the channel says by now.
    """

    frozen: bool
    posts: tuple[PostView, ...]
    extras: Extras | None = field(metadata=MERGED)
    remarks: tuple[str, ...]
    form: str | None = None


@dataclass(frozen=True, slots=True)
class PreviewedThread:
    """A thread as a preview shows it; ``on`` says whether the bot has an account on the platform."""

    thread: ThreadView = field(metadata=MERGED)
    on: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The threads of one paper."""

    arxiv_id: str
    title: str
    platforms: Mapping[Platform, PreviewedThread]


@dataclass(frozen=True, slots=True)
class DueThread:
    """A thread that would go out now; ``correction`` says in which form it corrects one that is out."""

    arxiv_id: str
    platform: Platform
    thread: ThreadView = field(metadata=MERGED)
    correction: CorrectionForm | None = None


def frozen_threads(database: Database, channel: Channel, text: str) -> dict[Platform, ThreadView]:
    """Return the approved threads of a candidate; raise UnknownPaperError when the ID names nothing."""
    with database.reading() as session:
        _, candidate = locate(session, channel, text)
        pick = session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first() if candidate else None
        return {item.platform: _frozen(item) for item in deliveries_of(session, pick)}


def composed_threads(threads: Mapping[Platform, Thread], *, words: Words | None = None) -> dict[Platform, ThreadView]:
    """Return the threads as they were composed; ``words`` are those of the pick."""
    return {platform: _composed(thread, words or Words()) for platform, thread in threads.items()}


def frozen_deliveries(database: Database, delivery_ids: Sequence[int]) -> list[DueThread]:
    """Return the approved threads of some deliveries, in the order of their ids given."""
    with database.reading() as session:
        found = []
        for delivery_id in delivery_ids:
            row = session.get_one(Delivery, delivery_id)
            pick = session.get_one(Pick, row.pick_id)
            candidate = session.get_one(Candidate, pick.candidate_id)
            found.append(DueThread(candidate.arxiv_id, row.platform, _frozen(delivery_view(session, row))))
        return found


def _frozen(delivery: DeliveryView) -> ThreadView:
    return ThreadView(
        frozen=True,
        posts=tuple(item.post for item in delivery.posts),
        extras=_extras(delivery.platform, delivery.cost_usd, delivery.single),
        remarks=delivery.remarks,
    )


def _composed(thread: Thread, words: Words) -> ThreadView:
    return ThreadView(
        frozen=False,
        posts=tuple(post_view(post, thread.platform, words) for post in thread.posts),
        extras=_extras(thread.platform, thread.cost_usd, _single_post(thread.platform, thread.single, words)),
        remarks=thread.remarks,
        form=thread.form,
    )


def _extras(platform: Platform, cost: Decimal, single: SinglePostView | None) -> Extras | None:
    traits = TRAITS[platform]
    return Extras(cost_usd=cost, single=single) if traits.prices or traits.single_post else None


def _single_post(platform: Platform, post: Post | None, words: Words) -> SinglePostView | None:
    if post is None:
        return None
    return SinglePostView(post=post_view(post, platform, words), cost_usd=TRAITS[platform].price([post]))
