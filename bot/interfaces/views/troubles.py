"""What only a person can mend beside accounts and picks: days that a feed lost, and addresses that take nothing."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from bot.interfaces.views.attention import AttentionCase, AttentionKind
from bot.interfaces.views.feeds import FeedStatus
from bot.interfaces.views.notices import FailingAddress
from bot.publishing.alerts import NEWS_FOR


def feed_attention(feeds: Iterable[FeedStatus]) -> Iterator[AttentionCase]:
    """Yield the days on which papers may be missing and that the worker has given up."""
    for item in feeds:
        for day in item.trouble:
            if day.error and not day.repaired and day.next_try_at is None:
                yield _case(
                    AttentionKind.FEED,
                    f"the feed {item.feed} of {day.day}",
                    f"papers may be missing, and the worker has given it up: {day.error}",
                    command=f"picks fetch --day {day.day}",
                )
        if item.lost:
            days = "1 day" if item.lost.days == 1 else f"{item.lost.days} days"
            yield _case(
                AttentionKind.FEED,
                f"{days} of the feed {item.feed}, {item.lost.first} to {item.lost.last}",
                "papers may be missing, and the worker has given it up",
                command=item.lost.next,
            )


def address_attention(failing: Iterable[FailingAddress], *, now: datetime) -> Iterator[AttentionCase]:
    """Yield the addresses for which a message was given up, or has waited for half a day."""
    for item in failing:
        what = f"the address {item.address} of {item.variable}"
        if item.next_try_at is None:
            yield _case(AttentionKind.ADDRESS, what, f"{item.notice} was given up: {item.error}", step=item.next)
        elif now - item.since > NEWS_FOR:
            why = f"it has taken nothing since {item.since:%Y-%m-%d %H:%M} UTC: {item.error}"
            yield _case(AttentionKind.ADDRESS, what, why, step=item.next)


def _case(kind: AttentionKind, what: str, why: str, *, command: str = "", step: str = "") -> AttentionCase:
    return AttentionCase(
        arxiv_id=None,
        platform=None,
        state=None,
        error=why,
        next_look_at=None,
        commands=(command,) if command else (),
        what=what,
        why=why,
        next=step or command,
        kind=kind,
    )
