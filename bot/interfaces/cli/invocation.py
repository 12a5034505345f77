"""One call of ``picks``: its common options, what they lead to, and how it answers.

It owns what all commands have in common and nothing of what any of them does.
"""

import json
import logging
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import typer

from bot.domain.errors import PicksError, UsageError
from bot.domain.text import sanitize
from bot.interfaces.cli import environment_file, interrupts, pager, terminal
from bot.interfaces.cli.options import COMMON_FLAGS
from bot.interfaces.commands import Call, make_call
from bot.interfaces.views.json import to_json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from bot.app import App
    from bot.domain.actors import Actor
    from bot.domain.channels import Channel
    from bot.settings import Settings

_LONGEST_NAME: Final = 100
"""What the tables keep of who decides."""


@dataclass
class Shell:
    """One call of the command."""

    config: Path | None = None
    channel_name: str | None = None
    curator: str | None = None
    as_json: bool = False
    no_pager: bool = False

    @cached_property
    def settings(self) -> "Settings":
        """Return the environment, with the command line's word above it."""
        from bot.settings import load_settings

        settings = load_settings()
        return settings.model_copy(update={"config": self.config}) if self.config else settings

    @cached_property
    def app(self) -> "App":
        """Return the wired application; raise PicksError when the database is not ready."""
        from bot.app import App

        app = App(self.settings, console=sys.stderr if self.as_json else sys.stdout)
        app.database.require_schema()
        return app

    @property
    def named_channel(self) -> str | None:
        """Return the name of the channel that is meant, from the command line or else from ``PICKS_CHANNEL``."""
        return self.settings.channel if self.channel_name is None else self.channel_name

    @property
    def channel(self) -> "Channel":
        """Return the channel that is meant."""
        return self.app.channel(self.named_channel)

    @property
    def channels(self) -> "list[Channel]":
        """Return the named channel, or all."""
        return list(self.app.channels.values()) if self.named_channel is None else [self.channel]

    @property
    def actor(self) -> "Actor":
        """Return who decides; raise PicksError when that is no name."""
        from bot.domain.actors import Actor

        given = self.settings.curator if self.curator is None else self.curator
        wrong = PicksError if self.curator is None else UsageError
        name = " ".join(sanitize(given).split())
        if not name:
            raise wrong("it is not said who decides; give --as NAME, or set PICKS_CURATOR")
        if len(name) > _LONGEST_NAME:
            raise wrong(
                f"the name of who decides has {len(name)} characters and may have {_LONGEST_NAME}; "
                "give a shorter --as NAME, or set PICKS_CURATOR"
            )
        return Actor(name, "shell")

    @property
    def call(self) -> Call:
        """Return what a verb works with."""
        return make_call(self.app, self.actor, channel_name=self.named_channel, busy=terminal.busy)

    def say(
        self, data: object, summary: "RenderableType" = "", *, view: str | None = None, paged: bool = False
    ) -> None:
        """Print a view, or a list of them, as JSON if that was asked for, else as people read it.

        ``paged`` is for what people read at leisure: it goes through a pager where the terminal is too small.
        """
        if self.as_json:
            terminal.write(json.dumps(to_json(data), ensure_ascii=not terminal.speaks_utf8(), indent=2) + "\n")
            return
        from bot.interfaces.display import VIEWS

        things = [VIEWS[view](data, self.channels[0].posting.zone)] if view in VIEWS and data else []
        things += [summary] if summary else []
        if paged and not self.no_pager:
            pager.show(*things)
        else:
            terminal.show(*things)

    def close(self) -> None:
        """Let go of what was opened."""
        if "app" in self.__dict__:
            self.app.close()


@contextmanager
def shell(
    context: typer.Context, *, log_level: int | None = logging.CRITICAL, no_pager: bool = False, **given: Any
) -> Iterator[Shell]:
    """Give a command its shell; a person's mistake becomes one line on stderr and exit code 1, or 2 for wrong usage.

    ``given`` are the command's own options; what it has but was not given may stand before it. Nothing is logged
    unless asked for: what goes wrong is said. ``log_level`` is None for a command that loads nothing that logs.
    """
    before: dict[str, Any] = context.find_root().obj or {}
    options: dict[str, Any] = {
        name: before.get(name) if value in {None, False} else value for name, value in given.items()
    }
    opened = Shell(**options, no_pager=no_pager or bool(before.get("no_pager")))
    interrupts.unwind()
    try:
        refuse_others(context, given)
        environment_file.load(before.get("env_file"))
        if log_level is not None:
            from bot.interfaces import logs

            logs.configure(form=opened.settings.log_format, level=log_level)
        else:
            logging.getLogger("sqlalchemy").setLevel(logging.CRITICAL)  # it logs what Ctrl-C does to a transaction
        yield opened
    except PicksError as error:
        terminal.complain(error)
        raise typer.Exit(exit_code(error)) from error
    finally:
        opened.close()


def refuse_others(context: typer.Context, own: Container[str]) -> None:
    """Raise UsageError when an option stands before a command that does not have it: it would change nothing."""
    before: dict[str, Any] = context.find_root().obj or {}
    others = [flag for name, flag in COMMON_FLAGS.items() if before.get(name) and name not in own]
    if others:
        instead = ", or set PICKS_CURATOR for all commands" if others[0] == COMMON_FLAGS["curator"] else ""
        raise UsageError(f"{context.command_path} has no option {others[0]}; leave it out{instead}")


def exit_code(error: PicksError) -> int:
    """Return what a command ends with that could not do what it was asked for: 2 where the words were wrong, else 1."""
    return 2 if isinstance(error, UsageError) else 1
