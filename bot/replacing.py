"""A file that others read is replaced as a whole: they find the old text or the new one, never a part."""

import os
import tempfile
from pathlib import Path


def replace(file: Path, text: str, *, mode: int) -> None:
    """Put a text in the place of a file, or make it; a link stays one.

    Raises OSError; then all is as it was before.
    """
    file = file.resolve()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    made = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        made.chmod(mode)
        made.replace(file)
    finally:
        made.unlink(missing_ok=True)
