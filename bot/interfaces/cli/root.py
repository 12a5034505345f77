"""The options that may stand before a command."""

from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.interfaces.cli.options import AsOption, ChannelOption, ConfigOption, JsonOption, PagerOption, cli


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"picks {__version__}")
        raise typer.Exit


@cli.callback()
def _root(
    context: typer.Context,
    config: ConfigOption = None,
    channel: ChannelOption = None,
    curator: AsOption = None,
    as_json: JsonOption = False,
    no_pager: PagerOption = False,
    env_file: Annotated[
        Path | None,
        typer.Option("--env-file", help="Read this file of variables, not picks.env of this folder.", metavar="FILE"),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    context.obj = {
        "config": config,
        "channel_name": channel,
        "curator": curator,
        "as_json": as_json,
        "no_pager": no_pager,
        "env_file": env_file,
    }
