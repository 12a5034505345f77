"""Whether the database can be used: reached, of this version, writable, with room on its disk."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import delete, false

from bot.domain.errors import PicksError
from bot.interfaces.doctor.checks import Check, attempt, failed, right, warning
from bot.settings import Settings
from bot.store.database import Database
from bot.store.worker_tables import Heartbeat

_MEGABYTE: Final = 1_000_000
LITTLE: Final = 500 * _MEGABYTE
"""Less room in bytes than this on a disk is said."""

_TOO_LITTLE: Final = 50 * _MEGABYTE


def database(settings: Settings) -> Iterator[Check]:
    """Yield the checks of the database; what cannot be reached is not asked for more."""
    try:
        opened = Database(settings.database_address)
    except PicksError as error:
        yield failed("database", str(error), step="correct DATABASE_URL")
        return
    version = attempt("database", lambda: _version(opened))
    yield version
    if version.ok:
        yield attempt("database writable", lambda: _write(opened))
    opened.close()
    yield disk(settings.data)


def disk(folder: Path, *, little: int = LITTLE) -> Check:
    """Say how much room the disk of a folder has, or of the nearest folder above that is there."""
    try:
        there = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        left = shutil.disk_usage(there).free
    except OSError as error:
        return failed("disk", f"{folder} cannot be looked at: {error.strerror}", step="see whether its disk is there")
    said = f"{left // _MEGABYTE:,} MB left at {there}"
    if left < _TOO_LITTLE:
        return failed("disk", said, step="make room: nothing can be stored without")
    return warning("disk", said, step="make room soon") if left < little else right("disk", said)


def _version(opened: Database) -> str:
    opened.require_schema()
    return f"{opened.display}, version {opened.schema_revision()}"


def _write(opened: Database) -> str:
    """Ask for a change of no row: it needs every right that a real one needs."""
    with opened.transaction() as session:
        session.execute(delete(Heartbeat).where(false()))
    return "rows can be changed"
