"""Create and migrate the schema, with Alembic and the scripts in ``migrations``."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.schema import SchemaItem

from bot.store.database import SCHEMA_REVISION, Database, DatabaseError, is_newer
from bot.store.search_index import read_all_odd
from bot.store.tables import METADATA

_BY_TRIGGERS: Final = ("search_", "queue_sizes")
"""What the names begin with of all that triggers keep, and no class maps."""


def upgrade(
    database: Database, *, revision: str = "head", say: Callable[[str], None] | None = None
) -> tuple[str | None, str]:
    """Bring the schema up to date and return the versions before and after; the same version means nothing to do.

    ``say`` is told how far it is where there is much to do. Raises DatabaseError, with the way out, when the database
    cannot be used.
    """
    database.make_folder()
    before = database.schema_revision()
    database.require_unicode()
    config = _config()
    if before is not None:
        _require_ours(database, before, config)
    with database.migrating() as connection:
        config.attributes["connection"] = connection
        config.attributes["say"] = say
        command.upgrade(config, revision)
    after = database.schema_revision() or ""
    if after == SCHEMA_REVISION:
        read_all_odd(database, say=say)
    return before, after


def _require_ours(database: Database, before: str, config: Config) -> None:
    """Raise DatabaseError when the version that a database stands at is newer than this program, or of another one."""
    if is_newer(before):
        raise DatabaseError(
            f"the database {database.display} is at version {before}, newer than this program knows "
            f"({SCHEMA_REVISION}); update daily-picks"
        )
    if before not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        raise DatabaseError(
            f"the database {database.display} is at version {before!r}, which is none of this program's; name a "
            "database of its own in DATABASE_URL"
        )


def newest_revision() -> str:
    """Return the newest migration script's revision."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def differences(database: Database) -> list[object]:
    """Return what the tables have and the migrated database lacks, or the other way round; empty when they agree."""
    with database.connection() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_written_by_us}
        )
        found: list[object] = compare_metadata(context, METADATA)
        return found


def _is_written_by_us(_item: SchemaItem, name: str | None, _kind: str, reflected: bool, _other: object) -> bool:  # noqa: FBT001 - as Alembic calls it
    """Leave out what triggers keep: it is no part of the tables that code writes."""
    return not (reflected and (name or "").startswith(_BY_TRIGGERS))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
