"""What a database can have against us, of either kind, in one line with the next step.

The kinds are told apart by the databases' own numbers and never by their words, which differ with language and version:
SQLSTATE (https://www.postgresql.org/docs/current/errcodes-appendix.html) and SQLite's result codes
(https://www.sqlite.org/rescode.html). Only a connection that fails has no number; then the words choose an advice, and
nothing else.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from traceback import walk_tb
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.domain.errors import PicksError, TransientError
from bot.domain.redaction import redact
from bot.domain.text import sanitize


class DatabaseError(PicksError):
    """The database address is wrong, or the database is not as this version needs it: a person has to mend that."""


class DatabaseBusyError(TransientError):
    """The database cannot be reached or cannot do it now; what was begun is rolled back."""

    def __init__(self, message: str) -> None:
        super().__init__(message, of_account=False)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is wrong, in words behind the database's address, and what to do; ``passes`` says that time may mend it."""

    what: str
    next_step: str
    passes: bool = False


_FAULT: Final = _Kind("did not accept this", "that is a fault of this program: please report it, with the place")
_SILENT: Final = _Kind(
    "did not answer", "check DATABASE_URL, and that the server runs and may be reached from here", passes=True
)
_BUSY: Final = _Kind("is busy", "another process holds it for too long; try again later", passes=True)
_OTHER_TABLES: Final = _Kind(
    "does not have the tables that this program made",
    "run picks db upgrade; where that changes nothing put a backup in its place, or name an empty database",
)
_NO_INDEX: Final = _Kind(
    "has an index of words that the SQLite of this Python cannot use",
    "run a Python whose SQLite has FTS5, as those of Debian and python.org have",
)
_CHANGED: Final = _Kind("undid this because others wrote at the same time", "try it again", passes=True)
_ENDED: Final = _Kind("ended the connection", "try again when it is up", passes=True)
_SLOW: Final = _Kind(
    "took longer than it may",
    "try again later; if it stays so, raise statement_timeout of the user of DATABASE_URL",
    passes=True,
)
_TOO_LITTLE: Final = _Kind("has too little room", "give it memory, or try again later", passes=True)
_DAMAGED: Final = _Kind("is damaged or its disk fails", "put a backup in its place, and check the disk")
_NOT_WRITTEN: Final = _Kind(
    "cannot be written to its disk",
    "nothing was changed; make room where the disk or a quota is full, else check the disk",
    passes=True,
)
_ENCODING: Final = _Kind(
    "cannot hold this text", "it needs the encoding UTF8: createdb --encoding=UTF8 --template=template0 NAME"
)
_POOLED: Final = _Kind(
    "forgets prepared statements",
    "a pooler stands before it: let it keep sessions (pool_mode = session), or name the server itself",
)

_POSTGRES: Final[Mapping[str, _Kind]] = {
    "08": _SILENT,
    "0A": _Kind(
        "cannot do this", "name the PostgreSQL server itself, not a pooler or a substitute that leaves something out"
    ),
    "22021": _ENCODING,
    "22P05": _ENCODING,
    "25006": _Kind(
        "takes no changes",
        "name the server that does, for example by ?target_session_attrs=read-write, or make it writable again",
        passes=True,
    ),
    "25P03": _ENDED,
    "25P04": _SLOW,
    "26": _POOLED,
    "28": _Kind("does not let us in", "check user and password in DATABASE_URL"),
    "3D": _Kind("is not there", "make it with createdb NAME, or correct DATABASE_URL"),
    "3F": _Kind("has no such schema", "make it with CREATE SCHEMA, or choose another by ?options=-csearch_path%3DNAME"),
    "40": _CHANGED,
    "42501": _Kind(
        "does not allow this",
        "let its owner run GRANT USAGE, CREATE ON SCHEMA public TO the user of DATABASE_URL, and GRANT ALL ON the "
        "tables and sequences in it where another user has made them",
    ),
    "42P01": _OTHER_TABLES,
    "42P05": _POOLED,
    "42P07": _OTHER_TABLES,
    "42701": _OTHER_TABLES,
    "42703": _OTHER_TABLES,
    "42710": _OTHER_TABLES,
    "53": _TOO_LITTLE,
    "53100": _Kind("has a full disk", "nothing was changed; make room, then try again", passes=True),
    "53300": _Kind("takes no more connections", "close others, raise its limit, or try again later", passes=True),
    "55006": _BUSY,
    "55P03": _BUSY,
    "57": _ENDED,
    "57014": _SLOW,
    "58": _DAMAGED,
    "F0": _DAMAGED,
    "XX": _DAMAGED,
}
"""By SQLSTATE or the beginning of one; the longest one that fits counts, and what fits none is a fault of ours."""

