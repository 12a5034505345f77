"""What a monitoring system asks: figures of the queue, the deliveries, the feeds and the workers, as Prometheus text.

Reads only. Each figure is a Family: its name, what it says, and its labels. docs/metrics.md lists them. The format is
that of https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from bot.curation.context import Context
from bot.domain.errors import PicksError
from bot.domain.states import DeliveryState
from bot.interfaces.heartbeat import JobPulse, Pulse, read_pulses
from bot.interfaces.views.status import Status, status
from bot.replacing import replace
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, FeedDay, FrozenPost, Pick
from bot.store.worker_tables import JobResult

_FOR_ALL: Final = 0o644  # the collector is another user

Sample = tuple[tuple[str, ...], float]
"""The values of a figure's labels, and the figure."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What all figures are taken from: the database, what each channel's status says, and the workers."""

    session: Session
    statuses: Sequence[Status]
    workers: Sequence[Pulse]
    now: datetime


@dataclass(frozen=True, slots=True)
class Family:
    """A figure: ``take`` returns a sample for each set of labels. What only grows is counted in ``total``."""

    name: str
    says: str
    labels: tuple[str, ...]
    take: Callable[[Moment], Iterable[Sample]]
    total: bool = False


def text_of(database: Database, contexts: Sequence[Context], *, now: datetime) -> str:
    """Return all figures of some channels at a moment as text."""
    statuses = [status(database, item.channel, accounts=item.accounts, now=now) for item in contexts]
    workers = read_pulses(database, now=now)
    with database.reading() as session:
        found = [_metric(family, Moment(session, statuses, workers, now)) for family in FAMILIES]
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Taken(found))
    return generate_latest(registry).decode()


def write_file(file: Path, text: str) -> None:
    """Put the figures where the node exporter's textfile collector reads them: whole, or as they were before.

    Raises PicksError when it cannot be written.
    """
    try:
        replace(file, text, mode=_FOR_ALL)
    except OSError as error:
        raise PicksError(
            f"cannot write PICKS_METRICS_FILE {file}: {error.strerror}; name a file in a folder that may be written"
        ) from error


class _Taken(Collector):
    """Figures that were taken already."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _metric(family: Family, moment: Moment) -> Metric:
    kind = CounterMetricFamily if family.total else GaugeMetricFamily
    metric = kind(family.name, family.says, labels=family.labels)
    for labels, figure in family.take(moment):
        metric.add_metric(labels, figure)
    return metric


def _queue(moment: Moment) -> Iterator[Sample]:
    for item in moment.statuses:
        yield from (((item.channel, state), count) for state, count in item.queue.items())


def _of_deliveries(moment: Moment, *what: Any, where: Sequence[ColumnElement[bool]] = ()) -> Sequence[Any]:
    """Return figures of the present deliveries, by channel and platform first."""
    query = (
        select(Candidate.channel, Delivery.platform, *what)
        .select_from(Delivery)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(*where)
    )
    return moment.session.execute(query.group_by(col(Candidate.channel), col(Delivery.platform), *what[:-1])).all()


def _deliveries(moment: Moment) -> Iterator[Sample]:
    for channel, platform, state, count in _of_deliveries(moment, Delivery.state, func.count(), where=[_PRESENT]):
        yield (channel, platform, state), count


def _oldest_due(moment: Moment) -> Iterator[Sample]:
    due = [_PRESENT, col(Delivery.state) == DeliveryState.PLANNED, col(Delivery.due_at) <= moment.now]
    for channel, platform, oldest in _of_deliveries(moment, func.min(Delivery.due_at), where=due):
        yield (channel, platform), (moment.now - oldest).total_seconds()


def _failures(moment: Moment) -> Iterator[Sample]:
    kinds = {DeliveryState.REFUSED: "permanent", DeliveryState.UNKNOWN: "unknown", DeliveryState.PLANNED: "transient"}
    failed = [_PRESENT, col(Delivery.state).in_(kinds), col(Delivery.error).is_not(None)]
    for channel, platform, state, count in _of_deliveries(moment, Delivery.state, func.count(), where=failed):
        yield (channel, platform, kinds[state]), count


