"""A thread from its parts, as tests give them."""

from bot.domain.archive_section import ArchiveSection
from bot.domain.channel_sections import ThreadStyle, XRules
from bot.domain.posts import Platform, Thread
from bot.platforms.registry import TRAITS
from bot.threads.draft import Draft
from samples import channel

_SAMPLE = channel()


def compose(
    draft: Draft, platform: Platform, *, style: ThreadStyle, x_rules: XRules, archive: str | None = None
) -> Thread:
    """Make the thread that a channel with this style, these rules and this address of an archive would post."""
    updates = {"thread": style, "x": x_rules, "archive": ArchiveSection(url=archive)}
    return TRAITS[platform].compose(draft, _SAMPLE.model_copy(update=updates))
