"""The operator's commands as the command line shows them; what each does is in a module that it loads when it runs."""

import logging
import socket
from pathlib import Path
from typing import Annotated

import typer

from bot.domain.errors import UsageError
from bot.interfaces.cli.invocation import refuse_others, shell
from bot.interfaces.cli.options import (
    OPERATOR,
    SHIPPED,
    AsOption,
    ChannelOption,
    ConfigOption,
    JsonOption,
    ListingsOption,
    MoreOption,
    PicksOption,
    RelatedOption,
    archive_cli,
    cli,
    database_cli,
)
from bot.interfaces.cli.verbs import add_verbs


@cli.command(rich_help_panel=OPERATOR)
def fetch(
    context: typer.Context,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[FILE_OR_URL]...", help="Captures (.xml, .xml.gz) or addresses.")
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="Backfill the days since then from arXiv's API: 2026-11-30, yesterday, 3d or mon.",
            metavar="DATE",
        ),
    ] = None,
    day: Annotated[
        str | None, typer.Option("--day", help="Ask the API for this day, whatever is known of it.", metavar="DATE")
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Poll the channel's feeds now, backfill lost days, or ingest captures in order of the date inside them."""
    if sum(map(bool, (sources, since, day))) > 1:
        raise typer.BadParameter("give captures, --since or --day, not several of them")
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli.days import past_day

        first, only = past_day(since), past_day(day)
        from bot.interfaces.cli import intake

        intake.fetch(opened, sources, since=first, day=only)


add_verbs(operates=True)  # here because the help lists commands in this order


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
        from bot.interfaces.cli import judging

        judging.backtest(
            opened,
            [*listings, *(more or [])],
            picks=picks,
            related=related,
            model=model,
            first=first,
            last=last,
            learn=learn,
            ranks_out=ranks_out,
        )


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
    if not files and (related or until or out or base not in {None, SHIPPED}):
        raise typer.BadParameter("--related, --until, --out and --base FILE are for files: give --listings too")
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import learning

        if picks is None:
            learning.train_from_decisions(opened, anew=base is not None)
        else:
            learning.train_from_files(opened, files, picks=picks, related=related, until=until, out=out, base=base)


@cli.command("import", rich_help_panel=OPERATOR)
def import_(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="JSON lines, or a Hugging Face collection's JSON; - is standard input."),
    ],
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over picks that were made before, so that the channel can learn from them."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import learning

        learning.take_over(opened, file)


@cli.command(rich_help_panel=OPERATOR)
def worker(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Run every job once and end.")] = False,
    forget: Annotated[
        str | None,
        typer.Option("--forget", metavar="NAME", help="Run nothing: that silent worker is gone for good."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Run the long-running process: poll, publish, tidy."""
    with shell(context, config=config, log_level=logging.INFO) as opened:
        if once and forget is not None:
            raise UsageError("give either --once or --forget, not both")
        from bot.interfaces.cli import running

        if forget is not None:
            running.forget_worker(opened, forget)
        else:
            running.work(opened, once=once)


@cli.command(rich_help_panel=OPERATOR)
def healthcheck(
    context: typer.Context,
    worker: Annotated[
        str | None,
        typer.Option("--worker", metavar="NAME", help="This one: HOST or HOST:PID, as status says it."),
    ] = None,
    this_host: Annotated[bool, typer.Option("--this-host", help="Only the workers of this machine.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say whether a worker is alive: exit code 0 if one is, 1 if not. Workers that fell silent are named."""
    with shell(context, config=config, as_json=as_json) as opened:
        if worker is not None and this_host:
            raise UsageError("give either --worker or --this-host, not both")
        from bot.interfaces.cli import running

        running.check_health(opened, name=socket.gethostname() if this_host else worker)


@cli.command(rich_help_panel=OPERATOR)
def metrics(context: typer.Context, config: ConfigOption = None) -> None:
    """Print figures for a monitoring system, as Prometheus reads them."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli import running

        running.print_metrics(opened)


@cli.command(rich_help_panel=OPERATOR)
def init(
    context: typer.Context,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Take the defaults and ask nothing.")] = False,
    config: ConfigOption = None,
) -> None:
    """Make this folder the home of a bot: a channel file, picks.env and the database; what is there stays as it is."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli.first_steps import flow

        flow.set_up(opened, yes=yes)


@cli.command(rich_help_panel=OPERATOR)
def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody over the network.")] = False,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what is right, what is wrong and what mends it: exit code 1 if something is wrong."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import running

        running.examine(opened, offline=offline)


@cli.command("alert-test", rich_help_panel=OPERATOR)
def alert_test(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Send one message to each address in PICKS_ALERT_URL: exit code 1 if one did not take it."""
    with shell(context, config=config, as_json=as_json) as opened:
        from bot.interfaces.cli.alerting import send_test

        send_test(opened)


@cli.command(rich_help_panel=OPERATOR)
def profile(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Set the mark of a bot, name and description on Bluesky and Mastodon; say what to set on X by hand."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli.profile import set_profile

        set_profile(opened, dry_run=dry_run)


@cli.command(rich_help_panel=OPERATOR)
def demo(context: typer.Context) -> None:
    """Show the whole job on a bundled sample: offline, without an account, in a temporary place."""
    refuse_others(context, ())
    from bot.interfaces.cli import running

    running.show_demo()


@archive_cli.command()
def build(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The site's folder; without it the channel file names one.")
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the archive as a folder of pages, every page anew; readers see the old site until the new one is whole."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import archiving

        archiving.build_site(opened, folder)


@archive_cli.command()
def serve(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The site's folder; without any the archive is built in a temporary one."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any that is free.", metavar="PORT")
    ] = 8000,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
) -> None:
    """Show the archive on 127.0.0.1, for this machine alone, until Ctrl-C."""
    with shell(context, config=config, channel_name=channel_name) as opened:
        from bot.interfaces.cli import archiving

        archiving.serve_site(opened, folder, port=port)


@database_cli.command()
def upgrade(context: typer.Context, config: ConfigOption = None) -> None:
    """Create the database, or migrate it to this version."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli import running

        running.upgrade(opened)


@database_cli.command("copy")
def copy(
    context: typer.Context,
    address: Annotated[str, typer.Argument(metavar="URL", help="The new, empty database; written as DATABASE_URL is.")],
    config: ConfigOption = None,
) -> None:
    """Copy everything into another database, counted and compared; end the workers first."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli import running

        running.copy(opened, address)


@cli.command(rich_help_panel=OPERATOR)
def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not exist.")],
    config: ConfigOption = None,
) -> None:
    """Write a consistent copy of the database, also while workers run."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli import running

        running.back_up(opened, file)


@cli.command(rich_help_panel=OPERATOR)
def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that picks backup has written.")],
    config: ConfigOption = None,
) -> None:
    """Fill an empty database from a backup; nothing is overwritten."""
    with shell(context, config=config) as opened:
        from bot.interfaces.cli import running

        running.restore(opened, file)


@cli.command(rich_help_panel=OPERATOR)
def reconcile(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be adopted and change nothing.")] = False,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    curator: AsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare the accounts with the database and adopt what is out already; never posts or deletes."""
    with shell(context, config=config, channel_name=channel_name, curator=curator, as_json=as_json) as opened:
        from bot.interfaces.cli import reconciling

        reconciling.reconcile(opened, dry_run=dry_run)
