"""Put files in their places, all of them or none: what was there stays as it is.

Each file is made whole in a hidden folder beside its place, on the same file system, and gets its name at the end.
"""

import os
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bot.domain.errors import PicksError
from bot.store.new_files import give_name

PRIVATE: Final = 0o600
"""The mode of a file that its owner alone may read."""

_PREFIX: Final = ".picks-init-"


class Placing:
    """Files that are being made; without ``finish`` nothing of them is left."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._undo = ExitStack()
        self._files: list[tuple[Path, Path]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()
        self._stack.close()

    def prepare(self, target: Path) -> Path:
        """Return where the file is to be made; raise PicksError when nothing can be written there."""
        try:
            made = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=existing_folder(target))
        except OSError as error:
            raise cannot_write(target, error) from error
        self._stack.callback(shutil.rmtree, made, ignore_errors=True)
        self._files.append((Path(made, target.name), target))
        return Path(made, target.name)

    def write(self, target: Path, text: str, *, mode: int = 0o666) -> None:
        """Make a file of words; ``mode`` is what others may do with it, less what the shell forbids."""
        file = self.prepare(target)
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
        except OSError as error:
            raise cannot_write(target, error) from error

    def finish(self) -> None:
        """Give every file its name; raise PicksError, with nothing changed, when one name has been taken meanwhile."""
        for made, target in self._files:
            try:
                self._make_folder(target.parent)
                give_name(made, target)
            except OSError as error:
                raise cannot_write(target, error) from error
            self._undo.callback(target.unlink, missing_ok=True)
        self._undo.pop_all()

    def _make_folder(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folder(folder.parent)
        folder.mkdir()
        self._undo.callback(folder.rmdir)


def remove_remains(targets: list[Path]) -> None:
    """Remove what a process has left that was killed while it made these files; there may be a password in it."""
    folders = {folder for target in targets for folder in target.absolute().parents}
    for remains in (found for folder in folders for found in folder.glob(f"{_PREFIX}*")):
        number = remains.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(remains, ignore_errors=True)


def _runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def existing_folder(target: Path) -> Path:
    """Return the folder of a file, or the nearest one above it that is there."""
    return next((folder for folder in target.absolute().parents if folder.is_dir()), Path("/"))


def require_writable(targets: list[Path]) -> None:
    """Raise PicksError when a file cannot be written: before the questions, not after them."""
    for target in targets:
        folder = existing_folder(target)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PicksError(f"cannot write {target}: the folder {folder} is closed to you; go to one of your own")


def cannot_write(target: Path, error: OSError) -> PicksError:
    """Return what to say of a file that could not be written."""
    return PicksError(f"cannot write {target}: {error.strerror}; nothing was changed")
