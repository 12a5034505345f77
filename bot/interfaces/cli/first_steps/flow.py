"""The steps of ``picks init``: look, ask, make, place, and say what comes next.

1. Look what is there. What is there stays as it is; where nothing is missing nothing is done.
2. Ask for what is missing, or take the defaults. Credentials are tried at once.
3. Make the files and the database aside, and give them their names when all of them are whole.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from bot.domain.channels import Channel, load_channel, load_channels
from bot.domain.config_files import channel_files
from bot.domain.errors import UsageError
from bot.domain.posts import Platform
from bot.interfaces.cli import terminal
from bot.interfaces.cli.environment_file import FILE
from bot.interfaces.cli.first_steps import questions, texts
from bot.interfaces.cli.first_steps.accounts import Verdict, given, try_account
from bot.interfaces.cli.first_steps.placing import PRIVATE, Placing, remove_remains, require_writable
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.interfaces.cli.invocation import Shell
    from bot.settings import Settings

_ASKED: Final = (Platform.BLUESKY, Platform.X, Platform.MASTODON)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder as it is: where everything belongs, and what of it is missing."""

    config: Path
    data: Path
    named_database: str | None  # by DATABASE_URL
    channels: tuple[Channel, ...]
    has_environment: bool
    has_database: bool

    @property
    def channel_file(self) -> Path:
        """Return where the channel file belongs."""
        return self.config / texts.NAME

    @property
    def database_file(self) -> Path:
        """Return where the SQLite file belongs."""
        return self.data / "picks.db"

    @property
    def missing(self) -> list[Path]:
        """Return the files that are to be written."""
        database = not self.has_database and self.named_database is None
        wanted = (
            (not self.channels, self.channel_file),
            (not self.has_environment, FILE),
            (database, self.database_file),
        )
        return [file for needed, file in wanted if needed]

    @property
    def complete(self) -> bool:
        """Say whether nothing is to be done."""
        return bool(self.channels) and self.has_environment and self.has_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What the files are to say; ``unsettled`` are the platforms that a person has to look after."""

    platforms: tuple[Platform, ...]
    time_zone: str
    variables: dict[str, SecretStr]
    unsettled: tuple[Platform, ...]


def set_up(opened: "Shell", *, yes: bool) -> None:
    """Make what is missing in this folder; raise PicksError, with nothing changed, when that cannot be."""
    home = look(opened.settings)
    remove_remains([home.channel_file, home.database_file, FILE])
    if home.complete:
        terminal.show("All is there, and nothing was changed. Next: picks doctor")
        return
    require_writable(home.missing)
    if not yes and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("picks init asks questions, and this is no terminal; picks init --yes takes the defaults")
    answers = _defaults(home) if yes else _ask(home)
    _make(home, answers)
    _say(home, answers)


def look(settings: "Settings") -> Home:
    """Return what is there."""
    has_environment = os.path.lexists(FILE)
    channels = tuple(load_channels(settings.config).values()) if channel_files(settings.config) else ()
    data = settings.data
    # Whoever has worked here without an environment file goes on with the same database.
    if not has_environment and not os.environ.get("PICKS_DATA") and not (channels and (data / "picks.db").exists()):
        data = Path("data")
    named = settings.database_url.get_secret_value().strip() if settings.database_url else None
    database = Database(named or f"sqlite:///{data / 'picks.db'}")
    try:
        has_database = database.schema_revision() is not None
    finally:
        database.close()
    return Home(
        config=settings.config,
        data=data,
        named_database=named or None,
        channels=channels,
        has_environment=has_environment,
        has_database=has_database,
    )


def _defaults(home: Home) -> Answers:
    """Take the defaults: the platforms that the environment has accounts of, else the file's."""
    channel = _channel(home)
    named = [platform for platform in _ASKED if given(os.environ, channel, platform)]
    tried = {platform: try_account(channel, platform, environ=os.environ, typed={}) for platform in named}
    for platform, verdict in tried.items():
        terminal.show(f"{platform}: {verdict.said}")
    platforms = channel.posting.platforms if home.channels else tuple(named) or channel.posting.platforms
    return Answers(
        platforms=platforms,
        time_zone=channel.posting.time_zone,
        variables=_folders(home),
        unsettled=tuple(item for item in platforms if item in _ASKED and not (item in tried and tried[item].fine)),
    )


