"""What is going on in a channel: queue, slots, accounts, feeds, worker, and what needs a person.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from bot.curation.context import Account
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.domain.waiting import held_until
from bot.intake.schedule import calendar_of
from bot.interfaces.heartbeat import JobPulse, Pulse, read_pulses, silent, the_best
from bot.interfaces.views.attention import AttentionCase, account_state, attention, chat_attention, deliveries_in
from bot.interfaces.views.chat import ChatStatus, chat_status
from bot.interfaces.views.feeds import FeedStatus, feed
from bot.interfaces.views.notices import NoticesStatus, notices
from bot.interfaces.views.ranking import LearningStatus, learning
from bot.interfaces.views.troubles import address_attention, feed_attention
from bot.publishing.budget import fits, month_of, spent
from bot.store.corrections import open_corrections
from bot.store.database import Database
from bot.store.queue_sizes import queue_sizes
from bot.store.tables import Candidate, Delivery, PaperRow, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingPick:
    """An approved pick and when it goes out, or a correction of one that is out.

    ``correction`` is its form, None for a pick. ``error`` is why it has not begun, or is not everywhere.
    """

    id: int
    arxiv_id: str
    title: str
    slot: datetime | None
    correction: CorrectionForm | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingThread:
    """A thread that goes out on a platform by itself, and when it is tried next."""

    arxiv_id: str
    at: datetime
    state: DeliveryState


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformStatus:
    """A platform's account, what waits for it and when that comes, and why it fails, rests or needs a person.

    It is ``on`` where somebody has keys for it, ``here`` where this process has. ``workers_lack`` is why no worker has,
    empty where one has, and None where no worker is known; ``problem`` is why it is off.
    """

    platform: Platform
    on: bool
    account: str | None
    problem: str | None
    waiting: int
    sending: int
    failing: int
    error: str | None
    next_try_at: datetime | None
    failures: int
    rests_until: datetime | None
    rests_because: str | None
    needs_person: bool
    coming: tuple[ComingThread, ...]
    here: bool
    workers_lack: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class XSpending:
    """What the posts of a calendar month (UTC) cost on X, against the channel's budget.

    ``waiting`` threads are due and do not fit into what is left.
    """

    month: str
    usd: Decimal
    budget_usd: Decimal
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentWorker:
    """A worker that was heard of last at a moment, and did not say goodbye."""

    worker: str
    beat_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerStatus:
    """How the worker that was seen last is doing.

    ``failing`` are its jobs that failed when they last ran, ``hung`` those that should have ended, or begun, long ago.
    ``silent`` are workers, also of other machines, that ended without a word.
    """

    alive: bool
    worker: str | None
    beat_at: datetime | None
    failing: tuple[str, ...]
    hung: tuple[str, ...]
    jobs: tuple[JobPulse, ...]
    silent: tuple[SilentWorker, ...] = ()


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
    title: str
    time_zone: str
    notices: NoticesStatus
    chat: ChatStatus


def status(database: Database, channel: Channel, *, accounts: Mapping[Platform, Account], now: datetime) -> Status:
    """Return what is going on in a channel."""
    pulses = read_pulses(database, now=now)
    with database.reading() as session:
        chat = chat_status(session, channel, accounts, now=now)
        feeds = _feeds(session, channel, now=now)
        told = notices(session, channel, now=now)
        return Status(
            channel=channel.name,
            database=database.display,
            now=now,
            queue=queue_sizes(session, channel.name),
            upcoming=_upcoming(session, channel),
            platforms=tuple(_platform(session, channel, item, account, now) for item, account in accounts.items()),
            attention=(
                *attention(session, channel, accounts),
                *chat_attention(chat),
                *feed_attention(feeds),
                *address_attention(told.failing, now=now),
            ),
            x_spending=_spending(session, channel, now=now),
            feeds=feeds,
            worker=worker(the_best(pulses), others=pulses),
            learning=learning(session, channel, now=now),
            title=channel.title,
            time_zone=channel.posting.time_zone,
            notices=told,
            chat=chat,
        )


def worker(pulse: Pulse, *, others: Sequence[Pulse] = ()) -> WorkerStatus:
    """Return how a worker is doing, and which of the others are silent."""
    gone = [(item.worker, item.beat_at) for item in silent(others) if item is not pulse]
    return WorkerStatus(
        alive=pulse.alive,
        worker=pulse.worker,
        beat_at=pulse.beat_at,
        failing=tuple(pulse.failing.split(", ")) if pulse.failing else (),
        hung=tuple(job.job for job in pulse.hung),
        jobs=pulse.jobs,
        silent=tuple(SilentWorker(worker=name, beat_at=at) for name, at in gone if name and at),
    )


def _feeds(session: Session, channel: Channel, *, now: datetime) -> tuple[FeedStatus, ...]:
    calendar = calendar_of([channel])
    return tuple(feed(session, category, calendar=calendar, now=now) for category in channel.feeds.categories)


def _upcoming(session: Session, channel: Channel) -> tuple[ComingPick, ...]:
    rows = session.exec(
        select(Candidate, PaperRow, Pick)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(Candidate.channel == channel.name, Candidate.state == CandidateState.APPROVED)
        .order_by(col(Pick.slot_at))
    )
    picks = [
        ComingPick(id=candidate.id, arxiv_id=candidate.arxiv_id, title=paper.title, slot=pick.slot_at)
        for candidate, paper, pick in rows
    ]
    coming = [*picks, *_corrections(session, channel)]
    return tuple(sorted(coming, key=lambda item: item.slot or datetime.min.replace(tzinfo=UTC)))


def _corrections(session: Session, channel: Channel) -> list[ComingPick]:
    """Return the corrections of which something is still to be done."""
    return [
        ComingPick(
            id=candidate.id,
            arxiv_id=candidate.arxiv_id,
            title=session.get_one(PaperRow, candidate.arxiv_id).title,
            slot=row.due_at,
            correction=row.form,
            error=row.error,
        )
        for row, candidate in open_corrections(session, [channel.name])
    ]


def _platform(
    session: Session, channel: Channel, platform: Platform, account: Account, now: datetime
) -> PlatformStatus:
    """Return how the channel's account on a platform is doing, and what waits for it."""
    state = account_state(session, platform, account)
    rest = held_until(state.rests_until, now=now) if state else None
    open_ones = deliveries_in(session, channel, DeliveryState.PLANNED, DeliveryState.UNKNOWN)
    here = [(row, arxiv_id) for row, arxiv_id in open_ones if row.platform is platform]
    waiting = [row for row, _ in here if row.state is DeliveryState.PLANNED]
    failing = [row for row in waiting if row.error]
    return PlatformStatus(
        platform=platform,
        on=account.on,
        account=account.name,
        problem=None if account.on else account.problem,
        waiting=len(waiting),
        sending=sum(row.platform is platform for row, _ in deliveries_in(session, channel, DeliveryState.SENDING)),
        failing=len(failing),
        error=failing[0].error if failing else None,
        next_try_at=failing[0].next_try_at if failing else None,
        failures=state.failures if state else 0,
        rests_until=rest,
        rests_because=state.error if state and rest else None,
        needs_person=state is not None and state.needs_person,
        coming=_coming(here, after=rest),
        here=account.here,
        workers_lack=account.workers_lack,
    )


