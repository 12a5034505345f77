"""What is special to Bluesky: a repeated request changes nothing, and another post can be embedded.

Quick to import: what composes is loaded when something is composed.
"""

from collections.abc import Sequence
from typing import Final

from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Document, Post, Thread
from bot.platforms.bluesky.post_urls import looks_like_post, web_address
from bot.platforms.traits import Mentioning, Traits
from bot.threads.draft import Draft


def _compose(draft: Draft, channel: Channel) -> Thread:
    from bot.platforms.bluesky.thread import compose_for_bluesky

    return compose_for_bluesky(
        draft, style=channel.thread, document=_document(draft, channel), all_picks=channel.archive.url
    )


def _document(draft: Draft, channel: Channel) -> Document | None:
    from bot.platforms.bluesky.page_words import document_of

    return document_of(draft, channel)


def _compose_mentioning(draft: Draft, channel: Channel, people: Sequence[Mention]) -> Thread:
    from bot.platforms.bluesky.mentions import mention_by_name

    return mention_by_name(_compose, draft, channel, people)


def _reply(words: str, channel: Channel, _: PostLimits | None) -> tuple[Post, ...]:
    from bot.platforms.bluesky.replies import reply_on_bluesky

    return reply_on_bluesky(words, style=channel.thread)


TRAITS: Final = Traits(
    compose=_compose,
    idempotent=True,
    can_quote=looks_like_post,
    has_post=looks_like_post,
    shows_picture=lambda channel: channel.card.on_bluesky,
    web_address=web_address,
    mentioning=Mentioning(compose=_compose_mentioning, by_id=True),
    reply=_reply,
    document=_document,
)
