"""How good a ranker would have been: ``picks backtest``."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from bot.curation import evaluation, simulation
from bot.curation.evaluation import Material
from bot.domain.channels import Channel, choose_channel, load_channels
from bot.domain.errors import UsageError
from bot.interfaces.cli import terminal
from bot.interfaces.cli.days import past_day
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.cli.options import require_folder
from bot.interfaces.cli.progress import Progress
from bot.interfaces.display import backtest as backtest_display
from bot.interfaces.views import backtest as views
from bot.interfaces.views.backtest import Backtest, Simulation


def backtest(
    opened: Shell,
    listings: Sequence[Path],
    *,
    picks: Path,
    related: Path | None,
    model: str | None,
    first: str | None,
    last: str | None,
    learn: bool,
    ranks_out: Path | None,
) -> None:
    """Judge past days and show what came of it; raise UsageError when the options do not fit."""
    if learn and model is not None:
        raise UsageError("--learn starts from nothing: leave --model out")
    since, until = past_day(first), past_day(last)
    if since and until and since > until:
        raise UsageError(f"--from {since} is later than --to {until}; turn them around")
    if ranks_out:
        require_folder(ranks_out, option="--ranks-out")
    channel = own_channel(opened)
    ranking = channel.ranking if channel else None
    judge = None if learn else evaluation.choose(evaluation.SHIPPED if model is None else model, ranking)
    with Progress() as progress:
        material = evaluation.read(
            listings,
            picks=picks,
            related=related,
            first=since,
            last=until,
            opened=lambda file: progress.say(f"reading {file}"),
        )
        told = _days(progress, material)
        data: Backtest | Simulation
        if judge is None:
            played, alone = simulation.play(material, ranking, progress=told)
            ranks = tuple(item for day in played for item in day.ranks)
            data = views.simulation(played, alone, material)
        else:
            ranks = evaluation.backtest(material, judge, progress=told)
            data = views.backtest(ranks, material, judge)
    terminal.mention(f"judged {data.judged.days} days with {data.judged.papers:,} papers")
    if ranks_out:
        evaluation.write_ranks(ranks, ranks_out)
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
    return choose_channel(load_channels(folder), opened.named_channel, folder=folder)


def _days(progress: Progress, material: Material) -> Callable[[date], None]:
    numbers = {day: number for number, day in enumerate(material.judged, start=1)}

    def say(day: date) -> None:
        progress.say(f"judging {day}, {numbers[day]} of {len(numbers)} days")

    return say
