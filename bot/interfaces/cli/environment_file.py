"""The file of environment variables that ``picks`` reads: ``picks.env`` of the working folder, or a named one.

A ``.env`` belongs to other programs and is never read unless it is named. The file lies below the environment: what is
exported comes first, and an account is taken from one of the two as a whole, so that no password goes to the server of
another account.
"""

import os
import stat
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Final

from bot.domain.errors import PicksError, UsageError

FILE: Final = Path("picks.env")
"""What is read without being named, in the working folder."""

_FOLDERS: Final = {"PICKS_CONFIG", "PICKS_DATA"}
"""Meant from the file's own folder, so that a file that is named from elsewhere finds the same database."""

_ACCOUNTS: Final = (
    ("BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD", "BLUESKY_SERVICE"),
    ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET", "X_API_URL"),
    ("MASTODON_ACCESS_TOKEN", "MASTODON_URL"),
)
_OPEN_TO_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def load(named: Path | None, environ: MutableMapping[str, str] = os.environ) -> None:
    """Add the variables of the file to the environment; do nothing where no file is named and none is there.

    Raises PicksError when the file cannot be read, holds a line that is no assignment, or could be another user's.
    """
    if named is None and not os.path.lexists(FILE):
        return
    file = FILE if named is None else named
    given = _read(file, must_be_own=named is None)
    exported = {name for name in environ if environ[name].strip()}
    others = {name for name in exported if environ[name].strip() != given.get(name)}
    for name, value in given.items():
        if value and name not in exported and not others.intersection(_belonging_together(name)):
            environ[name] = _from_folder(file.parent, value) if name in _FOLDERS else value


def _read(file: Path, *, must_be_own: bool) -> Mapping[str, str]:
    try:
        if not file.is_file():
            raise UsageError(f"there is no environment file {file}; name another one with --env-file")
        if must_be_own:
            _require_own(file)
        text = file.read_text("utf-8")
    except OSError as error:
        raise PicksError(f"cannot read the environment file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PicksError(f"the environment file {file} is not in UTF-8; save it in that encoding") from error
    return dict(_assignments(file, text))


def _require_own(file: Path) -> None:
    """Raise PicksError when somebody else may write or read the file: it decides where passwords go."""
    found = file.stat()
    if found.st_uid not in {os.geteuid(), 0}:
        raise PicksError(
            f"{file} in this folder belongs to another user; if it is to be read, name it: --env-file {file}"
        )
    if found.st_mode & _OPEN_TO_OTHERS:
        raise PicksError(f"{file} holds passwords and is open to other users; close it: chmod 600 {file}")


def _assignments(file: Path, text: str) -> Iterator[tuple[str, str]]:
    from io import StringIO

    from dotenv.parser import parse_stream  # loads re and codecs only, and only where a file is there

    for item in parse_stream(StringIO(text)):
        if item.key is None and not item.error:
            continue  # a comment or an empty line
        if item.error or item.key is None or item.value is None or "\0" in item.value:
            raise PicksError(f"the environment file {file}: line {item.original.line} is not NAME=VALUE; correct it")
        yield item.key, item.value.strip()


def _belonging_together(name: str) -> tuple[str, ...]:
    """Return all variables of an account, with the same channel's prefix, or the variable alone."""
    for account in _ACCOUNTS:
        for item in account:
            if name == item or name.endswith(f"_{item}"):
                prefix = name.removesuffix(item)
                return tuple(prefix + other for other in account)
    return (name,)


def _from_folder(folder: Path, value: str) -> str:
    return value if "://" in value else str(folder / value)
