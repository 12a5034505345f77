"""The desk as a command: ``picks review``."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import PicksError
from bot.interfaces.cli import interrupts, terminal
from bot.interfaces.cli.browser import open_page
from bot.interfaces.cli.days import past_day
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.options import CURATOR, AsOption, ChannelOption, ConfigOption, cli

if TYPE_CHECKING:
    from textual.app import App

    from bot.interfaces.views.candidates import Shown


class Theme(StrEnum):
    """How the desk is coloured; ``auto`` asks the terminal's COLORFGBG, and takes dark where it says nothing."""

    AUTO = "auto"
    DARK = "dark"
    LIGHT = "light"


@cli.command(rich_help_panel=CURATOR)
def review(
    context: typer.Context,
    day: Annotated[
        str | None, typer.Option("--day", help="The day to begin with; the newest if not given.", metavar="DATE")
    ] = None,
    theme: Annotated[Theme, typer.Option("--theme", help="Dark, light, or as the terminal says.")] = Theme.AUTO,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    curator: AsOption = None,
) -> None:
    """Work through a day's candidates on one screen: one key a decision, the thread beside the note."""
    with shell(context, config=config, channel_name=channel_name, curator=curator) as opened:
        if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
            raise PicksError("picks review needs a terminal; elsewhere there are picks queue, show, note and approve")
        terminal.show(_sit_down(opened, day=day, light=_is_light(theme)))


def _sit_down(opened: Shell, *, day: str | None, light: bool) -> str:
    from bot.interfaces.review.app import Review
    from bot.interfaces.review.desk import Desk

    channel, person = opened.channel, opened.actor.name
    desk = Desk(lambda: opened.call, person, day=past_day(day))
    desk.load(desk.day)
    interrupts.hand_over()
    edit = partial(_in_editor, opened)
    app = Review(desk, channel=channel, edit=edit, open_page=open_page, light=light)
    return app.run() or desk.summary()


@contextmanager
def _in_editor(opened: Shell, app: "App[str]", paper: "Shown") -> Iterator[str]:
    """Put the desk aside while the person's editor has the terminal."""
    from bot.interfaces.cli.editor import edited
    from bot.interfaces.commands.note_sheet import note_sheet

    sheet = note_sheet(opened.call.context, paper.arxiv_id)
    with _put_aside(app), edited(sheet) as written:
        yield written


@contextmanager
def _put_aside(app: "App[str]") -> Iterator[None]:
    """Give the terminal away, and take it back however the block ends: textual's own does not where it fails."""
    failed: PicksError | None = None
    with app.suspend():
        try:
            yield
        except PicksError as error:
            failed = error
        except KeyboardInterrupt:
            failed = PicksError("the editor was interrupted: nothing is changed")
    if failed is not None:
        raise failed


def _is_light(theme: Theme) -> bool:
    if theme is not Theme.AUTO:
        return theme is Theme.LIGHT
    background = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return background in {"7", "15"}
