"""Feeds kept in files, here or on a web server: what somebody saved with curl, or an archive's ``.xml.gz``.

This module owns reading such a file within bounds. It never looks inside the feed: ``feeds`` does.
"""

import codecs
import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO, Final

from bot.arxiv.errors import CaptureError

MAX_BYTES: Final = 20_000_000
"""Bytes of a decoded feed; the largest ever captured has less than two million."""

_GZIP_MAGIC: Final = b"\x1f\x8b"
_BYTE_ORDER_MARKS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read(path: Path, *, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the XML of a capture, unpacked when its content (not its name) is gzip.

    Raises CaptureError when the file is missing, unreadable, no XML, damaged, or unpacks to more than ``max_bytes``.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "is missing" if not path.exists() else "is no ordinary file"
        raise CaptureError(f"{path} {what}; name a feed's .xml or .xml.gz file")
    try:
        with path.open("rb") as file:
            body = _unpacked(file, source=str(path), max_bytes=max_bytes)
    except OSError as error:
        raise CaptureError(
            f"cannot read {path}: {error.strerror or error}; check the file and its permissions"
        ) from error
    if not _begins_like_xml(body):
        what = "no XML" if body.strip() else "empty"
        raise CaptureError(f"{path} is {what}; name a feed's .xml or .xml.gz file")
    return body


def _begins_like_xml(body: bytes) -> bool:
    """Say whether the first sign is a ``<``, in UTF-8 or in UTF-16, where every other byte of it is zero."""
    for mark in _BYTE_ORDER_MARKS:
        body = body.removeprefix(mark)
    return body.lstrip(b"\0 \t\r\n").startswith(b"<")


def unpacked(body: bytes, *, source: str, max_bytes: int = MAX_BYTES) -> bytes:
    """Return what was downloaded, unpacked when its content is gzip.

    Raises CaptureError, naming ``source``, when it is damaged or holds more than ``max_bytes``.
    """
    return _unpacked(io.BytesIO(body), source=source, max_bytes=max_bytes)


def _unpacked(stream: BinaryIO, *, source: str, max_bytes: int) -> bytes:
    packed = stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    stream.seek(0)
    # One byte past the limit at most, so that a small file that unpacks to gigabytes costs nothing.
    body = _gunzipped(stream, source=source, size=max_bytes + 1) if packed else stream.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise CaptureError(f"{source} holds more than {max_bytes:,} bytes: no feed is that large; check the file")
    return body


def _gunzipped(stream: BinaryIO, *, source: str, size: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=stream) as packed:
            return packed.read(size)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CaptureError(f"{source} is damaged or cut off gzip ({error}); copy or fetch it again") from error
