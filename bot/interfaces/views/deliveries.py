"""What became of a pick on each platform, post by post.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlmodel import Session, col, select

from bot.domain.posts import FacetKind, Picture, Platform, Post, post_from_json
from bot.domain.states import DeliveryAction, DeliveryState
from bot.interfaces.views.json import MERGED
from bot.platforms.registry import TRAITS
from bot.platforms.traits import FREE, Alteration, Words
from bot.store import deliveries
from bot.store.tables import Delivery, DeliveryChange, FrozenPost, Pick

_UNKNOWN: Final = Words()


@dataclass(frozen=True, slots=True, kw_only=True)
class InsteadView:
    """The words that go out in place of a post whose quote is no longer welcome."""

    instead: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredView:
    """The stretches of a post that the platform writes otherwise than the curator, and the title, did."""

    altered: tuple[Alteration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionsView:
    """The words of a post that mention people: a curator's choice, and shown before it is approved."""

    mentions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """The picture that a card shows: what it is, its size in pixels, and what it shows in words."""

    media_type: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPicture:
    """The picture of a post that has one."""

    picture: PictureView


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentView:
    """The page of the archive that goes out as a document beside the post."""

    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """Words of a post that lead to an address which does not stand there."""

    text: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksView:
    """The links of a post that readers know by other words than the address."""

    links: tuple[LinkView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PostView:
    """A post: its words, its length as the platform counts, and what is embedded below it.

    ``card`` and ``quote`` are addresses; ``picture`` is the one that the card shows; ``links`` have other words.
    """

    text: str
    length: int
    limit: int
    card: str | None
    quote: str | None
    picture: ShownPicture | None = field(metadata=MERGED)
    instead: InsteadView | None = field(metadata=MERGED)
    alterations: AlteredView | None = field(metadata=MERGED)
    document: DocumentView | None = field(default=None, metadata=MERGED)
    links: LinksView | None = field(default=None, metadata=MERGED)
    mentioning: MentionsView | None = field(default=None, metadata=MERGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePostView:
    """The one post that stands in for a thread where replies are refused."""

    post: PostView = field(metadata=MERGED)
    cost_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPostView:
    """A post as it was approved, and what became of it."""

    position: int
    remote_id: str | None
    url: str | None
    removed_at: datetime | None
    post: PostView = field(metadata=MERGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryChangeView:
    """What happened to a delivery, when, by whom, through which mouth, and what went wrong."""

    at: datetime
    action: DeliveryAction
    before: DeliveryState | None
    after: DeliveryState
    by: str
    mouth: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """One pick on one platform.

    ``posts`` are those that go out: the thread, with ``unquoted`` as it was approved without its quote, with
    ``unpictured`` without its picture, or with ``as_single`` the ``single`` post in its place. ``replaced`` are the
    addresses of what it replaces and is still up. ``cost_usd`` is the price of all posts, ``spent_usd`` of those that
    are out and of the deletes.
    """

    platform: Platform
    state: DeliveryState
    account: str | None
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    error: str | None
    remarks: tuple[str, ...]
    as_single: bool
    unquoted: bool
    unpictured: bool
    cost_usd: Decimal
    spent_usd: Decimal
    posts: tuple[FrozenPostView, ...]
    replaced: tuple[str, ...]
    single: SinglePostView | None
    changes: tuple[DeliveryChangeView, ...]


def deliveries_of(session: Session, pick: Pick | None) -> tuple[DeliveryView, ...]:
    """Return the deliveries of a pick, none where there is no pick."""
    if pick is None:
        return ()
    return tuple(delivery_view(session, row) for row in deliveries.deliveries_of(session, pick.id))


def former_deliveries_of(session: Session, pick: Pick | None) -> tuple[DeliveryView, ...]:
    """Return the deliveries of a pick that were taken down before it was reopened."""
    if pick is None:
        return ()
    return tuple(delivery_view(session, row) for row in deliveries.former_deliveries_of(session, pick.id))


def delivery_view(session: Session, row: Delivery) -> DeliveryView:
    """Return one delivery with its posts."""
    every = session.exec(
        select(FrozenPost).where(FrozenPost.delivery_id == row.id).order_by(col(FrozenPost.position))
    ).all()
    posts = [post for post in every if post.single == row.single]
    others = [post for post in every if post.single != row.single]
    pick = session.get_one(Pick, row.pick_id)
    words = words_of(pick.note, pick.code_url, pick.thread_url)
    return DeliveryView(
        platform=row.platform,
        state=row.state,
        account=row.account,
        due_at=row.due_at,
        sent_at=row.sent_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        error=row.error,
        remarks=tuple(row.remarks),
        as_single=row.single,
        unquoted=row.unquoted,
        unpictured=row.unpictured,
        cost_usd=sum((post.price_usd for post in posts), Decimal(0)),
        spent_usd=_spent(row.platform, every),
        posts=tuple(_frozen_post(post, row, words) for post in posts),
        replaced=tuple(post.url for post in others if post.url and not post.removed_at),
        single=next((_single_post(post, row.platform, words) for post in every if post.single), None),
        changes=_changes(session, row),
    )


def _changes(session: Session, row: Delivery) -> tuple[DeliveryChangeView, ...]:
    """Return the log of a delivery, the oldest first."""
    rows = session.exec(
        select(DeliveryChange).where(DeliveryChange.delivery_id == row.id).order_by(col(DeliveryChange.id))
    )
    return tuple(
        DeliveryChangeView(
            at=item.at,
            action=item.action,
            before=item.before,
            after=item.after,
            by=item.by,
            mouth=item.mouth,
            detail=item.detail,
        )
        for item in rows
    )


def post_view(post: Post, platform: Platform, words: Words = _UNKNOWN) -> PostView:
    """Return what people see of a post; ``words`` are those of its pick."""
    altered, mentions = tuple(TRAITS[platform].altered(post.text, words)), tuple(TRAITS[platform].mentions(post))
    return PostView(
        text=post.text,
        length=post.length,
        limit=post.limit,
        card=post.card.url if post.card else None,
        quote=post.quote.url if post.quote else None,
        picture=_picture_view(post.picture) if post.picture else None,
        instead=InsteadView(instead=post.instead.text) if post.instead and post.quote else None,
        alterations=AlteredView(altered=altered) if altered else None,
        document=DocumentView(document=post.document.site + post.document.path) if post.document else None,
        links=LinksView(links=links) if (links := tuple(_named_links(post))) else None,
        mentioning=MentionsView(mentions=mentions) if mentions else None,
    )


def _named_links(post: Post) -> Iterator[LinkView]:
    data = post.text.encode()
    for facet in post.facets:
        words = data[facet.start : facet.end].decode("utf-8", "replace")
        if facet.kind is FacetKind.LINK and words.removesuffix("…") not in facet.value:
            yield LinkView(text=words, url=facet.value)


def _picture_view(picture: Picture) -> ShownPicture:
    view = PictureView(media_type=picture.media_type, width=picture.width, height=picture.height, alt=picture.alt)
    return ShownPicture(picture=view)


def _spent(platform: Platform, posts: Sequence[FrozenPost]) -> Decimal:
    """Return what the posts that are out cost, and the deletes of those that were taken down."""
    prices = TRAITS[platform].prices
    removed = sum(1 for post in posts if post.removed_at)
    deletes = prices.delete * removed if prices else FREE
    return sum((post.price_usd for post in posts if post.sent_at), deletes)


def words_of(note: str, *links: str | None) -> Words:
    """Return what a curator wrote about a pick."""
    return Words(note=note, links=tuple(filter(None, links)))


def _single_post(row: FrozenPost, platform: Platform, words: Words) -> SinglePostView:
    return SinglePostView(post=post_view(post_from_json(row.content), platform, words), cost_usd=row.price_usd)


def _frozen_post(row: FrozenPost, delivery: Delivery, words: Words) -> FrozenPostView:
    post = post_from_json(row.content)
    return FrozenPostView(
        position=row.position,
        remote_id=row.remote_id,
        url=row.url,
        removed_at=row.removed_at,
        post=post_view(
            post.reduced(unquoted=delivery.unquoted, unpictured=delivery.unpictured), delivery.platform, words
        ),
    )
