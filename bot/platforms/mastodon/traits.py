"""What is special to Mastodon: how long a post is depends on the server, and deletes are counted.

Quick to import: what composes is loaded when something is composed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Post, Thread
from bot.platforms.broken_words import broken_words
from bot.platforms.mastodon.addresses import read_post
from bot.platforms.traits import Allowance, Alteration, Mentioning, NamedByAddress, Traits, Words
from bot.threads.draft import Draft


def _compose(draft: Draft, channel: Channel) -> Thread:
    from bot.platforms.mastodon.thread import compose_for_mastodon

    return compose_for_mastodon(draft, style=channel.thread, all_picks=channel.archive.url)


def _compose_mentioning(draft: Draft, channel: Channel, people: Sequence[Mention]) -> Thread:
    from bot.platforms.mastodon.mentions import writing
    from bot.platforms.mastodon.text import USUAL
    from bot.platforms.mentions import mention_by_handle

    return mention_by_handle(_compose, draft, channel, people, writing=writing(draft.limits or USUAL))


def _mentions(post: Post) -> list[str]:
    """Return the handles in a post: strangers' are broken, so those that are left were approved as mentions."""
    if "@" not in post.text:
        return []
    from bot.platforms.mastodon.text import handles_in

    return handles_in(post.text)


def _reply(words: str, channel: Channel, limits: PostLimits | None) -> tuple[Post, ...]:
    from bot.platforms.mastodon.replies import reply_on_mastodon
    from bot.platforms.mastodon.text import USUAL

    return reply_on_mastodon(words, style=channel.thread, limits=limits or USUAL)


def _altered(text: str, words: Words) -> Sequence[Alteration]:  # noqa: ARG001 - addresses go out as they are
    return list(broken_words(text, signs="@#＃:/"))


TRAITS: Final = Traits(
    compose=_compose,
    idempotent=False,
    deletes=Allowance(most=30, within=timedelta(minutes=30)),
    limits_are_the_servers=True,
    has_post=lambda url: read_post(url) is not None,
    altered=_altered,
    mentioning=Mentioning(compose=_compose_mentioning),
    mentions=_mentions,
    reply=_reply,
    named_by_address=NamedByAddress(read_post, name="Mastodon", example="https://mastodon.example/@NAME/123"),
)
"""Not idempotent although every request has a key: the server keeps a key for an hour only, and some fail at a repeat.

Deletes: https://docs.joinmastodon.org/api/rate-limits/
"""
