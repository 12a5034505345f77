"""What is wrong, for whoever operates the program: a pure function of what ``picks status`` shows.

Each condition has a kind and a subject, which tell it from every other; words may change while it lasts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.domain.posts import Platform
from bot.interfaces.doctor.checks import Check, CheckState
from bot.interfaces.heartbeat import Pulse, silent
from bot.interfaces.views.attention import AttentionCase, AttentionKind
from bot.interfaces.views.feeds import FeedStatus
from bot.interfaces.views.status import PlatformStatus, Status
from bot.publishing.circuit_breaker import FAILURES, PERSON_AFTER

NEARLY: Final = Decimal("0.8")
"""This part of a budget is told before all of it is spent."""

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LOG: Final = "the worker's log says why; picks doctor looks at the usual causes"


class AlertKind(StrEnum):
    """What can be wrong, the most urgent first."""

    WORKER_SILENT = "worker silent"
    DISK_LOW = "disk low"
    JOB_HUNG = "job hung"
    JOB_FAILING = "job failing"
    SIGN_IN = "sign-in failing"
    RECONCILE = "account waits for picks reconcile"
    RESTING = "account resting"
    REFUSED = "refused"
    NEEDS_PERSON = "needs a person"
    BUDGET_REACHED = "budget reached"
    BUDGET_NEARLY = "budget at 80%"
    FEED_OVERDUE = "feed overdue"
    FEED_LYING = "feed incomplete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong now: what it is, with which subject, why, and what to do.

    ``place`` says who sees it: a channel, a machine, or, where it is empty, every worker. It is told when it has
    lasted for ``patience``.
    """

    kind: AlertKind
    subject: str
    place: str
    text: str
    next: str
    patience: timedelta = timedelta()


_KINDS: Final = {
    AttentionKind.SIGN_IN: AlertKind.SIGN_IN,
    AttentionKind.RECONCILE: AlertKind.RECONCILE,
    AttentionKind.REFUSED: AlertKind.REFUSED,
}
"""What has a kind of its own here; all else that needs a person is called so."""


def machine_place(host: str) -> str:
    """Return the place of what one machine alone can see; no channel can be called so."""
    return f"host {host}"


def conditions(
    statuses: Iterable[Status], pulses: Sequence[Pulse], disks: Iterable[Check], *, host: str, now: datetime
) -> list[Condition]:
    """Return what is wrong, each thing once whichever channels it concerns, the most urgent first."""
    found = [*_of_workers(pulses), *_of_disks(disks, host=host)]
    for status in statuses:
        found += _of_channel(status, now=now)
    unique = {(item.kind, item.subject): item for item in reversed(found)}  # the first of several stays
    order = list(AlertKind)
    return sorted(unique.values(), key=lambda item: (order.index(item.kind), item.subject))


def _of_workers(pulses: Sequence[Pulse]) -> Iterator[Condition]:
    for pulse in silent(pulses):
        seen = f"it was heard of last at {pulse.beat_at:%Y-%m-%d %H:%M} UTC, and did not end as asked"
        step = f"start it again there: picks worker; where it is gone for good: picks worker --forget {pulse.worker}"
        yield Condition(kind=AlertKind.WORKER_SILENT, subject=pulse.worker or "", place="", text=seen, next=step)
    for pulse in pulses:
        if not pulse.lives:
            continue
        for job in pulse.hung:
            yield Condition(
                kind=AlertKind.JOB_HUNG,
                subject=f"{job.job} on {pulse.host}",  # a worker that is started again has another name
                place="",
                text=f"it was heard of last at {job.silent_since:%Y-%m-%d %H:%M} UTC, from {pulse.worker}",
                next="end that worker and start it again: picks worker",
            )
        for name in filter(None, pulse.failing.split(", ")):
            yield Condition(
                kind=AlertKind.JOB_FAILING,
                subject=f"{name} on {pulse.host}",
                place="",
                text="it fails again and again",
                next=_LOG,
                patience=timedelta(minutes=15),
            )


