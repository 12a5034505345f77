"""The shell's mouth: ``picks``.

It owns how commands look on the command line and nothing of what they do: the curator's verbs come from ``commands``,
the operator's commands call the use cases. What takes long to load (Alembic, the platforms' libraries) is imported when
a command runs.
"""

import errno
import inspect
import logging
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import Progress

from bot import __version__, logs, standing, terminal, views
from bot.app import App
from bot.backfill import BackfillReport
from bot.channels import Channel
from bot.commands import VERBS, Argument, Parameter, Verb
from bot.curation import draft_note, retire_withdrawn
from bot.desk import Account, Desk
from bot.editor import edited
from bot.errors import PicksError
from bot.heartbeat import read_pulse
from bot.outbox import due_deliveries
from bot.picks import DeliveryState
from bot.posts import Platform
from bot.publishing import approved_paper, deliver_due
from bot.replay import IntakeReport, replay
from bot.resolving import Verdict
from bot.resolving import resolve as decide
from bot.retracting import retract as take_down
from bot.shell import Shell, shell
from bot.store.database import Database

_CURATOR: Final = "Curator's commands"
_OPERATOR: Final = "Operator's commands"
_COMMON: Final = "Common options"

_COMMON_NAMES: Final = ("config", "channel_name", "as_json", "curator")

_Config = Annotated[
    Path | None, typer.Option("--config", help="The folder of channel files.", rich_help_panel=_COMMON, metavar="DIR")
]
_Channel = Annotated[
    str | None,
    typer.Option("--channel", help="Which channel, if there are several.", rich_help_panel=_COMMON, metavar="NAME"),
]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.", rich_help_panel=_COMMON)]
_As = Annotated[str | None, typer.Option("--as", help="Who decides.", rich_help_panel=_COMMON, metavar="NAME")]

