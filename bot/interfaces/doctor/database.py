"""Whether the database can be used: reached, of this version, writable, with room on its disk."""

from collections.abc import Iterator

from sqlalchemy import delete, false

from bot.domain.errors import PicksError
from bot.interfaces.doctor.checks import Check, attempt, failed_by
from bot.interfaces.doctor.folders import disk, sessions, stores
from bot.settings import Settings
from bot.store.database import Database
from bot.store.worker_tables import Heartbeat


def database(settings: Settings) -> Iterator[Check]:
    """Yield the checks of the database; what cannot be reached is not asked for more."""
    opened: Database | None = None
    try:
        opened = Database(settings.database_address)
    except PicksError as error:
        yield failed_by("database", error, step="correct DATABASE_URL")
    if opened is not None:
        yield from _usable(opened)
    for name, folder in stores(opened, settings.data).items():
        yield disk(folder, name=name)
    yield sessions(settings.sessions)


def _usable(opened: Database) -> Iterator[Check]:
    version = attempt("database", lambda: _version(opened))
    yield version
    if version.ok:
        yield attempt("database writable", lambda: _write(opened))
    opened.close()


def _version(opened: Database) -> str:
    opened.require_schema()
    return f"{opened.display}, version {opened.schema_revision()}"


def _write(opened: Database) -> str:
    """Ask for a change of no row: it needs every right that a real one needs."""
    with opened.transaction() as session:
        session.execute(delete(Heartbeat).where(false()))
    return "rows can be changed"
