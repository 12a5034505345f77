"""Which platforms there are: part of the wiring. A new platform is a folder, a name and a line here and in ``app``."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.domain.channels import Channel
from bot.domain.posts import Platform, Thread
from bot.platforms.bluesky import traits as bluesky
from bot.platforms.traits import Traits
from bot.platforms.x import traits as x
from bot.threads.draft import Draft


def _as_on_bluesky(draft: Draft, channel: Channel) -> Thread:
    return replace(bluesky.TRAITS.compose(draft, channel), platform=Platform.CONSOLE)


TRAITS: Final[Mapping[Platform, Traits]] = {
    Platform.BLUESKY: bluesky.TRAITS,
    Platform.X: x.TRAITS,
    Platform.CONSOLE: Traits(compose=_as_on_bluesky, idempotent=True),  # it shows what Bluesky would
}
