"""What the operator runs: the worker, its health, the database, the demo."""

import logging
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.domain.errors import PicksError
from bot.interfaces import logs
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import shell
from bot.interfaces.cli.options import OPERATOR, ConfigOption, JsonOption, cli, database_cli
from bot.interfaces.heartbeat import read_pulse
from bot.interfaces.views import status as status_view
from bot.interfaces.views.json import to_json
from bot.store.database import Database


@cli.command(rich_help_panel=OPERATOR)
def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Run every job once and end.")] = False,
    config: ConfigOption = None,
) -> None:
    """Run the long-running process: poll, publish, tidy."""
    with shell(context, config=config, log_level=logging.INFO) as opened:
        from bot.interfaces.worker import Worker

        process = Worker(opened.app)
        if not once:
            process.run()
        elif not process.run_once():
            raise PicksError("a job failed; the log above says why")


@cli.command(rich_help_panel=OPERATOR)
def healthcheck(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Say whether a worker is alive: exit code 0 if it is, 1 if not."""
    with shell(context, config=config, as_json=as_json) as opened:
        database = Database(opened.settings.database_address)
        database.require_schema()
        pulse = read_pulse(database, now=datetime.now(UTC))
        database.close()
        state = status_view.worker(pulse)
        if opened.as_json or pulse.alive:
            opened.say(state, f"alive: {state.worker} at {to_json(state.beat_at)}")
        if not pulse.alive:
            raise PicksError(_unwell(state))


def _unwell(state: status_view.WorkerStatus) -> str:
    if state.failing:
        return f"the worker {state.worker} cannot do its jobs: {', '.join(state.failing)}; its log says why"
    seen = f"; the last one was seen at {to_json(state.beat_at)}" if state.beat_at else ""
    return f"no worker is alive{seen}; start one with picks worker"


@cli.command(rich_help_panel=OPERATOR)
def demo() -> None:
    """Show the whole job on a bundled sample: offline, without an account, in a temporary place."""
    from bot.interfaces.cli.demo import run

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
