"""A thread from its parts, as tests give them, and what tests look at."""

from dataclasses import replace
from typing import Any

from bot.domain.archive_section import ArchiveSection
from bot.domain.channel_sections import ThreadStyle, XRules
from bot.domain.papers import ArxivId
from bot.domain.posts import FacetKind, Platform, Post, Thread
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


def sample_draft(**changes: Any) -> Draft:
    """Return a small pick, with what is given in place of its own."""
    plain = Draft(
        arxiv_id=ArxivId("2406.16254"),
        title="Neurons That Know",
        abstract="We study neurons.",
        authors=("A. One", "B. Two", "C. Three", "D. Four"),
        note="It finds neurons. It names them.",
    )
    return replace(plain, **changes)


def texts(thread: Thread) -> list[str]:
    """Return the words of each post."""
    return [post.text for post in thread.posts]


def marked(post: Post) -> list[tuple[str, FacetKind, str]]:
    """Return the words of a post that are marked, and how."""
    data = post.text.encode()
    return [(data[facet.start : facet.end].decode(), facet.kind, facet.value) for facet in post.facets]
