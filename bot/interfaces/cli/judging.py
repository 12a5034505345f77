"""How good a ranker would have been: ``picks backtest``."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.channels import Channel, choose_channel, load_channels
from bot.domain.errors import PicksError
from bot.interfaces.cli import terminal
from bot.interfaces.cli.display import backtest as backtest_display
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.options import OPERATOR, ChannelOption, ConfigOption, JsonOption, cli, read_date, require_folder
from bot.interfaces.cli.progress import Progress
from bot.ranking import evaluation as backtesting
from bot.ranking.backtest_report import Backtest, Simulation
from bot.ranking.evaluation import Material

MoreOption = Annotated[list[Path] | None, typer.Argument(metavar="FILE", help="More listings.")]
ListingsOption = Annotated[
    list[Path], typer.Option("--listings", help="Listed papers, .jsonl or .jsonl.gz.", metavar="FILE...")
]
PicksOption = Annotated[
    Path, typer.Option("--picks", help="Picks: JSON lines, or a Hugging Face collection.", metavar="FILE")
]
RelatedOption = Annotated[
    Path | None, typer.Option("--related", help="Papers that other lists name, the same way.", metavar="FILE")
]


@cli.command(rich_help_panel=OPERATOR)
def backtest(
    context: typer.Context,
    listings: ListingsOption,
    picks: PicksOption,
    more: MoreOption = None,
    related: RelatedOption = None,
    model: Annotated[
        str | None, typer.Option("--model", help="default, words, or a weights file.", metavar="NAME_OR_FILE")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="Judge no earlier day.", metavar="DATE")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Judge no later day.", metavar="DATE")] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="Play a curator from an empty start and show the learning curve.")
    ] = False,
    ranks_out: Annotated[
        Path | None, typer.Option("--ranks-out", help="Write the rank of each chosen paper there.", metavar="FILE")
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say where the picks of past days come out among the papers of their days."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        if learn and model is not None:
            raise PicksError("--learn starts from nothing: leave --model out")
        if ranks_out:
            require_folder(ranks_out, option="--ranks-out")
        channel = own_channel(opened)
        ranking = channel.ranking if channel else None
        judge = None if learn else backtesting.choose(backtesting.SHIPPED if model is None else model, ranking)
        with Progress() as progress:
            material = backtesting.read(
                [*listings, *(more or [])],
                picks=picks,
                related=related,
                first=read_date(first) if first else None,
                last=read_date(last) if last else None,
                opened=lambda file: progress.say(f"reading {file}"),
            )
            told = _days(progress, material)
            data: Backtest | Simulation
            if judge is None:
                data, ranks = backtesting.play(material, ranking, progress=told)
            else:
                data, ranks = backtesting.backtest(material, judge, progress=told)
        terminal.mention(f"judged {data.days} days with {data.papers:,} papers")
        if ranks_out:
            backtesting.write_ranks(ranks, ranks_out)
        opened.say(data, backtest_display.backtest(data))


def own_channel(opened: Shell) -> Channel | None:
    """Return the channel that is meant, without a database; None where no folder of channels is named and none is here.

    Files can be judged and learned from anywhere, without the words of a channel.
    """
    folder = opened.settings.config
    unnamed = opened.config is None and opened.channel_name is None and "config" not in opened.settings.model_fields_set
    if unnamed and not folder.exists():
        terminal.mention(f"there is no channel file in {folder}: the weights stand alone, without a channel's words")
        return None
    return choose_channel(load_channels(folder), opened.channel_name, folder=folder)


def _days(progress: Progress, material: Material) -> Callable[[date], None]:
    numbers = {day: number for number, day in enumerate(material.judged, start=1)}

    def say(day: date) -> None:
        progress.say(f"judging {day}, {numbers[day]} of {len(numbers)} days")

    return say
