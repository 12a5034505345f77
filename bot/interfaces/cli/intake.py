"""Papers in: ``picks fetch``."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import typer
from rich.progress import Progress

from bot.curation.housekeeping import retire_withdrawn
from bot.domain.errors import PicksError
from bot.intake.backfill import Backfiller, BackfillReport
from bot.intake.replay import IntakeReport, replay
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.views.intake import intake


def fetch(opened: Shell, sources: list[str] | None, *, since: date | None, day: date | None) -> None:
    """Take in captures, or poll and ask the API for lost days; show what came in."""
    with opened.app.api_client(attempts=3) as client:
        filler = opened.app.backfiller(client)
        _require(filler, since=since, day=day)
        report = _replay(opened, sources) if sources else IntakeReport() if day else _poll(opened)
        done = _backfill(opened, filler, since=since, day=day)
    _take_in(opened, report, done)


def _require(filler: Backfiller, *, since: date | None, day: date | None) -> None:
    """Raise PicksError where the API cannot be asked for these days: before the feeds are, which takes a while."""
    if since:
        filler.require_since(since)
    if day:
        filler.require_day(day)


def _take_in(opened: Shell, report: IntakeReport, done: Sequence[BackfillReport]) -> None:
    """Say what came in, and fail where something could not be had."""
    errors = [*report.errors, *(item.error for item in done if item.error)]
    queued = _sum_queued([report.queued, *(item.queued for item in done)])
    opened.say(intake(report.batches, queued=queued, errors=errors, backfilled=done), view="fetch")
    for name, channel in opened.app.channels.items():
        if gone := retire_withdrawn(opened.app.database, channel, now=opened.app.clock()):
            terminal.mention(f"withdrawn by their authors, and out of the queue of {name}: {', '.join(gone)}")
    for error in errors:
        terminal.complain(PicksError(error))
    if errors:
        raise typer.Exit(1)


def _backfill(opened: Shell, filler: Backfiller, *, since: date | None, day: date | None) -> list[BackfillReport]:
    if day:
        return filler.day(day, only=opened.channels)
    return filler.since(since, only=opened.channels) if since else []


def _replay(opened: Shell, sources: list[str]) -> IntakeReport:
    """Take in captures, with a bar that shows how many are done."""
    app = opened.app
    with (
        app.feed_client() as client,
        Progress(
            console=terminal.make_console(stderr=True), transient=True, disable=not sys.stderr.isatty()
        ) as progress,
    ):
        task = progress.add_task("captures", total=len(sources))
        return replay(
            app.database,
            sources,
            channels=opened.channels,
            client=client,
            now=app.clock(),
            advance=lambda _: progress.advance(task),
        )


def _poll(opened: Shell) -> IntakeReport:
    app = opened.app
    with app.feed_client() as client, terminal.busy("asking arXiv ..."):
        polled = app.poller(client).poll(force=True, only=opened.channels)
    return IntakeReport(
        batches=[item.batch for item in polled if item.batch],
        queued=_sum_queued(item.queued for item in polled),
        errors=[item.error for item in polled if item.error],
    )


def _sum_queued(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)