cli = typer.Typer(
    name="picks",
    help="Daily picks of new papers: arXiv feeds in, a curator's choice, threads on Bluesky and X out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(database_cli, name="db", help="Create or migrate the database.", rich_help_panel=_OPERATOR)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"picks {__version__}")
        raise typer.Exit


@cli.callback()
def _root(
    context: typer.Context,
    config: _Config = None,
    channel: _Channel = None,
    curator: _As = None,
    as_json: _Json = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = {"config": config, "channel_name": channel, "curator": curator, "as_json": as_json}


def _add_verb(verb: Verb) -> None:
    """Make a command of a curator's verb: its own parameters, then the common options."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("context", keyword, annotation=typer.Context),
        *(_typer_parameter(item) for item in verb.parameters),
        inspect.Parameter("config", keyword, default=None, annotation=_Config),
        inspect.Parameter("channel_name", keyword, default=None, annotation=_Channel),
        inspect.Parameter("as_json", keyword, default=False, annotation=_Json),
    ]
    if verb.decides:
        parameters.append(inspect.Parameter("curator", keyword, default=None, annotation=_As))

    def run(context: typer.Context, **values: Any) -> None:
        common = {name: values.pop(name) for name in _COMMON_NAMES if name in values}
        with shell(context, **common) as opened:
            _run_verb(opened, verb, values)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {item.name: item.annotation for item in parameters}
    run.__doc__ = verb.help
    cli.command(verb.name, rich_help_panel=_CURATOR)(run)


def _typer_parameter(item: Parameter) -> inspect.Parameter:
    form: Any
    if isinstance(item.form, Argument):
        name = "ID" if item.name == "paper" else item.name.upper()
        form = typer.Argument(help=item.form.help, metavar=name if item.required else f"[{name}]")
    else:
        form = typer.Option(f"--{item.name}", help=item.form.help, show_default=bool(item.default))
    annotation = Annotated.__class_getitem__((item.type, form))  # type: ignore[attr-defined]  # types known at run time
    return inspect.Parameter(item.name, inspect.Parameter.KEYWORD_ONLY, default=item.default, annotation=annotation)


def _run_verb(opened: Shell, verb: Verb, values: dict[str, Any]) -> None:
    desk = opened.app.desk(opened.channel, opened.actor)
    if verb.name == "note":
        with _note_text(desk, values) as text:
            reply = verb.run(desk, **{**values, "text": text})
    else:
        reply = verb.run(desk, **values)
    opened.say(reply.data, reply.summary, view=verb.name)


def _note_text(desk: Desk, values: Mapping[str, Any]) -> AbstractContextManager[str | None]:
    """Return the note's text from where the curator wants to write it; None leaves the note as it is."""
    if values["text"] == "-":
        return nullcontext(_standard_input())
    if any(values[name] is not None for name in ("text", "thread", "code")):
        return nullcontext(values["text"])
    if not sys.stdin.isatty():
        raise PicksError("no text: give it behind the ID, or - to read standard input")
    return edited(draft_note(desk, values["paper"]))


def _standard_input() -> str:
    text = sys.stdin.read()
    if not terminal.is_text(text):
        raise PicksError(f"standard input is not text in {sys.stdin.encoding}; the note stays as it was")
    return text


for _verb in VERBS.values():
    _add_verb(_verb)


@cli.command(rich_help_panel=_OPERATOR)
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
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
) -> None:
    """Poll the channel's feeds now, make good lost days, or ingest captures in order of the date inside them."""
    if sum(map(bool, (sources, since, day))) > 1:
        raise typer.BadParameter("give captures, --since or --day, not several of them")
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        report = _replay(opened, sources) if sources else IntakeReport() if day else _poll(opened)
        done = _backfill(opened, since=since, day=day) if since or day else []
        _take_in(opened, report, done)


def _take_in(opened: Shell, report: IntakeReport, done: Sequence[BackfillReport]) -> None:
    """Say what came in, and fail where something could not be had."""
    errors = [*report.errors, *(item.error for item in done if item.error)]
    queued = _sum_queued([report.queued, *(item.queued for item in done)])
    opened.say(views.intake(report.batches, queued=queued, errors=errors, backfilled=done), view="fetch")
    for name, channel in opened.app.channels.items():
        if gone := retire_withdrawn(opened.app.database, channel, now=opened.app.clock()):
            terminal.mention(f"withdrawn by their authors, and out of the queue of {name}: {', '.join(gone)}")
    for error in errors:
        terminal.complain(PicksError(error))
    if errors:
        raise typer.Exit(1)


def _backfill(opened: Shell, *, since: str | None, day: str | None) -> list[BackfillReport]:
    with opened.app.api_client(attempts=3) as client:
        filler = opened.app.backfiller(client)
        if day:
            return filler.day(_date(day), only=opened.channels)
        return filler.since(_date(since), only=opened.channels)


def _date(text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise PicksError(f"cannot read the date {text!r}; write it as 2026-11-30") from None


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


@cli.command(rich_help_panel=_OPERATOR)
def publish(
    context: typer.Context,
    paper: Annotated[str | None, typer.Argument(metavar="[ID]", help="This pick now, whatever its slot.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go out; send nothing.")] = False,
    single: Annotated[
        bool, typer.Option("--single", help="On X, as the single post approved in place of the thread.")
    ] = False,
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
    curator: _As = None,
) -> None:
    """Send what is due now, or this one pick."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        if single and (paper is None or dry_run):
            raise PicksError("--single needs the ID of a pick, and shows in picks preview instead of a dry run")
        arxiv_id = approved_paper(opened.app.database, opened.channel, paper) if paper else None
        if dry_run:
            _rehearse(opened, arxiv_id)
        else:
            _send(opened, arxiv_id, single=single)


def _rehearse(opened: Shell, arxiv_id: str | None) -> None:
    threads = [thread for channel in opened.channels for thread in _due_threads(opened.app, channel, arxiv_id)]
    opened.say(threads, _left(opened, arxiv_id, {item["platform"] for item in threads}), view="dry-run")


def _due_threads(app: App, channel: Channel, arxiv_id: str | None) -> list[views.Json]:
    """Return what would go out of a channel; what waits for a platform that is off would not."""
    due = due_deliveries(app.database, now=app.clock(), channels=[channel.name], arxiv_id=arxiv_id)
    off = {str(platform) for platform, account in app.accounts(channel).items() if not account.on}
    return [thread for thread in views.frozen_deliveries(app.database, due) if thread["platform"] not in off]


def _send(opened: Shell, arxiv_id: str | None, *, single: bool) -> None:
    outbox = opened.app.outbox(sleep=_sleep, actor=opened.actor)
    with terminal.make_console(stderr=True).status("sending ...") if sys.stderr.isatty() else nullcontext():
        names = [item.name for item in opened.channels]
        reports = deliver_due(outbox, channels=names, arxiv_id=arxiv_id, single=single)
    opened.say(
        views.outgoing(reports),
        _left(opened, arxiv_id, {str(item.platform) for item in reports}, single=single),
        view="publish",
    )
    failed = [f"{item.arxiv_id} on {item.platform} ({item.state})" for item in reports if item.error]
    if failed:
        raise PicksError(f"not sent: {', '.join(failed)}; the reason is above and in picks status")


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _left(opened: Shell, arxiv_id: str | None, tried: Collection[str], *, single: bool = False) -> str:
    """Return why something is not sent, empty when all is; raise PicksError when that is all of what was asked for."""
    if arxiv_id is None:
        return "" if tried else _nothing_due(opened)
    shown = views.show(opened.app.database, opened.channel, arxiv_id)
    accounts: Mapping[str, Account] = {
        str(name): account for name, account in opened.app.accounts(opened.channel).items()
    }
    reasons = "; ".join(
        f"{item['platform']}: {_why_not(item, accounts.get(item['platform']))}"
        for item in shown["deliveries"]
        if item["platform"] not in tried
        and item["state"] != DeliveryState.SENT
        and (item["platform"] == Platform.X or not single)
    )
    if not tried:
        raise PicksError(f"nothing of {arxiv_id} can be sent now; {reasons}")
    return f"left out: {reasons}" if reasons else ""


def _why_not(delivery: views.Json, account: Account | None) -> str:
    if account is not None and not account.on:
        return f"off, {account.problem}"
    match DeliveryState(delivery["state"]):
        case DeliveryState.UNKNOWN:
            return f"it may be out already, {delivery['error']}"
        case DeliveryState.REFUSED:
            return f"refused, {delivery['error']}"
        case DeliveryState.PLANNED if delivery["error"]:
            return str(delivery["error"])
        case _:
            return "another process is sending it; see picks status"


def _nothing_due(opened: Shell) -> str:
    accounts = [pair for item in opened.channels for pair in opened.app.accounts(item).items()]
    off = dict.fromkeys(f"; {platform} is off: {account.problem}" for platform, account in accounts if not account.on)
    return f"nothing is due{''.join(off)}"


@cli.command(rich_help_panel=_CURATOR)
def retract(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.")],
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
    curator: _As = None,
) -> None:
    """Take a pick's threads down on every platform; the same call again goes on where it broke off."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        outbox = opened.app.outbox(sleep=_sleep, actor=opened.actor)
        done = take_down(outbox, opened.channel, paper, actor=opened.actor)
        opened.say(views.retractions(done), view="retract")
        if any(item.error for item in done):
            raise PicksError(f"posts of {done[0].arxiv_id} are still up, or may be; run: picks retract {paper}")


@cli.command(rich_help_panel=_CURATOR)
def resolve(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.")],
    sent: Annotated[str | None, typer.Option("--sent", help="It is out: its address on X.", metavar="URL")] = None,
    resend: Annotated[bool, typer.Option("--resend", help="It is not out: send it again.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Leave it as it is.")] = False,
    platform: Annotated[Platform | None, typer.Option("--platform", help="Which, if several wait.")] = None,
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
    curator: _As = None,
) -> None:
    """Decide about a delivery that waits for a person."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        arxiv_id, where, state = decide(
            opened.app.database,
            opened.channel,
            paper,
            Verdict(sent, resend, give_up),
            actor=opened.actor,
            now=opened.app.clock(),
            platform=platform,
        )
        shown = views.show(opened.app.database, opened.channel, arxiv_id)
        opened.say(shown, f"{arxiv_id} on {where} is {state} now")


@cli.command(rich_help_panel=_OPERATOR)
def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Run every job once and end.")] = False,
    config: _Config = None,
) -> None:
    """Run the long-running process: poll, publish, tidy."""
    with shell(context, config=config, log_level=logging.INFO) as opened:
        from bot.worker import Worker

        process = Worker(opened.app)
        if not once:
            process.run()
        elif not process.run_once():
            raise PicksError("a job failed; the log above says why")


@cli.command(rich_help_panel=_OPERATOR)
def healthcheck(context: typer.Context, config: _Config = None, as_json: _Json = False) -> None:
    """Say whether a worker is alive: exit code 0 if it is, 1 if not."""
    with shell(context, config=config, as_json=as_json) as opened:
        database = Database(opened.settings.database_address)
        database.require_schema()
        pulse = read_pulse(database, now=datetime.now(UTC))
        database.close()
        state = standing.worker(pulse)
        if opened.as_json or pulse.alive:
            opened.say(state, f"alive: {state['worker']} at {state['beat_at']}")
        if not pulse.alive:
            raise PicksError(_unwell(state))


def _unwell(state: views.Json) -> str:
    if state["failing"]:
        return f"the worker {state['worker']} cannot do its jobs: {', '.join(state['failing'])}; its log says why"
    seen = f"; the last one was seen at {state['beat_at']}" if state["beat_at"] else ""
    return f"no worker is alive{seen}; start one with picks worker"


@cli.command(rich_help_panel=_OPERATOR)
def demo() -> None:
    """Show the whole job on a bundled sample: offline, without an account, in a temporary place."""
    from bot.demo import run

    logs.configure(form="text", level=logging.CRITICAL)
    run(terminal.show)


@database_cli.command()
def upgrade(context: typer.Context) -> None:
    """Create the database, or migrate it to this version."""
    with shell(context) as opened:
        from bot.store.schema import upgrade as upgrade_schema

        database = Database(opened.settings.database_address)
        before, after = upgrade_schema(database)
        done = "is up to date" if before == after else f"migrated from {before}" if before else "created"
        opened.say(None, f"{database.display}: {done}, version {after}")
        database.close()


def main() -> None:
    """Run the command line."""
    try:
        terminal.prepare(sys.argv[1:])
        cli()
    except PicksError as error:
        terminal.complain(error)
        sys.exit(1)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        terminal.complain(terminal.cannot_write(error))
        sys.exit(1)
