"""What the operator runs: the worker, its health, the database, the demo."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from bot.domain.errors import PicksError, UsageError
from bot.interfaces import logs
from bot.interfaces.cli import interrupts, terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.cli.progress import Progress
from bot.interfaces.heartbeat import called, forget_silent, read_pulses, the_best
from bot.interfaces.views import status as status_view
from bot.interfaces.views.json import to_json
from bot.store.database import Database, DatabaseError


def work(opened: Shell, *, once: bool) -> None:
    """Run the worker until it is told to stop, or each of its jobs once; raise PicksError when one of these failed."""
    from bot.interfaces.worker import Worker

    process = Worker(opened.app)
    if not once:
        interrupts.hand_over()
        process.run()
    elif not process.run_once():
        raise PicksError("a job failed; the log above says why")


def check_health(opened: Shell, *, name: str | None) -> None:
    """Say that a worker is alive, of those of a name if one is given; raise PicksError when none is."""
    database = _database(opened)
    pulses = read_pulses(database, now=datetime.now(UTC))
    database.close()
    if name is not None:
        pulses = called(pulses, name)
    pulse = the_best(pulses)
    state = status_view.worker(pulse, others=pulses)
    if opened.as_json or pulse.alive:
        said = [f"alive: {state.worker} at {to_json(state.beat_at)}", *map(_silence, state.silent)]
        opened.say(state, "\n".join(said))
    if not pulse.alive:
        raise PicksError(f"of {name}: {_unwell(state)}" if name is not None else _unwell(state))


def _silence(gone: status_view.SilentWorker) -> str:
    return (
        f"silent since {to_json(gone.beat_at)}: {gone.worker}; if it was not ended on purpose, start it again there, "
        f"else: picks worker --forget {gone.worker}"
    )


def forget_worker(opened: Shell, name: str) -> None:
    """Take the operator's word that a silent worker is gone for good."""
    database = _database(opened)
    gone = forget_silent(database, name, now=datetime.now(UTC))
    database.close()
    opened.say(None, "\n".join(f"{worker} is taken for gone" for worker in gone))


def print_metrics(opened: Shell) -> None:
    """Print the figures of all channels."""
    from bot.interfaces.metrics import text_of

    app = opened.app
    contexts = [app.context(channel, opened.actor) for channel in app.channels.values()]
    terminal.write(text_of(app.database, contexts, now=app.clock()))


def examine(opened: Shell, *, offline: bool) -> None:
    """Show every check; raise PicksError when one failed."""
    from bot.interfaces.display.doctor import examination
    from bot.interfaces.doctor.examination import examine as look

    found = look(opened.settings, channel_name=opened.named_channel, offline=offline)
    opened.say(found, examination(found))
    if not found.ok:
        wrong = sum(not item.ok for item in found.checks)
        raise PicksError("1 check failed" if wrong == 1 else f"{wrong} checks failed")


def show_demo() -> None:
    """Show the whole job."""
    from bot.interfaces.cli.demo import run

    interrupts.unwind()
    logs.configure(form="text", level=logging.CRITICAL)
    run(terminal.show)


def upgrade(opened: Shell) -> None:
    """Create or migrate the database."""
    from bot.store.schema import upgrade as upgrade_schema

    database = Database(opened.settings.database_address)
    made = database.missing_folder if opened.settings.database_url else None  # a name that is mistyped would make one
    with Progress() as progress:
        before, after = upgrade_schema(database, say=progress.say)
    done = "is up to date" if before == after else f"migrated from {before}" if before else "created"
    where = f"; the folder {made} was not there and is made" if made else ""
    opened.say(None, f"{database.display}: {done}, version {after}{where}")
    database.close()


def _since(state: status_view.WorkerStatus) -> str:
    return ", ".join(f"{job.job} since {to_json(job.silent_since)}" for job in state.jobs if job.hangs)


def _unwell(state: status_view.WorkerStatus) -> str:
    if state.hung:
        return f"the worker {state.worker} hangs: {_since(state)}; end it and start it again: picks worker"
    if state.failing:
        return f"the worker {state.worker} cannot do its jobs: {', '.join(state.failing)}; its log says why"
    seen = f"; the last one was seen at {to_json(state.beat_at)}: {state.worker}" if state.beat_at else ""
    return f"no worker is alive{seen}; start one with picks worker"


def back_up(opened: Shell, file: Path) -> None:
    """Write a copy of the database."""
    from bot.store.copying import back_up as write

    database = _database(opened)
    with Progress() as progress:
        rows = write(database, file, say=progress.say)
    database.close()
    opened.say(None, f"{file}: {rows:,} rows of {database.display}; picks restore {file} brings them back")


def restore(opened: Shell, file: Path) -> None:
    """Fill the database from a copy."""
    from bot.store.copying import restore as read

    database = Database(opened.settings.database_address)
    with Progress() as progress:
        rows = read(file, database, say=progress.say)
    database.close()
    opened.say(None, f"{database.display}: {rows:,} rows of {file}; start the worker again: picks worker")


def copy(opened: Shell, address: str) -> None:
    """Copy the database into another one."""
    from bot.store.copying import copy_into

    database, target = _database(opened), _named_database(address)
    with Progress() as progress:
        rows = copy_into(target, database, say=progress.say)
    for used in (database, target):
        used.close()
    opened.say(None, f"{target.display}: {rows:,} rows of {database.display}; name it in DATABASE_URL from now on")


def _named_database(address: str) -> Database:
    try:
        return Database(address)
    except DatabaseError as error:
        raise UsageError(str(error).replace("DATABASE_URL", "URL")) from error


def _database(opened: Shell) -> Database:
    database = Database(opened.settings.database_address)
    database.require_schema()
    return database