def _of_disks(disks: Iterable[Check], *, host: str) -> Iterator[Condition]:
    for check in disks:
        if check.state is not CheckState.OK:
            yield Condition(
                kind=AlertKind.DISK_LOW,
                subject=f"{check.name} of {host}",
                place=machine_place(host),
                text=check.detail,
                next=check.next or "",
            )


def _of_channel(status: Status, *, now: datetime) -> Iterator[Condition]:
    for case in status.attention:
        looked_up_again = case.kind is AttentionKind.UNKNOWN and case.next_look_at
        if not looked_up_again:
            yield _of_case(status.channel, case)
    for account in status.platforms:
        yield from _of_account(status.channel, account, now=now)
    for feed in status.feeds:
        yield from _of_feed(status.channel, feed, now=now)
    if any(item.platform is Platform.X for item in status.platforms):
        yield from _of_budget(status)


def _of_case(channel: str, case: AttentionCase) -> Condition:
    return Condition(
        kind=_KINDS.get(case.kind, AlertKind.NEEDS_PERSON),
        subject=f"{channel}: {case.what}" if case.arxiv_id or case.kind is AttentionKind.KEYS else case.what,
        place=channel,
        text=case.why,
        next=case.next,
    )


def _of_account(channel: str, account: PlatformStatus, *, now: datetime) -> Iterator[Condition]:
    """Yield that an account rests, which is news after an hour, or at once where so long a rest lies ahead."""
    if not account.failures or (account.needs_person and account.failures < PERSON_AFTER):
        return  # what needs a person at once is told as that
    if account.rests_until is None and account.failures < FAILURES:
        return
    long = account.rests_until is not None and account.rests_until > now + _HOUR
    until = f"until {account.rests_until:%Y-%m-%d %H:%M} UTC" if account.rests_until else "between tries"
    many = "1 failure" if account.failures == 1 else f"{account.failures} failures in a row"
    yield Condition(
        kind=AlertKind.RESTING,
        subject=f"{account.account} on {account.platform}",
        place=channel,
        text=f"it rests {until} after {many}: {account.rests_because or account.error or 'see picks status'}",
        next="nothing is lost: it is tried again by itself; see whether the platform has an outage",
        patience=timedelta() if long else _HOUR,
    )


def _of_feed(channel: str, feed: FeedStatus, *, now: datetime) -> Iterator[Condition]:
    if feed.overdue:
        yield Condition(
            kind=AlertKind.FEED_OVERDUE,
            subject=feed.feed,
            place=channel,
            text=f"{feed.overdue} is not in; the newest is {feed.last_batch or 'none'}. {feed.error or ''}".strip(),
            next="see whether arXiv announced on that day; picks fetch asks at once, picks doctor tries the connection",
            patience=_DAY,
        )
    bad = [item for item in feed.trouble if not item.repaired and item.day <= (now - _DAY).date()]
    if bad:
        days = ", ".join(f"{item.day} ({item.health})" for item in bad)
        yield Condition(
            kind=AlertKind.FEED_LYING,
            subject=feed.feed,
            place=channel,
            text=f"papers of {days} may be missing: {bad[0].error or bad[0].reason}",
            next=f"the worker asks the API by itself while it can; at once: picks fetch --day {bad[0].day}",
        )


def _of_budget(status: Status) -> Iterator[Condition]:
    spent = status.x_spending
    waiting = f", and {spent.waiting} due threads do not fit any more" if spent.waiting else ""
    text = f"{spent.usd} of {spent.budget_usd} USD are spent in {spent.month}{waiting}"
    step = "raise x.monthly_budget_usd in the channel file, or wait for the next month: what is left waits until then"
    reached = spent.waiting > 0 or 0 < spent.budget_usd <= spent.usd
    nearly = reached or 0 < spent.budget_usd * NEARLY <= spent.usd
    for kind, holds in ((AlertKind.BUDGET_REACHED, reached), (AlertKind.BUDGET_NEARLY, nearly)):
        if holds:
            yield Condition(kind=kind, subject=f"{status.channel} on x", place=status.channel, text=text, next=step)
