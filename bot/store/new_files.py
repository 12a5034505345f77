"""A new file comes whole or not at all, and never in the place of another one."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

_NO_SECOND_NAMES: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
"""How a file system says that a file has one name there: FAT, exFAT and many network disks."""


def give_name(made: Path, target: Path, *, link: Callable[[Path, Path], None] = os.link) -> None:
    """Let a finished file be called ``target``; it may lose the name that it was made under.

    Raises FileExistsError where something is called so already, and OSError where the name cannot be given.
    """
    try:
        link(made, target)  # unlike a renaming, it never replaces a file that came meanwhile
    except OSError as error:
        if error.errno not in _NO_SECOND_NAMES:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from None
        made.rename(target)


@contextmanager
def taking_turns(folder: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for the folder; one that was killed keeps nobody waiting."""
    number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a network disk may have no locks
            fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)