def _coming(rows: Sequence[tuple[Delivery, str]], *, after: datetime | None) -> tuple[ComingThread, ...]:
    """Return when what is open is tried next, in order; what only a person can decide about is not coming.

    Nothing is tried before the account's rest is over, ``after``.
    """
    coming = [
        ComingThread(arxiv_id=arxiv_id, at=max(filter(None, (row.due_at, row.next_try_at, after))), state=row.state)
        for row, arxiv_id in rows
        if row.state is DeliveryState.PLANNED or row.awaits_second_look
    ]
    return tuple(sorted(coming, key=lambda item: item.at))


def _spending(session: Session, channel: Channel, *, now: datetime) -> XSpending:
    """Return what the posts of this calendar month (UTC) cost on X, against the channel's budget."""
    due = deliveries_in(session, channel, DeliveryState.PLANNED, condition=col(Delivery.due_at) <= now)
    return XSpending(
        month=f"{month_of(now):%Y-%m}",
        usd=spent(session, channel.name, Platform.X, now=now),
        budget_usd=channel.x.monthly_budget_usd,
        waiting=sum(not _fits(session, channel, row, now=now) for row, _ in due if row.platform is Platform.X),
    )


def _fits(session: Session, channel: Channel, delivery: Delivery, *, now: datetime) -> bool:
    return fits(session, delivery, channel=channel.name, budget=channel.x.monthly_budget_usd, now=now)
