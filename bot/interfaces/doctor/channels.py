"""How a channel's work goes: money, feeds, messages, the worker. Reads the database alone."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from bot.domain.advice import split_advice
from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.interfaces.doctor.checks import Check, failed, right, warning
from bot.interfaces.views.chat import chat_checks
from bot.interfaces.views.feeds import FeedStatus
from bot.interfaces.views.status import Status, WorkerStatus, XSpending, status

if TYPE_CHECKING:
    from bot.app import App

_SOON: Final = Decimal("0.8")


def channels(app: "App", chosen: list[Channel]) -> Iterator[Check]:
    """Yield the checks of what stands in the database."""
    known = [status(app.database, item, accounts=app.accounts(item), now=app.clock()) for item in chosen]
    for channel, found in zip(chosen, known, strict=True):
        if Platform.X in channel.posting.platforms:
            yield spending(channel.name, found.x_spending)
        yield from (feed(channel.name, item) for item in found.feeds)
        yield from _messages(found)
    if known:
        yield worker(known[0].worker)
        yield from silent_workers(known[0].worker)


def spending(channel: str, found: XSpending) -> Check:
    """Say how much of the month's budget is spent."""
    name, said = f"{channel}: spending on x", f"{found.usd} of {found.budget_usd} USD in {found.month}"
    step = "raise x.monthly_budget_usd in the channel file, or wait for the next month"
    if found.usd >= found.budget_usd:
        return failed(name, said, step=step)
    return warning(name, said, step=step) if found.usd >= found.budget_usd * _SOON else right(name, said)


def feed(channel: str, found: FeedStatus) -> Check:
    """Say whether a feed has brought what it should have brought by now."""
    name = f"{channel}: feed {found.feed}"
    if found.last_batch is None:
        return warning(name, f"it was never read{_because(found.error)}", step="picks fetch")
    if found.overdue is not None:
        return warning(name, f"{found.overdue} is missing{_because(found.error)}", step="picks fetch")
    open_days = [item for item in found.trouble if not item.repaired]
    if open_days:
        worst = open_days[0]
        said = f"papers of {worst.day} may be missing: {worst.error or worst.reason}"
        return warning(name, said, step=f"picks fetch --day {worst.day}; the worker asks by itself while it can")
    if found.lost is not None:
        return warning(name, f"{found.lost.days} days are lost", step=found.lost.next)
    return right(name, f"{found.items} entries of {found.last_batch}")


def _because(error: str | None) -> str:
    return f" ({split_advice(error)[0]})" if error else ""


def worker(found: WorkerStatus) -> Check:
    """Say whether a worker is alive, and when each job succeeded last."""
    if found.hung:
        return failed(
            "worker", f"{found.worker} hangs: {', '.join(found.hung)}", step="end it and start it again: picks worker"
        )
    if found.failing:
        return failed("worker", f"jobs fail: {', '.join(found.failing)}", step="its log says why")
    if not found.alive:
        return failed("worker", "no worker is alive", step="picks worker")
    ended = (f"{job.job} {job.ended_at:%Y-%m-%d %H:%M} UTC" for job in found.jobs if job.ended_at)
    return right("worker", f"{found.worker} is alive; jobs ended: {', '.join(ended) or 'none yet'}")


def silent_workers(found: WorkerStatus) -> Iterator[Check]:
    """Yield each worker that ended without a word, wherever it ran; where none is alive that is said already."""
    if not found.alive:
        return
    for gone in found.silent:
        said = f"{gone.worker} was heard of last at {gone.beat_at:%Y-%m-%d %H:%M} UTC, and did not end as asked"
        yield warning("silent worker", said, step="start it again there: picks worker")


def _messages(found: Status) -> Iterator[Check]:
    for item in chat_checks(found.chat):
        name = f"{found.channel}: {item.name}"
        if item.ok:
            yield right(name, item.detail)
        elif found.chat.needs_person:
            yield failed(name, item.detail, step=item.next)
        else:
            yield warning(name, item.detail, step=item.next or "see picks status")
