"""One pick becomes one thread: the way into this package.

This module owns which platform is composed how. It never counts or splits anything itself.
"""

from bot.domain.channels import ThreadStyle, XRules
from bot.domain.posts import Platform, Thread
from bot.platforms.bluesky.thread import compose_for_bluesky
from bot.platforms.x.thread import compose_for_x
from bot.threads.draft import Draft


def compose(draft: Draft, platform: Platform, *, style: ThreadStyle, x_rules: XRules) -> Thread:
    """Make the thread of a pick for one platform; the console shows what Bluesky would.

    The same input always gives the same thread. No post is empty or above its limit, whatever the input.
    """
    if platform is Platform.X:
        return compose_for_x(draft, style=style, rules=x_rules)
    return compose_for_bluesky(draft, style=style, platform=platform)
