"""The shell's mouth: ``picks``.

It owns how commands look on the command line and nothing of what they do: the curator's verbs come from ``commands``,
the operator's commands call the use cases. What takes long to load (Alembic, the platforms' libraries) is imported when
a command runs.
"""

import inspect
import json
import logging
import os
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress

from bot import __version__, logs, views
from bot.app import App
from bot.channels import Channel
from bot.commands import VERBS, Argument, Parameter, Verb
from bot.curation import draft_note
from bot.desk import Actor, Desk
from bot.display import VIEWS
from bot.errors import PicksError
from bot.polling import PollReport
from bot.publishing import approved_paper, deliver_due, due_deliveries
from bot.replay import IntakeReport, replay
from bot.settings import Settings, load_settings
from bot.store.database import Database

_CURATOR: Final = "Curator's commands"
_OPERATOR: Final = "Operator's commands"
_COMMON: Final = "Common options"

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


@dataclass
class Shell:
    """One call of the command: its common options, and what they lead to."""

    config: Path | None = None
    channel_name: str | None = None
    curator: str | None = None
    as_json: bool = False

    @cached_property
    def settings(self) -> Settings:
        """Return the environment, with the command line's word above it."""
        settings = load_settings()
        return settings.model_copy(update={"config": self.config}) if self.config else settings

    @cached_property
    def app(self) -> App:
        """Return the wired application; raise PicksError when the database is not ready."""
        app = App(self.settings, console=sys.stderr if self.as_json else sys.stdout)
        app.database.require_schema()
        return app

    @property
    def channel(self) -> Channel:
        """Return the channel that is meant."""
        return self.app.channel(self.channel_name)

    @property
    def channels(self) -> list[Channel]:
        """Return the named channel, or all."""
        return [self.channel] if self.channel_name else list(self.app.channels.values())

    def say(self, data: Any, summary: str = "", *, view: str | None = None) -> None:
        """Print data as JSON if that was asked for, else as people read it."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2) + "\n")
            return
        console = make_console()
        if view in VIEWS and data:
            console.print(VIEWS[view](data, self.channels[0].posting.zone))
        if summary:
            console.print(summary, markup=False)

    def close(self) -> None:
        """Let go of what was opened."""
        if "app" in self.__dict__:
            self.app.close()


def make_console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or 80 columns without colour where the output is piped."""
    stream = sys.stderr if stderr else sys.stdout
    columns = os.environ.get("COLUMNS", "")
    piped = int(columns) if columns.isdigit() and int(columns) > 0 else 80
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else piped)


@contextmanager
def shell(context: typer.Context, **given: Any) -> Iterator[Shell]:
    """Give a command its shell; a person's mistake becomes one line on stderr and exit code 1."""
    before: dict[str, Any] = context.find_root().obj or {}
    options = {name: given.get(name) or before.get(name) for name in ("config", "channel_name", "curator")}
    opened = Shell(**options, as_json=bool(given.get("as_json")))
    try:
        logs.configure(form=opened.settings.log_format, level=given.get("log_level", logging.ERROR))
        yield opened
    except PicksError as error:
        sys.stderr.write(f"picks: {error}\n")
        raise typer.Exit(1) from error
    finally:
        opened.close()


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
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = {"config": config, "channel_name": channel, "curator": curator}


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
        common = {name: values.pop(name, None) for name in ("config", "channel_name", "as_json", "curator")}
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
    desk = opened.app.desk(opened.channel, Actor(opened.curator or opened.settings.curator, "shell"))
    if verb.name == "note":
        values["text"] = _note_text(desk, values)
    reply = verb.run(desk, **values)
    opened.say(reply.data, reply.summary, view=verb.name)


def _note_text(desk: Desk, values: dict[str, Any]) -> str | None:
    """Return the note's text from where the curator wants to write it; None leaves the note as it is."""
    text: str | None = values["text"]
    if text == "-":
        return sys.stdin.read()
    if text is not None or values["thread"] is not None or values["code"] is not None:
        return text
    if not sys.stdin.isatty():
        raise PicksError("no text: give it behind the ID, or - to read standard input")
    return _edited(draft_note(desk, values["paper"]))