def _posts(moment: Moment) -> Iterator[Sample]:
    query = (
        select(Candidate.channel, Delivery.platform, func.count())
        .select_from(FrozenPost)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(col(FrozenPost.sent_at).is_not(None))
        .group_by(col(Candidate.channel), col(Delivery.platform))
    )
    for channel, platform, count in moment.session.execute(query):
        yield (channel, platform), count


def _feed_days(moment: Moment) -> Iterator[Sample]:
    query = select(FeedDay.feed, FeedDay.health, func.count()).group_by(col(FeedDay.feed), col(FeedDay.health))
    for feed, health, count in moment.session.execute(query):
        yield (feed, health), count


def _each(figure: Callable[[Status], float]) -> Callable[[Moment], Iterator[Sample]]:
    """Return what takes a figure of each channel."""
    return lambda moment: (((item.channel,), figure(item)) for item in moment.statuses)


def _alive(moment: Moment) -> Iterator[Sample]:
    yield from (((pulse.worker or "",), float(pulse.alive)) for pulse in moment.workers)


def _beats(moment: Moment) -> Iterator[Sample]:
    yield from (((pulse.worker or "",), pulse.beat_at.timestamp()) for pulse in moment.workers if pulse.beat_at)


def _durations(moment: Moment) -> Iterator[Sample]:
    for pulse in moment.workers:
        for job in pulse.jobs:
            if job.result is not JobResult.RUNNING and job.ended_at:
                yield (pulse.worker or "", job.job), (job.ended_at - job.started_at).total_seconds()


def _successes(moment: Moment) -> Iterator[Sample]:
    for pulse in moment.workers:
        for job in pulse.jobs:
            if job.ended_at and _went_through(pulse, job):
                yield (pulse.worker or "", job.job), job.ended_at.timestamp()


def _went_through(pulse: Pulse, job: JobPulse) -> bool:
    """Say whether the last run of a job that has ended did its work; while one runs, the beat tells of that before."""
    if job.result is JobResult.RUNNING:
        return job.job not in pulse.failing.split(", ")
    return job.result is JobResult.DONE


_PRESENT: Final = col(Delivery.former).is_(False)
_BY: Final = ("channel", "platform")
FAMILIES: Final = (
    Family("picks_queue", "Candidates by state.", ("channel", "state"), _queue),
    Family("picks_needs_person", "Cases that only a person can mend.", ("channel",), _each(lambda s: len(s.attention))),
    Family("picks_deliveries", "Threads of approved picks by state.", (*_BY, "state"), _deliveries),
    Family("picks_oldest_due_seconds", "Age of the oldest thread that is due and not out.", _BY, _oldest_due),
    Family("picks_posts", "Posts that went out.", _BY, _posts, total=True),
    Family(
        "picks_failed_deliveries", "Threads that failed when last tried, by kind of error.", (*_BY, "kind"), _failures
    ),
    Family("picks_x_spending_usd", "What the month cost on X.", ("channel",), _each(lambda s: float(s.x_spending.usd))),
    Family(
        "picks_x_budget_usd",
        "What a month may cost on X.",
        ("channel",),
        _each(lambda s: float(s.x_spending.budget_usd)),
    ),
    Family("picks_feed_days", "Days of a feed by health.", ("feed", "health"), _feed_days),
    Family("picks_worker_alive", "1 for a worker whose jobs all do their work.", ("worker",), _alive),
    Family("picks_worker_beat_timestamp_seconds", "When a worker was last heard of.", ("worker",), _beats),
    Family("picks_job_duration_seconds", "How long a job's last run took.", ("worker", "job"), _durations),
    Family(
        "picks_job_last_success_timestamp_seconds",
        "When a job last went through; not there while it fails.",
        ("worker", "job"),
        _successes,
    ),
)
