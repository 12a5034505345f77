"""The commands about people who may be mentioned, as the command line shows them; what each does is in ``people``."""

from typing import Annotated

import typer

from bot.interfaces.cli import completion
from bot.interfaces.cli.invocation import shell
from bot.interfaces.cli.options import CURATOR, ChannelOption, ConfigOption, JsonOption, cli

people_cli = typer.Typer(invoke_without_command=True)
cli.add_typer(people_cli, name="people", help="List the people who may be mentioned.", rich_help_panel=CURATOR)


@people_cli.callback()
def people(context: typer.Context, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the people who may be mentioned, from people.toml beside the channel files."""
    if context.invoked_subcommand is not None:
        before = context.find_root().obj
        before["config"], before["as_json"] = config or before["config"], as_json or before["as_json"]
        return
    with shell(context, log_level=None, config=config, as_json=as_json) as opened:
        from bot.interfaces.cli.people import list_people

        list_people(opened)


@people_cli.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name as papers have it, the given name first.")],
    bluesky: Annotated[str | None, typer.Option("--bluesky", help="The handle on Bluesky.", metavar="HANDLE")] = None,
    x: Annotated[str | None, typer.Option("--x", help="The handle on X.", metavar="HANDLE")] = None,
    mastodon: Annotated[
        str | None, typer.Option("--mastodon", help="The handle on Mastodon, with its server.", metavar="USER@HOST")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person to people.toml, or another handle of one."""
    with shell(context, log_level=None, config=config, as_json=as_json) as opened:
        from bot.interfaces.cli.people import add_person

        add_person(opened, name, {"bluesky": bluesky, "x": x, "mastodon": mastodon})


@people_cli.command()
def find(
    context: typer.Context,
    paper: Annotated[
        str,
        typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.", autocompletion=completion.ids),
    ],
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the people among a paper's authors; who is not sure is said, and never mentioned."""
    with shell(context, log_level=None, config=config, channel_name=channel_name, as_json=as_json) as opened:
        from bot.interfaces.cli.people import find_people

        find_people(opened, paper)
