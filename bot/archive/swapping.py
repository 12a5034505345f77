"""Put one folder in the place of another in a single step.

Linux and macOS can exchange two names at once, so a reader finds the one or the other at any moment. Where the file
system cannot, two renames do it, with a moment between them at which nothing is there; ``recover`` mends what a crash
leaves at any moment of that.
"""

import ctypes
import errno
import os
import shutil
import sys
from pathlib import Path
from typing import Final

_HERE: Final = -100  # AT_FDCWD
_EXCHANGE: Final = 2
"""RENAME_EXCHANGE of https://man7.org/linux/man-pages/man2/rename.2.html, and RENAME_SWAP of macOS' renamex_np."""

_CANNOT: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})


def put_in_place(new: Path, place: Path) -> None:
    """Put the folder ``new`` at ``place``; what was there is at ``new`` afterwards. Raises OSError."""
    if not place.exists():
        new.rename(place)
    elif not _exchanged(new, place):
        _rename_both(new, place)


def recover(place: Path) -> None:
    """Mend what a crash has left aside: the old folder goes back, or goes away where the new one is in its place."""
    aside = _aside(place)
    if not aside.exists():
        return
    if place.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(place)


def _rename_both(new: Path, place: Path) -> None:
    aside = _aside(place)
    place.rename(aside)
    new.rename(place)
    aside.rename(new)


def _aside(place: Path) -> Path:
    return place.with_name(f".{place.name}.old")


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names at once; False where system or file system cannot."""
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(names[0], names[1], _EXCHANGE)
    else:
        return False
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))
