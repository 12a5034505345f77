"""Learning from the curators: ``picks train`` and ``picks import``."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import typer

from bot.curation import training_from_files as training
from bot.curation.training_from_files import Sources
from bot.curation.training_job import begin_anew, build_on, import_picks, train_channel
from bot.interfaces.cli import terminal
from bot.interfaces.cli.days import past_day
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.cli.judging import own_channel
from bot.interfaces.cli.options import require_folder
from bot.interfaces.cli.progress import Progress
from bot.interfaces.display.ranking import learned_from
from bot.interfaces.views.training import imported, trained
from bot.ranking.model import Model

_STANDARD_INPUT: Final = Path("/dev/stdin")
_NAMED: Final = 5  # wrong entries of an imported file that are told one by one


def train_from_decisions(opened: Shell, *, anew: bool) -> None:
    """Learn from what the channel's curators decided; ``anew`` forgets first what was learned before."""
    if anew:
        begin_anew(opened.app.database, opened.channel)
    _say_learned(opened, _from_decisions(opened), out=None)


def train_from_files(
    opened: Shell,
    listings: Sequence[Path],
    *,
    picks: Path,
    related: Path | None,
    until: str | None,
    out: Path | None,
    base: str | None,
) -> None:
    """Learn from files, into the file ``out`` or else for the channel."""
    if out:
        require_folder(out, option="--out")
    own = None if out else opened.channel  # first: without a database there is nowhere to keep them
    channel = own or own_channel(opened)
    sources = Sources(
        listings,
        picks,
        related=related,
        channel=opened.settings.config / f"{channel.name}.toml" if channel else None,
        base=base or training.NONE,
        until=past_day(until),
    )
    model = _from_files(sources, out)
    if own:
        build_on(opened.app.database, own, model, now=opened.app.clock())
    _say_learned(opened, model, out=out)


def take_over(opened: Shell, file: Path) -> None:
    """Take over the picks that a file names, - for standard input; fail when some of its entries are wrong."""
    if str(file) == "-":
        file = _STANDARD_INPUT
    report = import_picks(opened.app.database, opened.channel, file, now=opened.app.clock())
    done = imported(opened.channel.name, report)
    opened.say(
        done, f"{done.new} new picks for {done.channel}, {done.known} known already; picks train learns from them"
    )
    if done.errors:
        _name_wrong(done.errors, file)
        raise typer.Exit(1)


def _say_learned(opened: Shell, model: Model, *, out: Path | None) -> None:
    opened.say(trained(model, out), _summary(model, str(out) if out else f"the weights of {opened.channel.name}"))


def _name_wrong(errors: Sequence[str], file: Path) -> None:
    """Name the first of the entries that were not taken over: a file of another kind has thousands."""
    for error in errors[:_NAMED]:
        terminal.mention(error)
    terminal.mention(f"{file}: {len(errors):,} left out, the rest taken over; mend what is wrong and import it again")


def _from_files(sources: Sources, out: Path | None) -> Model:
    with Progress() as progress:
        return training.train(sources, out, waiting=_telling(progress))


def _from_decisions(opened: Shell) -> Model:
    app = opened.app
    with Progress() as progress:
        told = _telling(progress)

        def wait(seconds: float) -> None:
            time.sleep(seconds)
            told()

        return train_channel(app.database, opened.channel, now=app.clock(), wait=wait)


def _telling(progress: Progress) -> Callable[[], None]:
    begun = time.monotonic()
    progress.say("training")
    return lambda: progress.say(f"training, {time.monotonic() - begun:.0f} seconds")


def _summary(model: Model, where: str) -> str:
    known = learned_from(model.data.model_dump())
    return f"{where}: {len(model.vocabulary):,} weights, trained until {model.trained_until} on {known}"