_SQLITE: Final[Mapping[str, _Kind]] = {
    "SQLITE_AUTH": _Kind("does not allow this", "check the file's permissions"),
    "SQLITE_BUSY": _BUSY,
    "SQLITE_CANTOPEN": _Kind(
        "cannot be opened", "it has to be a file, in a folder that this user may write to; check DATABASE_URL"
    ),
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_ERROR": _OTHER_TABLES,
    "SQLITE_FULL": _Kind("has no room left on its disk", "nothing was changed; make room, then try again", passes=True),
    "SQLITE_IOERR": _DAMAGED,
    "SQLITE_IOERR_SHMSIZE": _NOT_WRITTEN,  # the file beside the database, also for reading
    "SQLITE_IOERR_WRITE": _NOT_WRITTEN,  # a quota; of a full disk it says SQLITE_FULL
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_NOMEM": _TOO_LITTLE,
    "SQLITE_NOTADB": _Kind("is not usable as a database", "check DATABASE_URL"),
    "SQLITE_PERM": _Kind("does not allow this", "check the permissions of the file and its folder"),
    "SQLITE_PROTOCOL": _BUSY,
    "SQLITE_READONLY": _Kind(
        "takes no changes", "let this user write to the file and to its folder, or correct DATABASE_URL"
    ),
    "SQLITE_SCHEMA": _CHANGED,
}
"""By an extended result code, or else by the part of it that stands before its own word."""

_CONNECTING: Final = (
    ("password", "check user and password in DATABASE_URL"),
    ("too many", "close other connections, raise the limit, or try again later"),
    ("remaining connection slots", "close other connections, raise the limit, or try again later"),
    ("encryption", "the server wants another sslmode in DATABASE_URL: ?sslmode=require, or ?sslmode=disable"),
    ("SSL", "check sslmode and the certificates in DATABASE_URL"),
    ("certificate", "check sslmode and the certificates in DATABASE_URL"),
    ('database "', "make it with createdb NAME, or correct DATABASE_URL"),
    ('role "', "make it with createuser, or correct the user in DATABASE_URL"),
)
"""What helps where a server speaks English when it lets nobody in; in another language the general advice stands."""

_LONGEST: Final = 300
_OURS: Final = "bot.store.database"
"""What passes every error on, and is the place of none."""


@contextmanager
def said_plainly(display: str) -> Iterator[None]:
    """Turn each error of the database that leaves the block into DatabaseError or DatabaseBusyError.

    ``display`` is the database's address as it is shown.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise in_words(error, display=display) from error


def in_words(error: SQLAlchemyError, *, display: str) -> DatabaseError | DatabaseBusyError:
    """Return what a person has to know of an error, which is of one of the two classes."""
    kind, reason = _kind(error), _reason(error)
    advice = kind.next_step
    if kind is _SILENT:
        advice = next((better for words, better in _CONNECTING if words in reason), advice)
    if kind is _FAULT:
        advice += f" {_place(error)}"
    message = f"{display} {kind.what}: {reason}; {advice}"
    return DatabaseBusyError(message) if kind.passes else DatabaseError(message)


def _kind(error: SQLAlchemyError) -> _Kind:
    if isinstance(error, PoolTimeoutError):
        return _BUSY
    if not isinstance(error, DBAPIError):
        return _FAULT
    state = getattr(error.orig, "sqlstate", None)
    if state:
        return next((_POSTGRES[state[:length]] for length in (5, 2) if state[:length] in _POSTGRES), _FAULT)
    name = getattr(error.orig, "sqlite_errorname", None)
    if name and "no such module: fts5" in str(error.orig):
        return _NO_INDEX
    if name:
        return _SQLITE.get(name) or _SQLITE.get("_".join(name.split("_")[:2]), _FAULT)
    return _SILENT if isinstance(error, OperationalError) or error.connection_invalidated else _FAULT


def _reason(error: SQLAlchemyError) -> str:
    """Return the first line of what the database says: in the others may stand what was to be stored."""
    cause = (error.orig if isinstance(error, StatementError) else None) or error
    # str() of the library's own errors goes on with an address of its website.
    words = cause.args[0] if isinstance(cause, SQLAlchemyError) and cause.args else cause
    lines = str(words).strip().splitlines() or [type(cause).__name__]
    line = " ".join(redact(sanitize(lines[0])).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _place(error: SQLAlchemyError) -> str:
    """Return where in this program it happened."""
    frames = ((frame.f_globals.get("__name__", ""), line) for frame, line in walk_tb(error.__traceback__))
    ours = [f"{name}:{line}" for name, line in frames if name.startswith("bot.") and not name.startswith(_OURS)]
    return ours[-1] if ours else "unknown"
