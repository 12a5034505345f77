"""Which platforms there are: part of the wiring. A new platform is a folder, a name and a line here and in ``app``."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.domain.channels import Channel
from bot.domain.posts import Platform, Thread
from bot.platforms.bluesky import traits as bluesky
from bot.platforms.mastodon import traits as mastodon
from bot.platforms.traits import Traits
from bot.platforms.x import traits as x
from bot.threads.draft import Draft

_ELSEWHERE: Final = re.compile(
    r"https?://[^/?#\s]+/(?:@[^/?#\s]+/(?:\d+|post/[\w-]+)|users/[^/?#\s]+/statuses/\d+)(?:[/?#]\S*)?"
)
"""Authors write on Mastodon and Threads too; a post of theirs becomes a plain link."""


def is_post(url: str) -> bool:
    """Say whether an address has the form of somebody's post, and not of any other page."""
    return any(traits.has_post(url) for traits in TRAITS.values()) or _ELSEWHERE.fullmatch(url) is not None


def _as_on_bluesky(draft: Draft, channel: Channel) -> Thread:
    return replace(bluesky.TRAITS.compose(draft, channel), platform=Platform.CONSOLE)


TRAITS: Final[Mapping[Platform, Traits]] = {
    Platform.BLUESKY: bluesky.TRAITS,
    Platform.X: x.TRAITS,
    Platform.MASTODON: mastodon.TRAITS,
    Platform.CONSOLE: Traits(  # it shows what Bluesky would
        compose=_as_on_bluesky, idempotent=True, reply=bluesky.TRAITS.reply
    ),
}
