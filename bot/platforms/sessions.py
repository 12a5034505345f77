"""Where a signed-in session is kept between runs, because platforms count log-ins.

The text of a session is a secret like a password. This module keeps it in a file of its owner alone; it never logs it
and never looks inside.
"""

import hashlib
import re
from pathlib import Path
from typing import Protocol

from bot.domain.errors import TransientError
from bot.domain.redaction import redact
from bot.replacing import replace


class SessionStore(Protocol):
    """One account's session, as text."""

    def load(self) -> str | None:
        """Return the text saved last, None when there is none."""

    def save(self, text: str) -> None:
        """Keep the text in place of the one before."""


class SessionFileError(TransientError):
    """The session's file cannot be read or written: nothing was sent, and it may work once the folder does."""


class FileSessionStore:
    """A session in a file that only its owner may read, replaced as a whole.

    ``account`` tells accounts apart that share the folder: put the service and the handle into it.
    """

    def __init__(self, folder: Path, *, account: str) -> None:
        slug = re.sub(r"[^a-z0-9.-]+", "-", redact(account).lower()).strip("-.")[:60]
        digest = hashlib.sha256(account.encode()).hexdigest()[:12]
        self._file = folder / f"{slug}-{digest}.session"

    @property
    def file(self) -> Path:
        """Return where the session is kept."""
        return self._file

    def load(self) -> str | None:
        """Return the text saved last, None when there is none; raise SessionFileError when it cannot be read."""
        try:
            return self._file.read_text("utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            return None  # not what we wrote: worth no more than no session
        except OSError as error:
            raise self._failure("read", error) from error

    def save(self, text: str) -> None:
        """Keep the text; after a crash the file holds the old text or the new one, never a part."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace(self._file, text, mode=0o600)
        except OSError as error:
            raise self._failure("write", error) from error

    def _failure(self, verb: str, error: OSError) -> SessionFileError:
        reason = error.strerror or str(error)
        return SessionFileError(
            f"cannot {verb} the session file {self._file}: {reason}; check the folder's permissions"
        )
