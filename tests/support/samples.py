"""Papers, batches and channels for tests: invented, small, and all alike but for what a test says."""

from datetime import UTC, date, datetime
from typing import Any

from bot.domain.channels import Channel
from bot.domain.papers import Announcement, AnnounceType, ArxivId, Batch, OddEntry

NOON = datetime(2026, 2, 17, 12, tzinfo=UTC)
TUESDAY = date(2026, 2, 17)
WEDNESDAY = date(2026, 2, 18)
CONSOLE_CHANNEL = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["console"]
time_zone = "UTC"
[ranking.words]
"probing" = 2.0
"""
"""The file of a channel that needs no account."""


def announcement(arxiv_id: str, title: str = "A Paper", **changes: Any) -> Announcement:
    """Return an announcement of a new paper."""
    given: dict[str, Any] = {
        "version": 1,
        "type": AnnounceType.NEW,
        "abstract": "An abstract.",
        "authors": ("A. One", "B. Two"),
        "categories": ("cs.CL",),
    }
    return Announcement(arxiv_id=ArxivId(arxiv_id), title=title, **{**given, **changes})


def batch(
    *announcements: Announcement, feed: str = "cs.CL", day: date = TUESDAY, odd: tuple[OddEntry, ...] = ()
) -> Batch:
    """Return one feed's batch of one day."""
    return Batch(feed, day, datetime(day.year, day.month, day.day, 5, tzinfo=UTC), announcements, odd=odd)


def channel(name: str = "sample", **sections: Any) -> Channel:
    """Return a channel that likes the word "probing"; ``sections`` replace those of the sample."""
    given: dict[str, Any] = {
        "title": "Sample",
        "feeds": {"categories": ["cs.CL", "cs.LG"]},
        "ranking": {"words": {"probing": 2.0, "steering": 1.0}, "authors": {"A. Watched": 3.0}},
        "queue": {"size": 3, "threshold": 0.001, "expire_after_days": 7},
        "posting": {"platforms": ["console"], "time_zone": "UTC", "times": ["10:00"], "daily_cap": 1},
        "thread": {"hashtags": ["sample"]},
    }
    return Channel.model_validate({"name": name, **given, **sections})
