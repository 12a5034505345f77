"""The dialogue of ``picks init``: what is asked, and when it is asked again."""

import getpass
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.mastodon_section import server_address
from bot.domain.posts import Platform
from bot.domain.web_addresses import web_address_problem
from bot.interfaces.cli import terminal
from bot.interfaces.cli.first_steps.accounts import VARIABLES, Verdict, try_account

_SERVICE: Final = "https://bsky.social"
_WORDS: Final = {
    "BLUESKY_HANDLE": "Handle, such as picks.bsky.social",
    "BLUESKY_APP_PASSWORD": "App password, made in Settings > Privacy and security (not shown)",
    "X_CONSUMER_KEY": "API key of the application (not shown)",
    "X_CONSUMER_SECRET": "API key secret (not shown)",
    "X_ACCESS_TOKEN": "Access token of the account (not shown)",
    "X_ACCESS_TOKEN_SECRET": "Access token secret (not shown)",
    "MASTODON_ACCESS_TOKEN": "Access token, made in Preferences > Development (not shown)",
}
_OPEN: Final = ("BLUESKY_SERVICE", "BLUESKY_HANDLE", "MASTODON_URL")
"""What is shown, and offered again where it is typed again."""

_TITLES: Final = {Platform.BLUESKY: "Bluesky", Platform.X: "X", Platform.MASTODON: "Mastodon"}

Check = Callable[[str], str | None]
"""Returns what is wrong with an answer."""


def ask_time_zone(default: str) -> str:
    """Return a time zone that is known."""
    return ask("Time zone of the posting times", default=default, check=_zone_problem)


def ask_contact() -> str | None:
    """Return an address for arXiv's operators, None for none."""
    return ask("Mail or web address that arXiv's operators may write to (empty: none)", check=_contact_problem) or None


def ask_account(
    channel: Channel, platform: Platform, environ: Mapping[str, str]
) -> tuple[dict[str, SecretStr], Verdict] | None:
    """Return the variables of an account and what its sign-in said, None where there is to be none.

    What is wrong is asked again, or kept as it is if that is wanted.
    """
    title = _TITLES[platform]
    if not agree(f"Post on {title}?", default=platform is Platform.BLUESKY):
        return None
    typed: dict[str, SecretStr] = {}
    while True:
        before = {name: value.get_secret_value() for name, value in typed.items() if name in _OPEN}
        typed = _ask_variables(channel, platform, {**environ, **before})
        with terminal.busy(f"signing in to {title}"):
            verdict = try_account(channel, platform, environ=environ, typed=typed)
        terminal.show(f"  {title}: {verdict.said}")
        if not verdict.wrong or not agree("  Type it again? (no keeps it as it is)", default=True):
            return typed, verdict


def ask(question: str, *, default: str = "", check: Check | None = None, secret: bool = False) -> str:
    """Return the answer, the default for an empty one; ask again while something is wrong with it."""
    while True:
        shown = f"{question} [{default}]: " if default else f"{question}: "
        answer = _line(shown, secret=secret).strip() or default
        problem = "it is not plain text" if not _is_plain(answer) else check(answer) if check else None
        if problem is None:
            return answer
        terminal.show(f"  {problem}")


def agree(question: str, *, default: bool) -> bool:
    """Return whether the answer is yes."""
    answer = ask(f"{question} [{'Y/n' if default else 'y/N'}]", check=_yes_or_no).lower()
    return answer.startswith("y") if answer else default


def _ask_variables(channel: Channel, platform: Platform, environ: Mapping[str, str]) -> dict[str, SecretStr]:
    typed: dict[str, SecretStr] = {}
    if platform is Platform.BLUESKY:
        usual = environ.get("BLUESKY_SERVICE", "").strip() or _SERVICE
        service = ask("  Server", default=usual, check=_address_problem)
        if service != _SERVICE:
            typed["BLUESKY_SERVICE"] = SecretStr(service)
    elif platform is Platform.MASTODON:
        if channel.mastodon.instance is None:
            usual = environ.get("MASTODON_URL", "").strip()
            server = ask("  Server, such as https://mastodon.example", default=usual, check=_server_problem)
            typed["MASTODON_URL"] = SecretStr(server)
    elif server := environ.get("X_API_URL", "").strip():  # the file names the server that the keys were tried at
        typed["X_API_URL"] = SecretStr(server)
    for name in VARIABLES[platform]:
        secret = name not in _OPEN
        usual = "" if secret else environ.get(name, "").strip()
        typed[name] = SecretStr(ask(f"  {_WORDS[name]}", default=usual, check=_something, secret=secret))
    return typed


def _line(question: str, *, secret: bool) -> str:
    try:
        return getpass.getpass(question) if secret else input(question)
    except EOFError:
        raise PicksError("the answers ended before the questions; nothing was changed") from None


def _is_plain(answer: str) -> bool:
    return terminal.is_text(answer) and answer.isprintable()


def _something(answer: str) -> str | None:
    return None if answer else "it must not be empty; Ctrl-C ends it, and nothing is changed"


def _yes_or_no(answer: str) -> str | None:
    return None if answer.lower() in {"", "y", "yes", "n", "no"} else "answer y or n"


def _address_problem(answer: str) -> str | None:
    problem = web_address_problem(answer)
    return f"it {problem}" if problem else None


def _server_problem(answer: str) -> str | None:
    try:
        server_address(answer)
    except ValueError as error:
        return str(error)
    return None


def _contact_problem(answer: str) -> str | None:
    return None if answer.isascii() else "it may hold plain ASCII characters only, such as mailto:picks@example.org"


def _zone_problem(answer: str) -> str | None:
    try:
        ZoneInfo(answer)
    except (ValueError, OSError, KeyError):
        return f"{answer} is no time zone; write one such as Europe/Berlin, America/New_York or UTC"
    return None
