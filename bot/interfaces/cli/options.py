"""What all commands of the shell share: the command line itself, its panels and its common options."""

from pathlib import Path
from typing import Annotated, Final

import typer

from bot.domain.errors import PicksError
from bot.interfaces.cli import completion

CURATOR: Final = "Curator's commands"
OPERATOR: Final = "Operator's commands"
COMMON: Final = "Common options"

SHIPPED: Final = "default"
"""The weights that come with the program, as ``--base`` calls them."""

COMMON_FLAGS: Final = {"config": "--config", "channel_name": "--channel", "as_json": "--json", "curator": "--as"}
"""The options that may stand before a command, by the names of their parameters."""

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The folder of channel files.", rich_help_panel=COMMON, metavar="DIR")
]
ChannelOption = Annotated[
    str | None,
    typer.Option(
        "--channel",
        help="Which channel, if there are several.",
        rich_help_panel=COMMON,
        metavar="NAME",
        autocompletion=completion.channels,
    ),
]
PagerOption = Annotated[
    bool, typer.Option("--no-pager", help="Print all at once, however long it is.", rich_help_panel=COMMON)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.", rich_help_panel=COMMON)]
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
AsOption = Annotated[str | None, typer.Option("--as", help="Who decides.", rich_help_panel=COMMON, metavar="NAME")]

cli = typer.Typer(
    name="picks",
    help="Daily picks of new papers: arXiv feeds in, a curator's choice, threads on Bluesky, X and Mastodon out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
database_cli = typer.Typer(no_args_is_help=True)
archive_cli = typer.Typer(no_args_is_help=True)
cli.add_typer(
    archive_cli, name="archive", help="The public archive: build it, and look at it.", rich_help_panel=OPERATOR
)
cli.add_typer(database_cli, name="db", help="Create, migrate or copy the database.", rich_help_panel=OPERATOR)


def require_folder(file: Path, *, option: str) -> None:
    """Raise PicksError when a file cannot be written for want of its folder: better before the work than after it."""
    if file.is_dir():
        raise PicksError(f"cannot write {file}: it is a folder; name another file for {option}")
    if not file.absolute().parent.is_dir():
        raise PicksError(f"cannot write {file}: there is no folder {file.parent}; name another file for {option}")
