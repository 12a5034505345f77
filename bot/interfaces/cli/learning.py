"""What is known of the curators' channel_weights: ``picks train`` and ``picks import``."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from bot.curation.training_job import begin_anew, build_on, import_picks, train_channel
from bot.interfaces.cli import terminal
from bot.interfaces.cli.display.ranking import learned_from
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.judging import MoreOption, RelatedOption, own_channel
from bot.interfaces.cli.options import OPERATOR, ChannelOption, ConfigOption, JsonOption, cli, read_date, require_folder
from bot.interfaces.cli.progress import Progress
from bot.interfaces.views.training import imported, trained
from bot.ranking import training_from_files as training
from bot.ranking.model import Model
from bot.ranking.training_from_files import Sources

_NAMED: Final = 5  # wrong entries of an imported file that are told one by one


@cli.command(rich_help_panel=OPERATOR)
def train(
    context: typer.Context,
    more: MoreOption = None,
    listings: Annotated[
        list[Path] | None, typer.Option("--listings", help="Listed papers, .jsonl or .jsonl.gz.", metavar="FILE...")
    ] = None,
    picks: Annotated[
        Path | None, typer.Option("--picks", help="Picks: JSON lines, or a Hugging Face collection.", metavar="FILE")
    ] = None,
    related: RelatedOption = None,
    until: Annotated[str | None, typer.Option("--until", help="See nothing of later days.", metavar="DATE")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the weights there, not to the channel.", metavar="FILE")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", help="Weights to build on: default, none or a file.", metavar="NAME_OR_FILE"),
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn weights: from files, or without any from what the channel's curators have decided."""
    files = [*(listings or []), *(more or [])]
    if bool(files) is not bool(picks):
        raise typer.BadParameter("training from files needs --listings and --picks")
    if not files and (related or until or out or base not in {None, training.SHIPPED}):
        raise typer.BadParameter("--related, --until, --out and --base FILE are for files: give --listings too")
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        if picks is None:
            if base:
                begin_anew(opened.app.database, opened.channel)
            model = _from_decisions(opened)
        else:
            if out:
                require_folder(out, option="--out")
            own = None if out else opened.channel  # first: without a database there is nowhere to keep them
            channel = own or own_channel(opened)
            sources = Sources(
                files,
                picks,
                related=related,
                channel=opened.settings.config / f"{channel.name}.toml" if channel else None,
                base=base or training.NONE,
                until=read_date(until) if until else None,
            )
            model = _from_files(sources, out)
            if own:
                build_on(opened.app.database, own, model, now=opened.app.clock())
        opened.say(trained(model, out), _summary(model, str(out) if out else f"the weights of {opened.channel.name}"))


@cli.command("import", rich_help_panel=OPERATOR)
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON lines, or a Hugging Face collection's JSON.")],
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over picks that were made before, so that the channel can learn from them."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        report = import_picks(opened.app.database, opened.channel, file, now=opened.app.clock())
        done = imported(opened.channel.name, report)
        summary = f"{done.new} new picks for {done.channel}, {done.known} known already; picks train learns from them"
        opened.say(done, summary)
        if done.errors:
            _name_wrong(done.errors, file)
            raise typer.Exit(1)


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
    return f"{where}: {len(model.weights):,} weights, trained until {model.trained_until} on {known}"
