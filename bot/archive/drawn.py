"""Pictures that were drawn and stand in no finished site yet: a build that is killed leaves them to the next one.

They lie beside the site, each under the key of what it shows, until the site that has them is in its place.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

_SEAL: Final = 16
"""Bytes before a picture that tell a whole file from one that a power cut left."""


class DrawnPictures:
    """The pictures for the site at a place; ``elsewhere`` has those of other sites by their keys."""

    def __init__(self, place: Path, elsewhere: Mapping[str, Path]) -> None:
        self._folder = place.with_name(f".{place.name}.cards")
        self._elsewhere = elsewhere

    def content(self, key: str, draw: Callable[[], bytes]) -> bytes:
        """Return the picture with a key, drawn now unless that was done before."""
        return self._kept(key) or self._taken(key) or self._drawn(key, draw)

    def forget(self) -> None:
        """Remove all: the site has them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kept(self, key: str) -> bytes | None:
        try:
            sealed = (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None
        content = sealed[_SEAL:]
        return content if sealed[:_SEAL] == _seal(content) else None

    def _taken(self, key: str) -> bytes | None:
        try:
            return self._elsewhere[key].read_bytes()
        except (KeyError, OSError):
            return None

    def _drawn(self, key: str, draw: Callable[[], bytes]) -> bytes:
        content = draw()
        self._folder.mkdir(exist_ok=True)
        unfinished = self._folder / ".unfinished"
        unfinished.write_bytes(_seal(content) + content)
        unfinished.replace(self._folder / key)
        return content


def _seal(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL).digest()
