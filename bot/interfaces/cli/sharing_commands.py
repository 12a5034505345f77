"""The commands that hand picks on, as the command line shows them; what each does is in ``sharing``."""

from pathlib import Path
from typing import Annotated

import typer

from bot.domain.export_formats import Format
from bot.interfaces.cli.invocation import shell
from bot.interfaces.cli.options import CURATOR, OPERATOR, ChannelOption, ConfigOption, JsonOption, cli

OutOption = Annotated[Path | None, typer.Option("--out", help="Write it there.", metavar="FILE")]


@cli.command(rich_help_panel=CURATOR)
def card(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write it there; else to the id with .png.", metavar="FILE")
    ] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the picture of a pick to a file: the approved one, or as it would be."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import sharing

        sharing.write_card(opened, paper, out)


@cli.command(rich_help_panel=OPERATOR)
def export(
    context: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="In which form.")] = Format.JSON,
    out: OutOption = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the published picks for other programs, on standard output or to a file."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import sharing

        sharing.export(opened, form, out)


SlugArgument = Annotated[
    str | None,
    typer.Argument(metavar="[SLUG]", help="The collection's slug or address; else the channel file's collection.slug."),
]
collection_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(collection_cli, name="collection", help="A Hugging Face collection in and out.", rich_help_panel=OPERATOR)


@collection_cli.command()
def pull(
    context: typer.Context,
    slug: SlugArgument = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take over a collection, with notes and links, as picks that were published elsewhere."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import collecting

        collecting.pull(opened, slug)


@collection_cli.command()
def push(
    context: typer.Context,
    slug: SlugArgument = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    remove_retracted: Annotated[
        bool, typer.Option("--remove-retracted", help="Take out what we added and have retracted since.")
    ] = False,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add the published picks to the collection, with notes, the newest first; touch nothing of anybody else's."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import collecting

        collecting.push(opened, slug, dry_run=dry_run, remove_retracted=remove_retracted)


@collection_cli.command()
def status(
    context: typer.Context,
    slug: SlugArgument = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what differs between the collection and the published picks."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli import collecting

        collecting.status(opened, slug)
