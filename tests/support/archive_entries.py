"""Entries of the archive for tests: invented, and all alike but for what a test says."""

from datetime import UTC, date, datetime
from typing import Any

from bot.archive.entries import Entry, LivePost

HOSTILE = (
    "<script>alert(1)</script> ]]> \\input{/etc/passwd} {unbalanced } } & 100% #1 $x_1^2$ ~ @misc{a, "
    "[click](javascript:alert(1)) www.evil.example https://evil.example `x` *b* _i_ | \"q\" 'q' AT&T &amp; !"
)


def entry(arxiv_id: str = "2412.06769", **changes: Any) -> Entry:
    """Return a pick that is out on Bluesky."""
    moment = datetime(2024, 12, 12, 15, 0, tzinfo=UTC)
    given: dict[str, Any] = {
        "channel": "sample",
        "arxiv_id": arxiv_id,
        "title": "Training Models to Reason",
        "authors": ("Ana Müller", "Ludwig van Beethoven"),
        "abstract": "An abstract.",
        "categories": ("cs.CL", "cs.LG"),
        "topics": ("reasoning",),
        "note": "Worth reading.",
        "picked_at": moment,
        "published_at": moment,
        "day": moment.date(),
        "announced": date(2024, 12, 10),
        "thread_url": "https://bsky.app/profile/ana.test/post/3ldg2z7tem227",
        "code_url": "https://github.com/acme/tool",
        "posts": (LivePost("bluesky", "https://bsky.app/profile/picks.test/post/3ldg2z7tem228"),),
        "retracted_at": None,
        "withdrawn": False,
        "pick_id": 1,
    }
    return Entry(**{**given, **changes})
