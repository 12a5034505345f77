"""What is going on in a channel: queue, slots, accounts, feeds, worker, and what needs a person.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, exists, func, true
from sqlmodel import Session, col, or_, select

from bot.curation.context import Account
from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.interfaces.heartbeat import Pulse, read_pulse
from bot.interfaces.views.feeds import FeedStatus, feed
from bot.interfaces.views.ranking import LearningStatus, learning
from bot.platforms.registry import TRAITS
from bot.publishing.budget import month_of, spent
from bot.store.database import Database
from bot.store.tables import AccountState, Candidate, Delivery, FrozenPost, PaperRow, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingPick:
    """An approved pick and when it goes out."""

    id: int
    arxiv_id: str
    title: str
    slot: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformStatus:
    """A platform's account, what waits for it, and why it fails or rests."""

    platform: Platform
    on: bool
    account: str | None
    problem: str | None
    waiting: int
    failing: int
    error: str | None
    next_try_at: datetime | None
    failures: int
    rests_until: datetime | None
    rests_because: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionCase:
    """A delivery that needs a person, with the commands that solve it."""

    arxiv_id: str
    platform: Platform
    state: DeliveryState
    error: str | None
    next_look_at: datetime | None
    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class XSpending:
    """What the posts of a calendar month (UTC) cost on X, against the channel's budget."""

    month: str
    usd: Decimal
    budget_usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """How the worker that was seen last is doing; ``failing`` are its jobs that failed when they last ran."""

    alive: bool
    worker: str | None
    beat_at: datetime | None
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A channel at one moment."""

    channel: str
    database: str
    now: datetime
    queue: Mapping[CandidateState, int]
    upcoming: tuple[ComingPick, ...]
    platforms: tuple[PlatformStatus, ...]
    attention: tuple[AttentionCase, ...]
    x_spending: XSpending
    feeds: tuple[FeedStatus, ...]
    worker: WorkerStatus
    learning: LearningStatus


def status(database: Database, channel: Channel, *, accounts: Mapping[Platform, Account], now: datetime) -> Status:
    """Return what is going on in a channel."""
    pulse = read_pulse(database, now=now)
    with database.reading() as session:
        return Status(
            channel=channel.name,
            database=database.display,
            now=now,
            queue=_counts(session, channel),
            upcoming=_upcoming(session, channel),
            platforms=tuple(_platform(session, channel, item, account, now) for item, account in accounts.items()),
            attention=_attention(session, channel),
            x_spending=_spending(session, channel, now=now),
            feeds=tuple(feed(session, category) for category in channel.feeds.categories),
            worker=worker(pulse),
            learning=learning(session, channel),
        )


def worker(pulse: Pulse) -> WorkerStatus:
    """Return how the worker is doing."""
    return WorkerStatus(
        alive=pulse.alive,
        worker=pulse.worker,
        beat_at=pulse.beat_at,
        failing=tuple(pulse.failing.split(", ")) if pulse.failing else (),
    )


def _counts(session: Session, channel: Channel) -> dict[CandidateState, int]:
    rows = session.exec(
        select(Candidate.state, func.count()).where(Candidate.channel == channel.name).group_by(col(Candidate.state))
    )
    found = dict(rows.all())
    return {state: found.get(state, 0) for state in CandidateState}


def _upcoming(session: Session, channel: Channel) -> tuple[ComingPick, ...]:
    rows = session.exec(
        select(Candidate, PaperRow, Pick)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(Candidate.channel == channel.name, Candidate.state == CandidateState.APPROVED)
        .order_by(col(Pick.slot_at))
    )
    return tuple(
        ComingPick(id=candidate.id, arxiv_id=candidate.arxiv_id, title=paper.title, slot=pick.slot_at)
        for candidate, paper, pick in rows
    )


def _in_channel(
    session: Session, channel: Channel, *states: DeliveryState, condition: ColumnElement[bool] | None = None
) -> Sequence[tuple[Delivery, str]]:
    return session.exec(
        select(Delivery, Candidate.arxiv_id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.channel == channel.name,
            col(Delivery.state).in_(states),
            true() if condition is None else condition,
        )
        .order_by(col(Delivery.due_at))
    ).all()


def _platform(
    session: Session, channel: Channel, platform: Platform, account: Account, now: datetime
) -> PlatformStatus:
    state = session.get(AccountState, (platform, account.name)) if account.name else None
    rests = state is not None and state.rests_until is not None and state.rests_until > now
    waiting = [row for row, _ in _in_channel(session, channel, DeliveryState.PLANNED) if row.platform is platform]
    failing = [row for row in waiting if row.error]
    return PlatformStatus(
        platform=platform,
        on=account.on,
        account=account.name,
        problem=account.problem or None,
        waiting=len(waiting),
        failing=len(failing),
        error=failing[0].error if failing else None,
        next_try_at=failing[0].next_try_at if failing else None,
        failures=state.failures if state else 0,
        rests_until=state.rests_until if state and rests else None,
        rests_because=state.error if state and rests else None,
    )


def _attention(session: Session, channel: Channel) -> tuple[AttentionCase, ...]:
    waiting = _in_channel(session, channel, DeliveryState.REFUSED, DeliveryState.UNKNOWN)
    halves = _half_out(session, channel)
    found = [_case(arxiv_id, row, _ways_out(arxiv_id, row, halves=halves)) for row, arxiv_id in waiting]
    found += [_case(arxiv_id, row, _ways_down(arxiv_id, row)) for row, arxiv_id in _not_down(session, channel)]
    return tuple(found)


def _not_down(session: Session, channel: Channel) -> Sequence[tuple[Delivery, str]]:
    """Return the retracted deliveries of which something is up, or may be."""
    up = exists().where(
        col(FrozenPost.delivery_id) == col(Delivery.id),
        col(FrozenPost.remote_id).is_not(None),
        col(FrozenPost.removed_at).is_(None),
    )
    unsettled = or_(col(Delivery.request).is_not(None), up)
    return _in_channel(session, channel, DeliveryState.RETRACTED, condition=unsettled)


def _ways_down(arxiv_id: str, delivery: Delivery) -> list[str]:
    close = [f"picks resolve {arxiv_id} --platform {delivery.platform} --give-up"] if delivery.request else []
    return [f"picks retract {arxiv_id}", *close]


def _case(arxiv_id: str, row: Delivery, commands: Sequence[str]) -> AttentionCase:
    broke_off = row.state is DeliveryState.RETRACTED and row.error is None
    return AttentionCase(
        arxiv_id=arxiv_id,
        platform=row.platform,
        state=row.state,
        error="the retraction broke off: posts are still up, or may be" if broke_off else row.error,
        next_look_at=row.next_try_at if row.state is not DeliveryState.RETRACTED else None,
        commands=tuple(commands),
    )


def _half_out(session: Session, channel: Channel) -> set[int]:
    """Return the deliveries that began and could go on as their single post."""
    begun = select(FrozenPost.delivery_id).where(
        col(FrozenPost.single).is_(False), col(FrozenPost.remote_id).is_not(None)
    )
    query = (
        select(FrozenPost.delivery_id)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.channel == channel.name,
            col(Delivery.single).is_(False),
            col(FrozenPost.single).is_(True),
            col(Delivery.id).in_(begun),
        )
    )
    return set(session.exec(query))


def _ways_out(arxiv_id: str, delivery: Delivery, *, halves: Collection[int]) -> list[str]:
    """Return the commands that solve it; none while the bot itself will look again."""
    if delivery.next_try_at is not None:
        return []
    decide = f"picks resolve {arxiv_id} --platform {delivery.platform}"
    if delivery.state is DeliveryState.REFUSED:
        single = [f"picks publish {arxiv_id} --single"] if delivery.id in halves else []
        return [*single, f"picks publish {arxiv_id}", f"{decide} --give-up"]
    found = [f"{decide} --sent URL"] if TRAITS[delivery.platform].named_by_address else []
    return [*found, f"{decide} --resend", f"{decide} --give-up"]


def _spending(session: Session, channel: Channel, *, now: datetime) -> XSpending:
    """Return what the posts of this calendar month (UTC) cost on X, against the channel's budget."""
    return XSpending(
        month=f"{month_of(now):%Y-%m}",
        usd=spent(session, channel.name, Platform.X, now=now),
        budget_usd=channel.x.monthly_budget_usd,
    )
