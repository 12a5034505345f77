"""What the channel file and the environment file say at first."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bot.domain.posts import Platform

NAME: Final = "interpretability.toml"
STARTER: Final = Path(__file__).with_name(NAME)
"""The channel file that ships: the project's own."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9._~:/@+%=,?&-]*")
_ENVIRONMENT: Final = (
    (
        "The environment of Daily Picks in this folder. picks reads this file when it is started here; what is",
        "exported comes first. It may hold passwords: keep it out of version control, and closed to others (600).",
    ),
    ("Folders, meant from this file's own folder: the channel files, and the database with the sessions.",),
    ("PICKS_CONFIG", "PICKS_DATA"),
    ("The database, if it is not to be a SQLite file in PICKS_DATA: postgres://picks:password@localhost/picks",),
    ("DATABASE_URL",),
    ("A mail or web address for arXiv's operators, sent with every request for a feed.",),
    ("PICKS_CONTACT",),
    ("Bluesky: an app password (Settings > Privacy and security > App passwords), never the account's own.",),
    ("BLUESKY_SERVICE", "BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD"),
    ("X: the application's key pair and the account's token pair (OAuth 1.0a, read and write).",),
    ("X_API_URL", "X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"),
    ("Mastodon: the account's server, and a token with the scopes read and write (Preferences > Development).",),
    ("MASTODON_URL", "MASTODON_ACCESS_TOKEN"),
)
_VARIABLE: Final = re.compile(r"[A-Z][A-Z0-9_]+")


def channel_file(*, platforms: Sequence[Platform], time_zone: str) -> str:
    """Return the channel file that ships, with these platforms and this time zone."""
    named = ", ".join(f'"{platform}"' for platform in platforms)
    text = STARTER.read_text("utf-8")
    text = re.sub(r"^platforms = .*$", f"platforms = [{named}]", text, count=1, flags=re.MULTILINE)
    return re.sub(r"^time_zone = .*$", f'time_zone = "{time_zone}"', text, count=1, flags=re.MULTILINE)


def environment_file(values: Mapping[str, SecretStr]) -> str:
    """Return the environment file; a variable without a value stands there as a comment, to be filled in."""
    blocks: list[str] = []
    for lines in _ENVIRONMENT:
        if all(_VARIABLE.fullmatch(line) for line in lines):
            blocks[-1] += "".join(_assignment(name, values.get(name)) for name in lines)
        else:
            blocks.append("".join(f"# {line}\n" for line in lines))
    return "\n".join(blocks)


def _assignment(name: str, value: SecretStr | None) -> str:
    if value is None:
        return f"#{name}=\n"
    plain = value.get_secret_value()
    if _PLAIN.fullmatch(plain):
        return f"{name}={plain}\n"
    escaped = plain.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'\n"
