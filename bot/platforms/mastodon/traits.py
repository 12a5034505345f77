"""What is special to Mastodon: how long a post is depends on the server, and deletes are counted.

Quick to import: what composes is loaded when something is composed.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.domain.channels import Channel
from bot.domain.posts import Thread
from bot.platforms.broken_words import broken_words
from bot.platforms.mastodon.addresses import read_post
from bot.platforms.traits import Allowance, Alteration, NamedByAddress, Traits, Words
from bot.threads.draft import Draft


def _compose(draft: Draft, channel: Channel) -> Thread:
    from bot.platforms.mastodon.thread import compose_for_mastodon

    return compose_for_mastodon(draft, style=channel.thread)


def _altered(text: str, words: Words) -> Sequence[Alteration]:  # noqa: ARG001 - addresses go out as they are
    return list(broken_words(text, signs="@#＃:/"))


TRAITS: Final = Traits(
    compose=_compose,
    idempotent=False,
    deletes=Allowance(most=30, within=timedelta(minutes=30)),
    limits_are_the_servers=True,
    has_post=lambda url: read_post(url) is not None,
    altered=_altered,
    named_by_address=NamedByAddress(read_post, name="Mastodon", example="https://mastodon.example/@NAME/123"),
)
"""Not idempotent although every request has a key: the server keeps a key for an hour only, and some fail at a repeat.

Deletes: https://docs.joinmastodon.org/api/rate-limits/
"""
