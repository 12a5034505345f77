"""Whether there is room on the disks, and whether files can be made where the program makes them."""

import os
import shutil
from pathlib import Path
from typing import Final

from bot.interfaces.doctor.checks import Check, failed, right, warning
from bot.store.database import Database

_MEGABYTE: Final = 1_000_000
LITTLE: Final = 500 * _MEGABYTE
"""Less room in bytes than this on a disk is said."""

_TOO_LITTLE: Final = 50 * _MEGABYTE


def stores(used: Database | None, data: Path) -> dict[str, Path]:
    """Return the folders in which something is stored: the data's, and that of a database on a disk of its own."""
    found = {"disk": data.absolute()}
    if used is not None and used.file is not None:
        folder = used.file.absolute().parent
        if _device(folder) != _device(data):
            found["disk of the database"] = folder
    return found


def disk(folder: Path, *, name: str = "disk", little: int = LITTLE) -> Check:
    """Say how much room the disk of a folder has, or of the nearest folder above that is there."""
    there = nearest(folder)
    try:
        left = shutil.disk_usage(there).free
    except OSError as error:
        return failed(name, f"{there} cannot be looked at: {error.strerror}", step="see whether its disk is there")
    said = f"{left // _MEGABYTE:,} MB left at {there}"
    if left < _TOO_LITTLE:
        return failed(name, said, step="make room: nothing can be stored without")
    return warning(name, said, step="make room soon") if left < little else right(name, said)


def writable(name: str, folder: Path, *, step: str, made: bool = True) -> Check:
    """Say whether files can be made in a folder; ``made``: it is made where it is not there."""
    there = nearest(folder) if made else folder.absolute()
    if os.path.isdir(there) and os.access(there, os.W_OK | os.X_OK):  # noqa: PTH112 - the same
        return right(name, f"files can be made in {folder}")
    return failed(name, f"no file can be made in {there}", step=step)


def sessions(folder: Path) -> Check:
    """Say whether signed-in sessions can be kept: a command that another user has given may have made the folder."""
    step = "let this user have it (chown), or name another folder in PICKS_DATA"
    found = writable("data folder", folder, step=step)
    closed = [file for file in folder.glob("*.session") if not os.access(file, os.R_OK)] if found.ok else []
    return failed(found.name, f"{closed[0]} cannot be read", step=step) if closed else found


def nearest(folder: Path) -> Path:
    """Return a folder, or the nearest place above it that is there and not hidden in a closed one."""
    places = (folder.absolute(), *folder.absolute().parents)
    return next(place for place in places if os.path.exists(place))  # noqa: PTH110 - Path raises for a hidden one


def _device(folder: Path) -> int | None:
    """Return which disk a folder is on, or will be on, None where it cannot be looked at."""
    try:
        return nearest(folder).stat().st_dev
    except OSError:
        return None
