"""Which files of the configuration folder are channels. Quick to import: completion asks."""

from pathlib import Path
from typing import Final

PEOPLE_FILE: Final = "people.toml"
"""No channel can be called so: the file lies among the channel files."""


def channel_files(folder: Path) -> list[Path]:
    """Return the channel files of a folder by their names, none where it is no folder.

    Raises OSError where the folder cannot be read.
    """
    try:
        files = list(folder.iterdir())  # unlike a glob, it tells a closed folder from an empty one
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(file for file in files if file.name.endswith(".toml") and file.name != PEOPLE_FILE)
