"""Papers in: ``picks fetch``."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import date
from typing import Annotated

import typer
from rich.progress import Progress

from bot.curation.housekeeping import retire_withdrawn
from bot.domain.errors import PicksError
from bot.intake.backfill import BackfillReport
from bot.intake.replay import IntakeReport, replay
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.options import OPERATOR, ChannelOption, ConfigOption, JsonOption, cli, read_date
from bot.interfaces.views.intake import intake


@cli.command(rich_help_panel=OPERATOR)
def fetch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE_OR_URL]...", help="Captures (.xml, .xml.gz) or addresses.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Make good the days since then from arXiv's API.", metavar="DATE")
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", help="Ask the API for this day, whatever is known of it.", metavar="DATE")
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll the channel's feeds now, make good lost days, or ingest captures in order of the date inside them."""
    if sum(map(bool, (sources, since, day))) > 1:
        raise typer.BadParameter("give captures, --since or --day, not several of them")
    first, only = (read_date(since) if since else None), (read_date(day) if day else None)
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        report = _replay(opened, sources) if sources else IntakeReport() if only else _poll(opened)
        done = _backfill(opened, since=first, day=only)
        _take_in(opened, report, done)


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


def _backfill(opened: Shell, *, since: date | None, day: date | None) -> list[BackfillReport]:
    with opened.app.api_client(attempts=3) as client:
        filler = opened.app.backfiller(client)
        if day:
            return filler.day(day, only=opened.channels)
        return filler.since(since, only=opened.channels) if since else []


def _replay(opened: Shell, sources: list[str]) -> IntakeReport:
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
    waiting = terminal.make_console(stderr=True).status("asking arXiv ...") if sys.stderr.isatty() else nullcontext()
    with app.feed_client() as client, waiting:
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