def _edited(text: str) -> str:
    """Return what a person makes of the text in their editor; raise PicksError when they leave without saving."""
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory(prefix="picks-") as folder:
        file = Path(folder) / "note.txt"
        file.write_text(text, "utf-8")
        before = file.stat().st_mtime_ns
        try:
            left = subprocess.run([*editor, str(file)], check=False).returncode  # noqa: S603  # the person's own editor
        except OSError as error:
            raise PicksError(f"cannot start the editor {editor[0]}: {error.strerror}; set EDITOR") from error
        if left != 0 or file.stat().st_mtime_ns == before:
            raise PicksError("the note was not saved in the editor: nothing is changed")
        return file.read_text("utf-8")


for _verb in VERBS.values():
    _add_verb(_verb)


@cli.command(rich_help_panel=_OPERATOR)
def fetch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE_OR_URL]...", help="Captures (.xml, .xml.gz) or addresses.")
    ] = None,
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
) -> None:
    """Poll the channel's feeds now, or ingest the named captures in order of the date inside them."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        report = _replay(opened, sources) if sources else _poll(opened)
        data = views.intake(report.batches, queued=report.queued, errors=report.errors)
        opened.say(data, view="fetch")
        for error in report.errors:
            sys.stderr.write(f"picks: {error}\n")
        if report.errors:
            raise typer.Exit(1)


def _replay(opened: Shell, sources: list[str]) -> IntakeReport:
    app = opened.app
    with (
        app.feed_client() as client,
        Progress(console=make_console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress,
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
    waiting = make_console(stderr=True).status("asking arXiv ...") if sys.stderr.isatty() else nullcontext()
    with app.feed_client() as client, waiting:
        polled = app.poller(client).poll(force=True, only=opened.channels)
    return IntakeReport(
        batches=[item.batch for item in polled if item.batch],
        queued=_sum_queued(polled),
        errors=[item.error for item in polled if item.error],
    )


def _sum_queued(polled: list[PollReport]) -> dict[str, int]:
    total: dict[str, int] = {}
    for item in polled:
        for name, count in item.queued.items():
            total[name] = total.get(name, 0) + count
    return total


@cli.command(rich_help_panel=_OPERATOR)
def publish(
    context: typer.Context,
    paper: Annotated[str | None, typer.Argument(metavar="[ID]", help="This pick now, whatever its slot.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go out; send nothing.")] = False,
    config: _Config = None,
    channel_name: _Channel = None,
    as_json: _Json = False,
) -> None:
    """Send what is due now, or this one pick."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        names = [item.name for item in opened.channels]
        database = opened.app.database
        arxiv_id = approved_paper(database, opened.channel, paper) if paper else None
        if dry_run:
            due = due_deliveries(database, now=opened.app.clock(), channels=names, arxiv_id=arxiv_id)
            opened.say(views.frozen_deliveries(database, due), "" if due else "nothing is due", view="dry-run")
            return
        outbox = opened.app.outbox(sleep=_sleep)
        with make_console(stderr=True).status("sending ...") if sys.stderr.isatty() else nullcontext():
            reports = deliver_due(outbox, channels=names, arxiv_id=arxiv_id)
        opened.say(views.outgoing(reports), "" if reports else _nothing_sent(opened), view="publish")
        if any(item.error for item in reports):
            raise typer.Exit(1)


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _nothing_sent(opened: Shell) -> str:
    off = sorted({str(name) for item in opened.channels for name, on in opened.app.accounts(item).items() if not on})
    return "nothing is due" + (f"; switched off for lack of credentials: {', '.join(off)}" if off else "")


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
        with database.reading() as session:
            state = views.worker_state(session, now=datetime.now(UTC))
        database.close()
        if opened.as_json or state["alive"]:
            opened.say(state, f"alive: {state['worker']} at {state['beat_at']}")
        if not state["alive"]:
            seen = f"; the last one was seen at {state['beat_at']}" if state["beat_at"] else ""
            raise PicksError(f"no worker is alive{seen}; start one with picks worker")


@cli.command(rich_help_panel=_OPERATOR)
def demo() -> None:
    """Show the whole job on a bundled sample: offline, without an account, in a temporary place."""
    from bot.demo import run

    logs.configure(form="text", level=logging.ERROR)
    run(make_console())


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
        cli()
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
