"""The folder of a site, changed as a whole: a reader sees the old site or the new one, and so it is after a crash.

1. The new site grows in a folder beside the old one. Files that stay the same are the same files there (hard links).
2. Files that are not ours, such as CNAME or a ``.git``, come along.
3. The two folders change places in one step (``swapping``), and the old one is removed.

A list in the folder says which files are ours, and of what each was made (``listing``).
"""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final, Self

from bot.archive.drawn import DrawnPictures
from bot.archive.listing import LIST, folders_below, is_site, listed, read_list
from bot.archive.swapping import put_in_place, recover
from bot.domain.errors import PicksError

_ALLOWED: Final = frozenset({"CNAME", "README.md", "LICENSE"})
"""What may stand in a folder that is to become an archive, beside hidden files: a repository's first commit."""


_ON_THEIR_WAY: Final = 0.05
"""Seconds for those who have looked up the old folder and are about to open a file in it."""


class FolderError(PicksError):
    """The site cannot be written there."""


class FolderBusyError(FolderError):
    """Another process is changing the site; time mends that."""


class SiteFolder:
    """A site on disk, while it is changed; ``stamp`` and ``keys`` are what was stored with the site that is there."""

    def __init__(self, place: Path, *, elsewhere: Iterable[Path] = ()) -> None:
        self._place = place
        self._new = place.with_name(f".{place.name}.new")
        self._written: dict[str, str] = {}
        self._made: set[str] = set()
        self.stamp, self.keys = read_list(place)
        self.changed = 0
        self._pictures = DrawnPictures(place, _pictures_of(elsewhere))

    def keep(self, file: str, key: str) -> bool:
        """Take over a file that is there, if it was made of the same; say whether it was."""
        if self.keys.get(file) != key or not self._take(file):
            return False
        self._written[file] = key
        return True

    def write(self, file: str, content: bytes, key: str) -> None:
        """Write a file; where the same bytes are there already, that file is taken over."""
        self._written[file] = key
        if self._holds(file, content) and self._take(file):
            return
        with open(self._target(file), "wb") as target:  # noqa: PTH123 - thousands of files: a Path for each takes time
            target.write(content)
        self.changed += 1

    def write_drawn(self, file: str, draw: Callable[[], bytes], key: str) -> None:
        """Write a picture; one with this key is drawn once, also where the build that did it was killed."""
        self.write(file, self._pictures.content(key, draw), key)

    def finish(self, stamp: str) -> None:
        """Put the new site in the place of the old one."""
        self._take_others()
        (self._new / LIST).write_text(listed(stamp, self._written), "utf-8")
        os.sync()  # a power cut must not leave names without their bytes
        put_in_place(self._new, self._place)
        self._pictures.forget()
        time.sleep(_ON_THEIR_WAY)
        shutil.rmtree(self._new, ignore_errors=True)

    def _begin(self) -> None:
        shutil.rmtree(self._new, ignore_errors=True)
        self._new.mkdir()
        if self._place.exists():
            shutil.copymode(self._place, self._new)

    def _holds(self, file: str, content: bytes) -> bool:
        old = self._place / file
        try:
            return file in self.keys and old.stat().st_size == len(content) and old.read_bytes() == content
        except OSError:
            return False

    def _take(self, file: str) -> bool:
        """Let the new site have a file of the old one; False where that is gone."""
        return _link(f"{self._place}/{file}", self._target(file))

    def _target(self, file: str) -> str:
        """Return where a file of the new site lies, after making its folder."""
        folder = file.rpartition("/")[0]
        if folder not in self._made:
            os.makedirs(f"{self._new}/{folder}", exist_ok=True)  # noqa: PTH103 - the same
            self._made.add(folder)
        return f"{self._new}/{file}"

    def _take_others(self) -> None:
        """Take over what is not ours, as it is, with its empty folders: a repository needs them."""
        ours = {str(parent) for file in self.keys for parent in PurePosixPath(file).parents}
        for folder, files in folders_below(self._place):
            if folder not in ours:
                self._target(f"{folder}/")
            for name in files:
                file = name if folder == "." else f"{folder}/{name}"
                if file not in self.keys and file not in self._written and file != LIST:
                    self._take(file)

    @classmethod
    @contextmanager
    def changing(cls, folder: Path, *, elsewhere: Iterable[Path] = ()) -> Iterator[Self]:
        """Give the site in a folder, to be changed by this process alone; nothing changes before ``finish``.

        Pictures that a site ``elsewhere`` has are taken from there.

        Raises FolderError, which names the way out, where it cannot be written there.
        """
        place = folder.resolve()
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with _alone(place):
                recover(place)
                require_ours(place)
                site = cls(place, elsewhere=elsewhere)
                site._begin()
                try:
                    yield site
                finally:
                    shutil.rmtree(site._new, ignore_errors=True)
        except OSError as error:
            raise FolderError(
                f"cannot write the archive to {folder}: {error.strerror or error}; {_way_out(error)}"
            ) from error


def _pictures_of(sites: Iterable[Path]) -> Mapping[str, Path]:
    """Return the pictures of sites by their keys."""
    return {key: place / file for place in sites for file, key in read_list(place)[1].items() if file.endswith(".png")}


def require_ours(place: Path) -> None:
    """Raise FolderError where something lies in the folder that is no archive: it may be anybody's home."""
    if not place.exists() or is_site(place):
        return
    if not place.is_dir():
        raise FolderError(f"cannot write the archive to {place}: it is a file; name a folder")
    others = [item.name for item in place.iterdir() if not item.name.startswith(".") and item.name not in _ALLOWED]
    if others:
        raise FolderError(
            f"{place} holds {others[0]} and no archive; name an empty folder, or a new one in it: {place / 'archive'}"
        )
    if place.is_mount():
        raise FolderError(
            f"{place} is a mounted volume, which cannot be swapped; name a folder in it: {place / 'site'}"
        )


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Keep others out who change the same site; a process that ends lets them in, however it ends."""
    lock = place.with_name(f".{place.name}.lock")
    number = _locked(lock)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)  # before others are let in: they would have another file
        os.close(number)


def _locked(lock: Path) -> int:
    """Return the open file that is the lock; raise FolderBusyError where somebody else has it."""
    while True:
        number = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_there(lock, number):
                return number
        except BlockingIOError:
            os.close(number)
            place = lock.with_name(lock.name[1:].removesuffix(".lock"))
            raise FolderBusyError(f"another process is writing the archive in {place}; try again in a minute") from None
        os.close(number)  # its owner has just removed it


def _is_there(file: Path, number: int) -> bool:
    try:
        return os.path.samestat(file.stat(), os.fstat(number))
    except FileNotFoundError:
        return False


def _link(source: str, target: str) -> bool:
    """Let a second name stand for a file; a copy where the file system has no such names. False where it is gone."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileNotFoundError:
        return False
    except FileExistsError:
        return True
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return True


def _way_out(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "make the folder above it writable for this user, or name another folder"
    return "free some space, or name another folder"