def _ask(home: Home) -> Answers:
    files = [*map(str, home.missing)] if home.missing else ["the database"]
    terminal.show(
        f"This folder becomes the home of Daily Picks. Missing: {', '.join(files)}.",
        "Enter takes what stands in brackets; until the last answer nothing is written.",
        "",
    )
    channel = _channel(home)
    time_zone = channel.posting.time_zone if home.channels else questions.ask_time_zone(channel.posting.time_zone)
    variables = _folders(home)
    contact = None if home.has_environment or os.environ.get("PICKS_CONTACT") else questions.ask_contact()
    variables |= {"PICKS_CONTACT": SecretStr(contact)} if contact else {}
    offered = channel.posting.platforms if home.channels else _ASKED
    found = [_account(home, channel, platform) for platform in offered if platform in _ASKED]
    accounts = [account for account in found if account is not None]
    for account in accounts:
        variables |= account.typed
    unsettled = tuple(account.platform for account in accounts if not account.verdict.fine)
    return Answers(
        platforms=tuple(account.platform for account in accounts) or channel.posting.platforms,
        time_zone=time_zone,
        variables=variables,
        unsettled=unsettled if accounts else channel.posting.platforms,
    )


@dataclass(frozen=True, slots=True)
class _Account:
    platform: Platform
    typed: dict[str, SecretStr]
    verdict: Verdict


def _account(home: Home, channel: Channel, platform: Platform) -> _Account | None:
    """Return the account on a platform, of the environment or of a person, None where there is none."""
    if given(os.environ, channel, platform):
        verdict = try_account(channel, platform, environ=os.environ, typed={})
        terminal.show(f"{platform}, as the environment has it: {verdict.said}")
        return _Account(platform, {}, verdict)
    if home.has_environment:  # it stays as it is
        return None
    answer = questions.ask_account(channel, platform, os.environ)
    return _Account(platform, *answer) if answer else None


def _channel(home: Home) -> Channel:
    return home.channels[0] if home.channels else load_channel(texts.STARTER)


def _folders(home: Home) -> dict[str, SecretStr]:
    return {"PICKS_CONFIG": SecretStr(str(home.config)), "PICKS_DATA": SecretStr(str(home.data))}


def _make(home: Home, answers: Answers) -> None:
    from bot.store.schema import upgrade

    with Placing() as placing:
        if not home.channels:
            words = texts.channel_file(platforms=answers.platforms, time_zone=answers.time_zone)
            placing.write(home.channel_file, words)
        if not home.has_database:
            named = home.named_database or f"sqlite:///{placing.prepare(home.database_file)}"
            database = Database(named)
            try:
                with terminal.busy("making the database"):
                    upgrade(database)
            finally:
                database.close()
        if not home.has_environment:
            placing.write(FILE, texts.environment_file(answers.variables), mode=PRIVATE)
        placing.finish()


def _say(home: Home, answers: Answers) -> None:
    made = [str(file) for file in home.missing]
    made += ["the tables of DATABASE_URL"] if home.named_database and not home.has_database else []
    lines = [f"made: {', '.join(made)}"]
    if not home.has_environment:
        lines.append(f"{FILE} is closed to others; picks reads it whenever it is started in this folder")
    if answers.unsettled:
        lines.append(f"to be seen to: {', '.join(answers.unsettled)}; fill in or correct {FILE}, then: picks doctor")
    lines.append("next: picks fetch, then picks queue; picks worker does it from then on, and posts what is approved")
    terminal.show(*lines)
